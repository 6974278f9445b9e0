import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { theme } from '../shell/theme.ts'
import { exactTime } from './instant.tsx'
import { words } from './words.ts'

interface Line {
  readonly name: string
  /** A colour of tokens.css, such as `--accent`. */
  readonly colour: string
  readonly values: readonly (number | null)[]
}

interface ChartProps {
  readonly title: string
  /** Unix milliseconds of each point, ascending. */
  readonly at: readonly number[]
  readonly lines: readonly Line[]
  /** A value for people, with its unit. */
  readonly format: (value: number) => string
  readonly height?: number
}

/** Lines over time. What they show is there as a table too. */
export function Chart({ title, at, lines, format, height = 180 }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null)
  const themeName = theme.value
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const plot = new uPlot(optionsOf({ lines, format, height, width: element.clientWidth }), dataOf(at, lines), element)
    const resizing = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    resizing.observe(element)
    return () => {
      resizing.disconnect()
      plot.destroy()
    }
  }, [at, lines, format, height, themeName])
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={frame} role="img" aria-label={title} />
      <details>
        <summary>{words.value.asTable}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section class="scroll" tabIndex={0} aria-label={title}>
          <table>
            <thead>
              <tr>
                <th />
                {lines.map(({ name }) => (
                  <th key={name}>{name}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {at.map((instant, index) => (
                <tr key={instant}>
                  <th>{exactTime(new Date(instant).toISOString())}</th>
                  {lines.map(({ name, values }) => (
                    <td key={name}>{textOf(values[index], format)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  )
}

function textOf(value: number | null | undefined, format: ChartProps['format']): string {
  return value === null || value === undefined ? '–' : format(value)
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1_000).toTimeString().slice(0, 8)
}

function dataOf(at: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [at.map((instant) => instant / 1_000), ...lines.map(({ values }) => [...values])]
}

function optionsOf({
  lines,
  format,
  height,
  width,
}: Pick<ChartProps, 'lines' | 'format'> & { height: number; width: number }): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--text-soft'),
    grid: { stroke: colour('--line') },
    ticks: { stroke: colour('--line') },
  }
  return {
    width,
    height,
    cursor: { drag: { x: false, y: false } },
    axes: [
      { ...axis, values: (_plot, seconds) => seconds.map(timeOfDay) },
      { ...axis, size: 64, values: (_plot, values) => values.map(format) },
    ],
    series: [
      { value: (_plot, seconds) => (seconds === null ? '–' : exactTime(new Date(seconds * 1_000).toISOString())) },
      ...lines.map(({ name, colour: token }) => ({
        label: name,
        stroke: colour(token),
        width: 2,
        value: (_plot: uPlot, value: number | null) => textOf(value, format),
      })),
    ],
  }
}
