import { useState } from 'preact/hooks'
import { act } from '../../data/act.ts'
import { api, mayAct } from '../../data/api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import type { Node, NodeQuery } from './nodes.tsx'
import { words } from './words.ts'

const routes = { drain: 'POST /nodes/{id}/drain', undrain: 'POST /nodes/{id}/undrain' } as const

/** Has a worker take no new runs, or take them again. */
export function Drain({ node, query }: { node: Node; query: NodeQuery }) {
  const w = words.value
  const [isAsking, setIsAsking] = useState(false)
  if (!mayAct('operator') || !node.is_alive) return null
  const kind = node.draining_at === null ? 'drain' : 'undrain'
  const name = `${node.host} ${node.pid}`
  const draining_at = kind === 'drain' ? new Date().toISOString() : null
  const perform = () =>
    act({
      run: () => api.call(routes[kind], { params: { id: node.id } }),
      assume: () =>
        query.assume(({ nodes, term }) => ({
          term,
          nodes: nodes.map((other) => (other.id === node.id ? { ...other, draining_at } : other)),
        })),
      done: () => w.done[kind],
      failed: w.failed[kind],
      settle: query.reload,
    })
  return (
    <div class="page-actions">
      <button
        type="button"
        aria-label={w[`${kind}Of`](name)}
        onClick={() => (kind === 'drain' ? setIsAsking(true) : perform())}
      >
        {w[kind]}
      </button>
      <Confirm
        isOpen={isAsking}
        title={w.drainSure(name)}
        action={w.drain}
        onConfirm={perform}
        onClose={() => setIsAsking(false)}
      >
        <p>{w.drainWhat}</p>
      </Confirm>
    </div>
  )
}
