import { setImmediate } from 'node:timers/promises'
import { Forecast, type ForecastMinute } from './core/forecast.ts'
import type { Window } from './core/forecast-group.ts'
import { schedulesFiringBefore } from './store/forecast.ts'
import type { Db } from './store/tables.ts'

const longestTurnMs = 10

/** Reads the schedules that a forecast is made of. */
export async function readForecast(db: Db, window: Window): Promise<Forecast> {
  const forecast = new Forecast(window)
  const others = turns()
  for await (const schedules of schedulesFiringBefore(db, window.until)) {
    for (const schedule of schedules) {
      forecast.add(schedule)
      if (others.areWaiting()) await others.haveTheirTurn()
    }
  }
  return forecast
}

/**
 * The minutes of a forecast as they are found, some at a time. Whatever else the process does has its turn in between.
 * @param longestMs it stops after this time; `completeUntil` says how far it has come
 */
export async function* minutesOfForecast(
  forecast: Forecast,
  longestMs: number,
): AsyncGenerator<readonly ForecastMinute[], void> {
  const deadline = performance.now() + longestMs
  const others = turns()
  let found: ForecastMinute[] = []
  for (const minute of forecast.minutes()) {
    if (minute !== null) found.push(minute)
    if (!others.areWaiting()) continue
    yield found
    found = []
    if (performance.now() > deadline) return
    await others.haveTheirTurn()
  }
  yield found
}

function turns() {
  let endsAt = performance.now() + longestTurnMs
  return {
    areWaiting: () => performance.now() > endsAt,
    async haveTheirTurn() {
      await setImmediate()
      endsAt = performance.now() + longestTurnMs
    },
  }
}
