import { ownPackage } from './own-package.ts'

/** The oldest Node.js that pgbeat runs on, such as `22.18`. */
export const neededNode = ownPackage.engines.node.replace('>=', '')

/** @param version such as `26.10.0` */
export function isNewEnough(version: string): boolean {
  return version.localeCompare(neededNode, 'en', { numeric: true }) >= 0
}
