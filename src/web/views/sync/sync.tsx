import type { AnswerOf } from '../../../client/client.ts'
import { durationText } from '../../../core/duration-text.ts'
import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { Finding } from '../../parts/finding.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Subject } from '../../parts/subject.tsx'
import { words as partWords } from '../../parts/words.ts'
import { locale } from '../../words/words.ts'
import { words } from './words.ts'

type Mirror = AnswerOf<'GET /mirror'>['data']

const doctorEveryMs = 20_000
const mirrorEveryMs = 2_000
const shown = 20

/** What the doctor looks at on the way of a change, through Postgres and through Redis. */
const ways = {
  postgres: ['notifications', 'sessions', 'leader', 'clocks'],
  redis: ['redis', 'redis-channel', 'mirror', 'mirror-drift'],
}

/** How changes travel: to the leader, and to Redis. */
export function Sync() {
  const w = words.value
  const doctor = useQuery('doctor', (signal) => api.call('GET /doctor', { signal }), { everyMs: doctorEveryMs })
  const mirror = useQuery('mirror', (signal) => api.call('GET /mirror', { signal }), {
    everyMs: mirrorEveryMs,
    on: ({ type }) => type.startsWith('schedule.'),
  })
  const findings = (names: readonly string[]) => (
    <Answer query={doctor}>
      {({ data }) => (
        <ul class="plain">
          {data.checks
            .filter(({ name }) => names.includes(name))
            .map((finding) => (
              <Finding key={finding.name} finding={finding} />
            ))}
        </ul>
      )}
    </Answer>
  )
  return (
    <div class="stack">
      <h1>{w.title}</h1>
      <p>{w.what}</p>
      <div class="grid">
        <section class="card stack">
          <h2>{w.postgres}</h2>
          {findings(ways.postgres)}
        </section>
        <section class="card stack">
          <h2>{w.mirror}</h2>
          <Answer query={mirror}>{({ data }) => <MirrorFacts mirror={data} />}</Answer>
          {findings(ways.redis)}
        </section>
      </div>
      <LastEvents />
    </div>
  )
}

function MirrorFacts({ mirror }: { mirror: Mirror }) {
  const w = words.value
  if (mirror.channel === null) return <p>{w.off}</p>
  return (
    <dl class="facts">
      <div>
        <dt>{w.channel}</dt>
        <dd>
          <code>{mirror.channel}</code>
        </dd>
      </div>
      <div>
        <dt>{w.lag}</dt>
        <dd>
          {mirror.lag_events === 0
            ? w.upToDate
            : w.lagText(mirror.lag_events, durationText(mirror.lag_seconds * 1_000))}
        </dd>
      </div>
      <div>
        <dt>{w.sent}</dt>
        <dd>{mirror.sent.toLocaleString(locale.value)}</dd>
      </div>
      <div>
        <dt>{w.sentAt}</dt>
        <dd>
          <Instant at={mirror.sent_at} />
        </dd>
      </div>
      <div>
        <dt>{w.seenAt}</dt>
        <dd>
          <Instant at={mirror.seen_at} isRelative />
        </dd>
      </div>
      <div>
        <dt>{w.streamId}</dt>
        <dd>
          <code>{mirror.stream_id}</code>
        </dd>
      </div>
      {mirror.error !== null && (
        <div>
          <dt>{w.failing}</dt>
          <dd>
            <Instant at={mirror.failing_since} /> <span class="field-error">{mirror.error}</span>
          </dd>
        </div>
      )}
    </dl>
  )
}

function LastEvents() {
  const w = words.value
  const query = useQuery('last events', (signal) => api.call('GET /audit', { query: { per_page: shown }, signal }), {
    on: ({ type }) => type.startsWith('schedule.'),
  })
  return (
    <section class="card stack">
      <h2>{w.lastEvents}</h2>
      <Answer query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <p>{w.none}</p>
          ) : (
            <ol class="plain">
              {data.map((entry) => (
                <li key={entry.id}>
                  <strong>{partWords.value.eventTypes[entry.event_type]}</strong> <Subject entry={entry} />{' '}
                  {w.by(entry.changed_by)}{' '}
                  <span class="soft">
                    <Instant at={entry.occurred_at} />
                  </span>
                </li>
              ))}
            </ol>
          )
        }
      </Answer>
    </section>
  )
}
