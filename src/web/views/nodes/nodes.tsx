import type { AnswerOf } from '../../../client/client.ts'
import { durationText } from '../../../core/duration-text.ts'
import { api } from '../../data/api.ts'
import { type Query, useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { exactTime, Instant } from '../../parts/instant.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { CurrentRuns } from './current-runs.tsx'
import { Drain } from './drain.tsx'
import './nodes.css'
import { words } from './words.ts'

export type Node = AnswerOf<'GET /nodes'>['data'][number]

export type NodeQuery = Query<{ readonly nodes: readonly Node[]; readonly term: number }>

/** Nodes come and go without a word. */
const everyMs = 2_000

const kinds = ['tick', 'worker', 'api'] as const

/** It beats every second; from 6 s on it is gone, and its runs begin anew elsewhere. */
const staleAfterSeconds = 3

/** What each worker runs is asked for at once where there are no more than so many. */
const mostOpen = 8

/** The processes that make up the system. */
export function Nodes() {
  const w = words.value
  const query: NodeQuery = useQuery(
    'nodes',
    async (signal) => {
      const [nodes, leader] = await Promise.all([
        api.call('GET /nodes', { signal }),
        api.call('GET /leader', { signal }),
      ])
      return { nodes: nodes.data, term: leader.data.term }
    },
    { everyMs },
  )
  const alive = query.data?.nodes.filter(({ is_alive: isAlive }) => isAlive) ?? []
  const counts = kinds.map((kind) => `${w.kinds[kind]} ${alive.filter((node) => node.kind === kind).length}`)
  return (
    <div class="stack">
      <PageHead title={w.title} count={query.data && w.alive(counts.join(', '))} />
      <Answer query={query}>
        {({ nodes, term }) => (
          <>
            {kinds.map((kind) => (
              <Kind
                key={kind}
                kind={kind}
                nodes={nodes.filter((node) => node.kind === kind)}
                term={term}
                query={query}
              />
            ))}
          </>
        )}
      </Answer>
    </div>
  )
}

interface KindProps {
  readonly kind: Node['kind']
  readonly nodes: readonly Node[]
  readonly term: number
  /** That they come from. */
  readonly query: NodeQuery
}

function Kind({ kind, nodes, term, query }: KindProps) {
  const w = words.value
  return (
    <section class="stack" aria-label={w.kinds[kind]}>
      <h2>{w.kinds[kind]}</h2>
      {nodes.length === 0 && <p class="card">{w.none[kind]}</p>}
      <ul class="plain nodes">
        {nodes.map((node) => (
          <li key={node.id} class="card stack">
            <Head node={node} term={term} query={query} />
            <Facts node={node} />
            {kind === 'worker' && <CurrentRuns node={node} isOpenAtFirst={nodes.length <= mostOpen} />}
          </li>
        ))}
      </ul>
    </section>
  )
}

type NodeProps = Pick<KindProps, 'term' | 'query'> & { readonly node: Node }

const tones = { alive: 'good', stale: 'warn', gone: 'bad' } as const
const signs = { alive: '✓', stale: '!', gone: '✕' } as const

function stateOf({ is_alive: isAlive, heartbeat_age_seconds: age }: Node): keyof typeof signs {
  if (!isAlive) return 'gone'
  return age < staleAfterSeconds ? 'alive' : 'stale'
}

function Head({ node, term, query }: NodeProps) {
  const w = words.value
  const state = stateOf(node)
  return (
    <div class="row">
      <h3>
        {node.host} <span class="soft">{w.process(node.pid)}</span>
      </h3>
      <span class={`badge badge-${tones[state]}`}>
        <span aria-hidden="true">{signs[state]}</span> {w.states[state]}
      </span>
      {node.is_leader && (
        <span class="badge badge-busy">
          <span aria-hidden="true">★</span> {w.leads(String(term))}
        </span>
      )}
      {node.draining_at !== null && (
        <span class="badge badge-warn">
          <span aria-hidden="true">⏸</span> {w.isDraining}
        </span>
      )}
      {node.kind === 'worker' && <Drain node={node} query={query} />}
    </div>
  )
}

function Facts({ node }: { node: Node }) {
  const w = words.value
  return (
    <dl class="facts">
      <div>
        <dt>{w.heartbeat}</dt>
        <dd>
          <time dateTime={node.heartbeat_at} title={exactTime(node.heartbeat_at)}>
            {w.ago(durationText(node.heartbeat_age_seconds * 1_000))}
          </time>
        </dd>
      </div>
      <div>
        <dt>{w.started}</dt>
        <dd>
          <Instant at={node.started_at} />
        </dd>
      </div>
      <div>
        <dt>{w.version}</dt>
        <dd>{node.version}</dd>
      </div>
      {node.draining_at !== null && (
        <div>
          <dt>{w.drainingSince}</dt>
          <dd>
            <Instant at={node.draining_at} />
          </dd>
        </div>
      )}
      {node.kind === 'worker' && (
        <>
          <div>
            <dt>{w.concurrency}</dt>
            <dd>{node.concurrency}</dd>
          </div>
          <div>
            <dt>{w.tasks}</dt>
            <dd>{node.tasks.join(', ')}</dd>
          </div>
        </>
      )}
    </dl>
  )
}
