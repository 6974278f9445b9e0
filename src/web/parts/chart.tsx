import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { theme } from '../shell/theme.ts'
import { locale } from '../words/words.ts'
import { exactTime, ownZone } from './instant.tsx'
import { useMedia } from './media.ts'
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
  const label = words.value.time
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const plot = new uPlot(optionsOf({ label, lines, format, height, element }), dataOf(at, lines), element)
    const resizing = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    resizing.observe(element)
    return () => {
      resizing.disconnect()
      plot.destroy()
    }
  }, [at, label, lines, format, height, isDark])
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
                <th>{words.value.time}</th>
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

/** Whether the colours are the dark ones: what is drawn does not follow them by itself. */
function useDark(): boolean {
  const isSystemDark = useMedia('(prefers-color-scheme: dark)')
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

/** As exact as marks that are so many seconds apart need it. */
function markText(seconds: number, apart: number): string {
  const date = new Date(seconds * 1_000)
  if (apart >= 86_400) return date.toLocaleDateString(locale.value, { month: 'short', day: 'numeric' })
  return date.toTimeString().slice(0, apart >= 60 ? 5 : 8)
}

/** What the values beside an axis take, in pixels; the font is that of the plot. */
function widthOf(values: readonly string[] | null): number {
  return 20 + 7 * Math.max(3, ...(values ?? []).map(({ length }) => length))
}

function dataOf(at: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [at.map((instant) => instant / 1_000), ...lines.map(({ values }) => [...values])]
}

function optionsOf({
  label,
  lines,
  format,
  height,
  element,
}: Pick<ChartProps, 'lines' | 'format'> & { label: string; height: number; element: HTMLElement }): uPlot.Options {
  const colour = (name: string) => colourOf(name, element)
  const axis = {
    stroke: colour('--text-soft'),
    grid: { stroke: colour('--line') },
    ticks: { stroke: colour('--line') },
  }
  return {
    width: element.clientWidth,
    height,
    // What stands below the last mark is half beyond it.
    padding: [null, 32, null, null],
    cursor: { drag: { x: false, y: false } },
    axes: [
      { ...axis, values: (_plot, seconds, _axis, _space, apart) => seconds.map((at) => markText(at, apart)) },
      { ...axis, size: (_plot, values) => widthOf(values), values: (_plot, values) => values.map(format) },
    ],
    series: [
      {
        label,
        value: (_plot, seconds) => (seconds === null ? '–' : exactTime(new Date(seconds * 1_000).toISOString())),
      },
      ...lines.map(({ name, colour: token }) => ({
        label: name,
        stroke: colour(token),
        width: 2,
        value: (_plot: uPlot, value: number | null) => textOf(value, format),
      })),
    ],
  }
}
