import type { AnswerOf } from '../../../client/client.ts'
import { durationText } from '../../../core/duration-text.ts'
import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Finding } from '../../parts/finding.tsx'
import { words } from './words.ts'

export type Stats = AnswerOf<'GET /stats'>['data']

const doctorEveryMs = 20_000
const mirrorEveryMs = 5_000

const tones = { pass: 'good', warn: 'warn', fail: 'bad' } as const
const signs = { pass: '✓', warn: '!', fail: '✕' } as const

/** Who runs, and what the doctor says. */
export function Health({ stats: { leader, nodes } }: { stats: Stats }) {
  const w = words.value
  const doctor = useQuery('doctor', (signal) => api.call('GET /doctor', { signal }), { everyMs: doctorEveryMs })
  const mirror = useQuery('mirror', (signal) => api.call('GET /mirror', { signal }), { everyMs: mirrorEveryMs })
  const report = doctor.data?.data
  const verdicts = { pass: w.well, warn: w.warned, fail: w.ill }
  const toTell = report?.checks.filter(({ status }) => status === 'warn' || status === 'fail') ?? []
  const age = leader.heartbeat_age_seconds
  return (
    <section class={`card stack verdict ${report ? `verdict-${tones[report.status]}` : ''}`} aria-live="polite">
      <h2>
        {report ? (
          <>
            <span aria-hidden="true">{signs[report.status]}</span> {verdicts[report.status]}
          </>
        ) : (
          w.asking
        )}
      </h2>
      <dl class="row vitals">
        <div>
          <dt>{w.leader}</dt>
          <dd>
            {leader.node_id === null || age === null
              ? w.noLeader
              : `${leader.host} (${leader.pid}), ${w.term(leader.term)}, ${w.heartbeat(durationText(age * 1_000))}`}
          </dd>
        </div>
        <Count name={w.ticks} count={nodes.tick} />
        <Count name={w.workers} count={nodes.worker} />
        <Count name={w.apis} count={nodes.api} />
        <div>
          <dt>{w.mirror}</dt>
          <dd>{mirrorText(mirror.data?.data)}</dd>
        </div>
      </dl>
      {toTell.length > 0 && (
        <ul class="plain" aria-label={w.findings}>
          {toTell.map((finding) => (
            <Finding key={finding.name} finding={finding} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Count({ name, count }: { name: string; count: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{count}</dd>
    </div>
  )
}

function mirrorText(mirror: AnswerOf<'GET /mirror'>['data'] | undefined): string {
  const w = words.value
  if (mirror === undefined || mirror.channel === null) return w.mirrorOff
  if (mirror.error !== null) return mirror.error
  return mirror.lag_events === 0 ? w.mirrorUpToDate : w.mirrorLag(mirror.lag_events)
}
