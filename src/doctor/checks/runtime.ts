import { readFile } from 'node:fs/promises'
import { type Finding, fail, pass } from '../../finding.ts'
import { ownPackage } from '../../own-package.ts'
import type { Check } from '../check.ts'

/** The version of Node.js, and what runs on it. */
export const runtime: Check = {
  name: 'runtime',
  needs: 'nothing',
  look: async () => judge(process.versions.node, await graphileWorkerVersion()),
}

export function judge(version: string, graphileWorker: string): Finding {
  const needed = ownPackage.engines.node.replace('>=', '')
  const found = `Node.js ${version}, pgbeat ${ownPackage.version}, graphile-worker ${graphileWorker}`
  if (isAtLeast(version, needed)) return pass(found)
  return fail(`${found}: pgbeat needs Node.js ${needed} or newer`, 'install a newer Node.js, or run npm ci again')
}

function isAtLeast(version: string, needed: string): boolean {
  return version.localeCompare(needed, 'en', { numeric: true }) >= 0
}

/** It exports neither its version nor its package.json. */
async function graphileWorkerVersion(): Promise<string> {
  const file = new URL('../package.json', import.meta.resolve('graphile-worker'))
  return JSON.parse(await readFile(file, 'utf8')).version
}
