import type pg from 'pg'
import { fillHistory } from '../history/data.ts'
import { insertPlanned } from '../idle/schedules.ts'

export interface DashboardData {
  readonly schedules: number
  readonly runs: number
}

const days = 10

/** Fills a database with schedules, none of them due within an hour, and with runs of the days before today. */
export async function fillDashboard(database: pg.Client, { schedules, runs }: DashboardData): Promise<void> {
  await insertPlanned(database, schedules)
  await fillHistory(database, { runs, days, onDay() {} })
}
