import { z } from 'zod'
import type { Forecast, ForecastMinute } from '../../core/forecast.ts'
import { minuteMs } from '../../core/minutes.ts'
import { minutesOfForecast, readForecast } from '../../forecast.ts'
import { readClock } from '../../store/forecast.ts'
import { endpoint } from '../endpoint.ts'
import { instantInQuery, moment } from '../fields/instant.ts'
import { parse } from '../requests/parse.ts'

const dayMs = 24 * 60 * minuteMs
const mostDays = 31
const longestMs = 10_000

/** What a forecast may be asked for, as text. */
export const forecastQuery = z.strictObject({
  from: instantInQuery.optional().describe('Now when left out'),
  until: instantInQuery.optional().describe(`A day later when left out; at most ${mostDays} days`),
})

/** Completes it: from now on and for a day when left out. */
export function forecastWindow(now: number) {
  return z
    .object({ from: z.number().default(now), until: z.number().optional() })
    .transform(({ from, until }) => ({ from, until: until ?? Math.ceil((from + dayMs) / minuteMs) * minuteMs, now }))
    .refine(({ from, until }) => until > from, { path: ['until'], error: 'must be after from' })
    .refine(({ from, until }) => until - from <= mostDays * dayMs, {
      path: ['until'],
      error: `must be at most ${mostDays} days after from`,
    })
}

const minuteResource = z
  .object({
    minute: moment.describe('Where the minute begins'),
    runs: z.int(),
    schedules: z.array(z.object({ name: z.string(), runs: z.int() })).describe('Those with the most runs'),
    more: z.int().describe('How many schedules fire besides'),
  })
  .meta({ id: 'ForecastMinute' })

const metaResource = z.object({
  from: moment,
  until: moment,
  schedules: z.int().describe('How many schedules fire'),
  runs: z.int().describe('How many runs there are'),
  complete_until: moment.describe('Up to here the forecast is complete; it ends after 10 s of looking ahead'),
})

export const forecastEndpoint = endpoint({
  id: 'getForecast',
  method: 'get',
  path: '/api/v1/forecast',
  tag: 'Preview',
  role: 'viewer',
  summary: 'Show what will fire, by minute',
  description: 'Over all schedules that are enabled. Minutes in which nothing fires are left out.',
  query: forecastQuery,
  status: 200,
  content: z.object({ data: z.array(minuteResource), meta: metaResource }),
  async handle({ query }, { db }) {
    const window = parse(forecastWindow(await readClock(db)), query)
    return { pieces: forecastJson(await readForecast(db, window), longestMs) }
  },
})

/** A forecast as a JSON text, in pieces: all of it would take a while and much memory. */
export async function* forecastJson(forecast: Forecast, longestMs: number): AsyncGenerator<string, void> {
  let separator = '{"data":['
  for await (const minutes of minutesOfForecast(forecast, longestMs)) {
    for (const minute of minutes) {
      yield `${separator}${JSON.stringify(presentMinute(minute))}`
      separator = ','
    }
  }
  if (separator !== ',') yield separator
  yield `],"meta":${JSON.stringify(presentMeta(forecast))}}\n`
}

function presentMinute({ minute, ...rest }: ForecastMinute) {
  return { minute: new Date(minute), ...rest }
}

function presentMeta({ window, schedules, runs, completeUntil }: Forecast) {
  return {
    from: new Date(window.from),
    until: new Date(window.until),
    schedules,
    runs,
    complete_until: new Date(completeUntil),
  }
}
