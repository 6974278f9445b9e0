import { z } from 'zod'
import { asActor } from '../../store/as-actor.ts'
import { findNode, listNodes, setDraining } from '../../store/nodes.ts'
import type { Db } from '../../store/tables.ts'
import { actorOf } from '../access/caller.ts'
import { type Caller, endpoint } from '../endpoint.ts'
import { moment } from '../fields/instant.ts'
import { notFound, Problem } from '../problem.ts'

const tag = 'Cluster'

const nodeResource = z
  .object({
    id: z.guid(),
    kind: z.enum(['tick', 'worker', 'api']),
    host: z.string(),
    pid: z.int(),
    version: z.string(),
    tasks: z.array(z.string()).describe('Of a worker: the tasks that it has'),
    concurrency: z.int().nullable().describe('Of a worker: how many runs at once'),
    started_at: moment,
    heartbeat_at: moment,
    heartbeat_age_seconds: z
      .number()
      .describe("How long ago that is, by the database's clock; one that is well is younger than 2 s"),
    is_alive: z.boolean().describe('Whether it gave a sign of life within 6 s'),
    is_leader: z.boolean(),
    draining_at: moment.nullable().describe('Of a worker: since when it takes no new runs; null = it takes them'),
  })
  .meta({ id: 'Node' })

export const listNodesEndpoint = endpoint({
  id: 'listNodes',
  method: 'get',
  path: '/api/v1/nodes',
  tag,
  role: 'viewer',
  summary: 'List ticks, workers and apis',
  description: 'Those included that have died and are not forgotten yet.',
  status: 200,
  content: z.object({ data: z.array(nodeResource) }),
  async handle(_call, { db }) {
    return { content: { data: await listNodes(db) } }
  },
})

const common = {
  method: 'post',
  tag,
  role: 'operator',
  status: 202,
  content: z.object({ data: nodeResource }),
  problems: ['node_not_found', 'not_a_worker'],
} as const

export const drainNodeEndpoint = endpoint({
  ...common,
  id: 'drainNode',
  path: '/api/v1/nodes/{id}/drain',
  summary: 'Have a worker take no new runs',
  description:
    'It heeds that within a second, finishes what it has (`/runs?node_id=` lists it) and stays, until it is undrained or ' +
    'its process ends.',
  handle: async ({ params, caller }, { db }) => ({ content: { data: await draining(db, caller, params.id, true) } }),
})

export const undrainNodeEndpoint = endpoint({
  ...common,
  id: 'undrainNode',
  path: '/api/v1/nodes/{id}/undrain',
  summary: 'Have a worker take runs again',
  handle: async ({ params, caller }, { db }) => ({ content: { data: await draining(db, caller, params.id, false) } }),
})

async function draining(db: Db, caller: Caller, id: string, isDraining: boolean) {
  const node = await findNode(db, id)
  if (node === null) throw notFound('node', id)
  if (node.kind !== 'worker') throw new Problem('not_a_worker', `node ${id} is ${node.kind}, and only workers drain`)
  const told = await asActor(db, actorOf(caller), async (trx) =>
    (await setDraining(trx, node.id, isDraining)) ? findNode(trx, node.id) : null,
  )
  if (told === null) throw notFound('node', id)
  return told
}
