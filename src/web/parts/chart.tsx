import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { theme } from '../shell/theme.ts'
import { exactTime, ownZone } from './instant.tsx'
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
  const isDark = useDark()
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const plot = new uPlot(optionsOf({ lines, format, height, element }), dataOf(at, lines), element)
    const resizing = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    resizing.observe(element)
    return () => {
      resizing.disconnect()
      plot.destroy()
    }
  }, [at, lines, format, height, isDark])
  return (
    <figure class="chart">
      <figcaption>
        {title} <small class="soft">({ownZone})</small>
      </figcaption>
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

const darkness = matchMedia('(prefers-color-scheme: dark)')

/** Whether the colours are the dark ones: what is drawn does not follow them by itself. */
function useDark(): boolean {
  const [isSystemDark, setIsSystemDark] = useState(darkness.matches)
  useEffect(() => {
    const onChange = () => setIsSystemDark(darkness.matches)
    darkness.addEventListener('change', onChange)
    return () => darkness.removeEventListener('change', onChange)
  }, [])
  return theme.value === 'system' ? isSystemDark : theme.value === 'dark'
}

/** What a colour of tokens.css comes to where it is used. */
function colourOf(name: string, parent: HTMLElement): string {
  const probe = parent.appendChild(document.createElement('i'))
  probe.style.color = `var(${name})`
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
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
  element,
}: Pick<ChartProps, 'lines' | 'format'> & { height: number; element: HTMLElement }): uPlot.Options {
  const colour = (name: string) => colourOf(name, element)
  const axis = {
    stroke: colour('--text-soft'),
    grid: { stroke: colour('--line') },
    ticks: { stroke: colour('--line') },
  }
  return {
    width: element.clientWidth,
    height,
    cursor: { drag: { x: false, y: false } },
    axes: [
      { ...axis, values: (_plot, seconds) => seconds.map(timeOfDay) },
      { ...axis, size: 80, values: (_plot, values) => values.map(format) },
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
