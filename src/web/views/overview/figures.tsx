import { durationText } from '../../../core/duration-text.ts'
import { words as partWords } from '../../parts/words.ts'
import { locale } from '../../words/words.ts'
import type { Stats } from './health.tsx'
import { words } from './words.ts'

/** The figures of now. */
export function Figures({ stats }: { stats: Stats }) {
  const w = words.value
  const { statuses } = partWords.value
  const { schedules, active_runs: active, fires, lateness, finished_last_hour: finished } = stats
  const seconds = (value: number | null) => (value === null ? '–' : durationText(value * 1_000))
  return (
    <div class="figures">
      <Figure
        title={w.schedules}
        href="/schedules"
        value={schedules.total.toLocaleString(locale.value)}
        details={`${schedules.enabled.toLocaleString(locale.value)} ${w.enabled}, ${schedules.paused.toLocaleString(locale.value)} ${w.paused}, ${schedules.invalid.toLocaleString(locale.value)} ${w.invalid}`}
      />
      <Figure
        title={w.active}
        href="/queue"
        value={(active.waiting + active.queued + active.running + active.retrying).toLocaleString(locale.value)}
        details={`${active.running} ${statuses.running}, ${active.queued} ${statuses.queued}, ${active.waiting} ${statuses.waiting}, ${active.retrying} ${statuses.retrying}`}
      />
      <Figure title={w.fires} href="/runs" value={fires.fires_per_second.toFixed(1)} details="" />
      <Figure
        title={w.lateness}
        href="/runs"
        value={seconds(lateness.p50)}
        details={w.latenessOf(seconds(lateness.p50), seconds(lateness.p99))}
      />
      <Figure
        title={w.lastHour}
        href="/runs"
        value={(finished.succeeded + finished.failed + finished.cancelled).toLocaleString(locale.value)}
        details={`${finished.succeeded} ${statuses.succeeded}, ${finished.failed} ${statuses.failed}, ${finished.cancelled} ${statuses.cancelled}`}
      />
    </div>
  )
}

interface FigureProps {
  readonly title: string
  readonly href: string
  readonly value: string
  readonly details: string
}

function Figure({ title, href, value, details }: FigureProps) {
  return (
    <a class="card figure" href={href}>
      <span class="soft">{title}</span>
      <strong>{value}</strong>
      <small class="soft">{details}</small>
    </a>
  )
}
