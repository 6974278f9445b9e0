import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Router } from 'express'
import { z } from 'zod'
import type { Forecast, ForecastMinute } from '../core/forecast.ts'
import { minuteMs } from '../core/minutes.ts'
import { minutesOfForecast, readForecast } from '../forecast.ts'
import { readClock } from '../store/forecast.ts'
import type { Db } from '../store/tables.ts'
import { instantInQuery } from './instant.ts'
import { parse } from './problem.ts'

const dayMs = 24 * 60 * minuteMs
const mostDays = 31
const longestMs = 10_000

/** `from` and `until`: from now on and for a day when left out. */
export function forecastQuery(now: number) {
  return z
    .object({ from: instantInQuery.default(now), until: instantInQuery.optional() })
    .transform(({ from, until }) => ({ from, until: until ?? Math.ceil((from + dayMs) / minuteMs) * minuteMs, now }))
    .refine(({ from, until }) => until > from, { path: ['until'], error: 'must be after from' })
    .refine(({ from, until }) => until - from <= mostDays * dayMs, {
      path: ['until'],
      error: `must be at most ${mostDays} days after from`,
    })
}

/** What will fire, by minute, over all schedules that are enabled. */
export function forecastRouter(db: Db): Router {
  const router = Router()

  router.get('/forecast', async (request, response) => {
    const window = parse(forecastQuery(await readClock(db)), request.query)
    const forecast = await readForecast(db, window)
    response.type('json')
    await pipeline(Readable.from(forecastJson(forecast, longestMs)), response).catch(ignoreLeaving)
  })

  return router
}

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

/** Somebody who goes away before the end gets no more, and that is no error. */
function ignoreLeaving(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
}
