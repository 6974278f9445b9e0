import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import packageJson from '../package.json' with { type: 'json' }
import type { Node } from './store/nodes.ts'
import type { NodeKind } from './store/tables.ts'

/** This process in a role, under a new id. */
export function describeNode(kind: NodeKind): Node {
  return {
    id: randomUUID(),
    kind,
    host: hostname(),
    pid: process.pid,
    version: packageJson.version,
    tasks: [],
    concurrency: null,
    workerPoolId: null,
  }
}
