import { useMemo } from 'preact/hooks'
import type { AnswerOf } from '../../../client/client.ts'
import { durationText } from '../../../core/duration-text.ts'
import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { Chart } from '../../parts/chart.tsx'
import { words as partWords } from '../../parts/words.ts'
import { locale } from '../../words/words.ts'
import { words } from './words.ts'

type Figures = AnswerOf<'GET /figures'>['data']

const everyMs = 20_000

/** The last hour, minute by minute. */
export function Charts() {
  const query = useQuery('figures', (signal) => api.call('GET /figures', { signal }), { everyMs })
  return (
    <Answer query={query}>
      {({ data }) => (data.length < 2 ? <p class="card soft">{words.value.chartsLater}</p> : <Hour figures={data} />)}
    </Answer>
  )
}

function Hour({ figures }: { figures: Figures }) {
  const w = words.value
  const { statuses } = partWords.value
  const series = useMemo(() => toSeries(figures), [figures])
  return (
    <div class="grid">
      <div class="card">
        <Chart
          title={w.chartLateness}
          at={series.at}
          lines={[
            { name: 'p50', colour: '--accent', values: series.p50 },
            { name: 'p99', colour: '--busy', values: series.p99 },
          ]}
          format={durationText}
        />
      </div>
      <div class="card">
        <Chart
          title={w.chartFires}
          at={series.at}
          lines={[{ name: w.fired, colour: '--accent', values: series.fired }]}
          format={perSecond}
        />
      </div>
      <div class="card">
        <Chart
          title={w.chartOutcomes}
          at={series.at}
          lines={[
            { name: statuses.succeeded, colour: '--good', values: series.succeeded },
            { name: statuses.failed, colour: '--bad', values: series.failed },
            { name: statuses.skipped, colour: '--quiet', values: series.skipped },
            { name: statuses.missed, colour: '--warn', values: series.missed },
          ]}
          format={whole}
        />
      </div>
    </div>
  )
}

const perSecond = (value: number) => value.toFixed(1)
const whole = (value: number) => value.toLocaleString(locale.value)

function toSeries(figures: Figures) {
  const milliseconds = (seconds: number | null) => (seconds === null ? null : seconds * 1_000)
  return {
    at: figures.map(({ minute }) => Date.parse(minute)),
    p50: figures.map(({ lateness_p50_seconds: p50 }) => milliseconds(p50)),
    p99: figures.map(({ lateness_p99_seconds: p99 }) => milliseconds(p99)),
    fired: figures.map(({ fired, minutes }) => fired / (60 * minutes)),
    succeeded: figures.map(({ succeeded }) => succeeded),
    failed: figures.map(({ failed }) => failed),
    skipped: figures.map(({ skipped }) => skipped),
    missed: figures.map(({ missed }) => missed),
  }
}
