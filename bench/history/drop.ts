import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { openPool, overPool } from '../../src/store/database.ts'
import { dropDay } from '../../src/store/retention.ts'
import { progress } from '../support/report.ts'
import { withClient } from '../support/server.ts'

export interface Drop {
  readonly tookMs: number
  /** Of somebody who reads one run after the other meanwhile, the longest. */
  readonly longestReadMs: number
}

/** Drops the day that was so many days ago, as a leader does. */
export async function drop(connectionString: string, daysAgo: number): Promise<Drop> {
  const pool = openPool({ connectionString, applicationName: 'pgbeat bench', maxConnections: 1 })
  try {
    return await withClient(connectionString, async (reader) => {
      const reading = readOn(reader)
      await delay(200)
      const day = new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10)
      reading.begin()
      const startedAt = performance.now()
      while (!(await dropDay(overPool(pool), day, Date.now()))) progress(`${day} is in use, once more …`)
      const tookMs = performance.now() - startedAt
      return { tookMs, longestReadMs: await reading.end() }
    })
  } finally {
    await pool.end()
  }
}

function readOn(reader: pg.Client) {
  let isOver = false
  let longestMs = 0
  const over = (async () => {
    while (!isOver) {
      const startedAt = performance.now()
      await reader.query('select from pgbeat.runs where scheduled_for = now() and id = 1')
      longestMs = Math.max(longestMs, performance.now() - startedAt)
      await delay(1)
    }
  })()
  return {
    begin() {
      longestMs = 0
    },
    async end(): Promise<number> {
      isOver = true
      await over
      return longestMs
    },
  }
}
