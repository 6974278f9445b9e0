import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { ownPackage } from './own-package.ts'
import type { Node } from './store/nodes.ts'
import type { NodeKind } from './store/tables.ts'

/** This process in a role, under a new id. */
export function describeNode(kind: NodeKind): Node {
  return {
    id: randomUUID(),
    kind,
    host: hostname(),
    pid: process.pid,
    version: ownPackage.version,
    tasks: [],
    concurrency: null,
    workerPoolId: null,
  }
}
