// How long lists and details take, asked one after the other, each timed until its answer is there.

import type pg from 'pg'
import { type Percentiles, percentiles } from '../percentiles.ts'
import type { Api } from '../support/api.ts'
import { progress } from '../support/report.ts'
import { commonTask, rareTask } from './data.ts'

const repeats = 60
/** Connections are opened and plans made before it counts. */
const unmeasured = 8

export async function readLists({ send }: Api, client: pg.Client): Promise<Record<string, Percentiles>> {
  const lists: Record<string, Percentiles> = {}
  for (const [name, pathOf] of Object.entries(await paths(client))) {
    progress(`${name} …`)
    const took: number[] = []
    for (let turn = 0; turn < unmeasured + repeats; turn += 1) {
      took.push((await timed(() => send({ path: pathOf(turn) }))).tookMs)
    }
    lists[name] = percentiles(took.slice(unmeasured))
  }
  for (const [name, path] of [
    ['GET /runs', '/runs?'],
    ['GET /runs?status=failed', '/runs?status=failed&'],
  ] as const) {
    progress(`${name}, page after page …`)
    lists[`${name}, the next pages`] = percentiles((await follow(send, `${path}per_page=50`)).slice(1))
    lists[`${name}, pages of 200 from row 10,000 on`] = percentiles(
      (await follow(send, `${path}per_page=200`)).slice(-10),
    )
  }
  return lists
}

async function paths(client: pg.Client): Promise<Record<string, (turn: number) => string>> {
  const middle = Date.now() - 15.5 * 86_400_000
  const at = (ms: number) => new Date(ms).toISOString()
  const someRuns = await client.query<{ id: string }>(
    `select id from pgbeat.runs where scheduled_for between $1 and $2 and id % 10 = 0 limit 200`,
    [at(middle), at(middle + 3_600_000)],
  )
  const idOf = (turn: number) => someRuns.rows[turn % someRuns.rows.length]?.id
  return {
    // Nothing but the row of a schedule: what an answer takes on this machine, whatever is asked.
    'GET /schedules/{id}': (turn) => `/schedules/schedule-${turn}`,
    'GET /runs': () => '/runs',
    'GET /runs: status=failed': () => '/runs?status=failed',
    'GET /runs: status=failed,cancelled,skipped': () => '/runs?status=failed&status=cancelled&status=skipped',
    'GET /runs: status=running': () => '/runs?status=running',
    'GET /runs: reason=partial': () => '/runs?reason=partial',
    'GET /runs: task_name: common': () => `/runs?task_name=${commonTask}`,
    'GET /runs: task_name: rare': () => `/runs?task_name=${rareTask}`,
    'GET /runs: task_name: no such': () => '/runs?task_name=nobody',
    'GET /runs: origin=manual': () => '/runs?origin=manual',
    'GET /runs: schedule_id': (turn) => `/runs?schedule_id=schedule-${turn}`,
    'GET /runs: an hour 15 days ago': () => `/runs?from=${at(middle)}&until=${at(middle + 3_600_000)}`,
    'GET /runs: a minute 15 days ago': () => `/runs?from=${at(middle)}&until=${at(middle + 60_000)}`,
    'GET /runs: failed in 3 days': () => `/runs?status=failed&from=${at(middle)}&until=${at(middle + 3 * 86_400_000)}`,
    'GET /runs: sort=id': () => '/runs?sort=id',
    'GET /runs: sort=-finished_at': () => '/runs?sort=-finished_at',
    'GET /runs: page=200': () => '/runs?page=200',
    'GET /schedules/{id}/runs': (turn) => `/schedules/schedule-${turn}/runs`,
    'GET /schedules/{id}/history': (turn) => `/schedules/schedule-${turn}/history`,
    'GET /runs/{id}': (turn) => `/runs/${idOf(turn)}`,
    'GET /runs/{id}/logs': (turn) => `/runs/${idOf(turn)}/logs`,
  }
}

/** The first sixty pages. */
async function follow(send: Api['send'], path: string): Promise<number[]> {
  const took: number[] = []
  let cursor: string | null = null
  for (let page = 0; page < 60; page += 1) {
    const next: string = cursor === null ? path : `${path}&cursor=${encodeURIComponent(cursor)}`
    const { tookMs, answer } = await timed(() => send({ path: next }))
    took.push(tookMs)
    cursor = JSON.parse(answer).meta.next_cursor
    if (cursor === null) break
  }
  return took
}

async function timed<Answer>(ask: () => Promise<Answer>): Promise<{ tookMs: number; answer: Answer }> {
  const startedAt = performance.now()
  const answer = await ask()
  return { tookMs: performance.now() - startedAt, answer }
}
