import { readFile } from 'node:fs/promises'
import { type Finding, fail, pass } from '../../finding.ts'
import { isNewEnough, neededNode } from '../../node-version.ts'
import { ownPackage } from '../../own-package.ts'
import type { Check } from '../check.ts'

/** The version of Node.js, and what runs on it. */
export const runtime: Check = {
  name: 'runtime',
  needs: 'nothing',
  look: async () => judge(process.versions.node, await graphileWorkerVersion()),
}

export function judge(version: string, graphileWorker: string): Finding {
  const found = `Node.js ${version}, pgbeat ${ownPackage.version}, graphile-worker ${graphileWorker}`
  if (isNewEnough(version)) return pass(found)
  return fail(`${found}: pgbeat needs Node.js ${neededNode} or newer`, 'install a newer Node.js, or run npm ci again')
}

/** It exports neither its version nor its package.json. */
async function graphileWorkerVersion(): Promise<string> {
  const file = new URL('../package.json', import.meta.resolve('graphile-worker'))
  return JSON.parse(await readFile(file, 'utf8')).version
}
