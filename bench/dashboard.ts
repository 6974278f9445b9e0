// How soon the dashboard can be used with much in the database, and how its longest list scrolls:
// `npm run bench:dashboard`. --schedules=100000 --runs=1000000 --rounds=7 --record

import type { Browser } from 'playwright-core'
import { buildDashboard } from '../src/dev/dashboard.ts'
import { launchBrowser } from '../tests/browser/launch.ts'
import { Process } from '../tests/support/process.ts'
import { fillDashboard } from './dashboard/data.ts'
import { heapOf, type Scrolled, scrollOn } from './dashboard/scroll.ts'
import { type Opened, openView, views } from './dashboard/views.ts'
import { percentiles } from './percentiles.ts'
import { number, readOptions } from './support/options.ts'
import { progress, tellReport } from './support/report.ts'
import { withClient, withServer } from './support/server.ts'
import { figure, spread, spreadText } from './support/spread.ts'

const options = readOptions({ schedules: '100000', runs: '1000000', rounds: '7' })
const [schedules, runs, rounds] = [number(options.schedules), number(options.runs), number(options.rounds)]
const targetMs = 1_000

interface Measured {
  /** Of each view, the first of a browser and an API that have just started, and the others. */
  readonly opened: Record<string, { readonly first: Opened; readonly others: readonly Opened[] }>
  readonly scrolled: Scrolled
  readonly heapMb: { readonly before: number; readonly after: number }
}

await buildDashboard(() => progress('building the dashboard …'))
await withServer(async (server) => {
  const connectionString = await server.createPreparedDatabase('dashboard')
  progress(`${schedules} schedules and ${runs} runs …`)
  await withClient(connectionString, (client) => fillDashboard(client, { schedules, runs }))
  await tell(await measure(connectionString), server.version)
})

async function measure(connectionString: string): Promise<Measured> {
  const env = { PGBEAT_LOG_LEVEL: 'info', PGBEAT_RETENTION_DAYS: '0' }
  const programs = (['tick', 'worker', 'api'] as const).map(
    (program) => new Process({ program, connectionString, env }),
  )
  const [tick, worker, api] = programs as [Process, Process, Process]
  const browser = await launchBrowser()
  try {
    await Promise.all([tick.logged('this tick leads'), worker.logged('worker started')])
    const { url } = await api.logged(({ url }) => url !== undefined)
    const opened: Record<string, { first: Opened; others: Opened[] }> = {}
    for (let round = 0; round <= rounds; round += 1) {
      progress(`round ${round} …`)
      for (const [name, view] of Object.entries(views)) {
        // With a profile of its own, and so with an empty cache.
        const page = await browser.newPage()
        const took = await openView(page, String(url), view)
        await page.close()
        if (round === 0) opened[name] = { first: took, others: [] }
        else opened[name]?.others.push(took)
      }
    }
    progress('scrolling …')
    return { opened, ...(await scroll(browser, String(url))) }
  } finally {
    await browser.close()
    await Promise.all(programs.map((program) => program.stop()))
  }
}

async function scroll(browser: Browser, url: string): Promise<Pick<Measured, 'scrolled' | 'heapMb'>> {
  const page = await browser.newPage()
  await page.goto(`${url}${views.schedules.path}`)
  await page.locator(views.schedules.shows).first().waitFor()
  const before = await heapOf(page)
  const scrolled = await scrollOn(page, Number.POSITIVE_INFINITY)
  return { scrolled, heapMb: { before, after: await heapOf(page) } }
}

async function tell({ opened, scrolled, heapMb }: Measured, postgres: string): Promise<void> {
  const usable = Object.entries(opened).map(([name, { first, others }]) => ({
    name,
    first,
    usable: spread(others.map(({ usableMs }) => usableMs)),
    complete: spread(others.map(({ completeMs }) => completeMs)),
  }))
  const frames = percentiles(scrolled.framesMs)
  const thousands = (count: number) => count.toLocaleString('en')
  await tellReport(
    {
      bench: 'dashboard',
      title: 'Dashboard',
      method: [
        `${thousands(schedules)} schedules and ${thousands(runs)} runs of 10 days, a tick, a worker and the API in processes ` +
          'of their own. Chromium opens a view whose address is entered in a profile that knows nothing of it: milliseconds until ' +
          'it can be used (the figures, or the first rows, are there) and until every part of it has loaded. First of all with ' +
          `all programs just started, told apart; then the median of ${rounds} (min–max), the views in turns.`,
        'Then the list of schedules is scrolled to its end again and again, as by somebody who keeps End pressed: it is read ' +
          'page by page, each after the one before.',
      ],
      columns: ['view', 'first: can be used', 'can be used', 'complete'],
      rows: usable.map(({ name, first, usable, complete }) => [
        name,
        figure(first.usableMs),
        spreadText(usable),
        spreadText(complete),
      ]),
      notes: [
        `To the end of ${thousands(scrolled.rows)} schedules in ${figure(scrolled.tookMs / 1_000)} s; at most ` +
          `${scrolled.mostInPage} rows in the page at once; from one picture to the next ${figure(frames.p50)} ms, p99 ` +
          `${figure(frames.p99)} ms, at most ${figure(frames.max)} ms; the page's objects take ${figure(heapMb.after)} MB then, ` +
          `${figure(heapMb.before)} MB before.`,
      ],
      targets: usable.map(({ name, usable }) => ({
        what: `${name} usable in < ${targetMs} ms`,
        measured: `${figure(usable.median)} ms`,
        isMet: usable.median < targetMs,
      })),
      postgres,
      json: {
        schedules,
        runs,
        views: Object.fromEntries(usable.map(({ name, ...took }) => [name, took])),
        scroll: {
          rows: scrolled.rows,
          ms: Math.round(scrolled.tookMs),
          most_in_page: scrolled.mostInPage,
          frame_ms: frames,
        },
        heap_mb: heapMb,
      },
    },
    options,
  )
}
