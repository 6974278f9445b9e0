import { countRuns as c, listRuns as l, type Run } from './runs.ts'
export const runSorts = ['-id', 'id'] as const
export const scheduleRunSorts = ['-scheduled_for', 'scheduled_for'] as const
export interface RunFilter { scheduleId?: string|undefined; taskName?: string|undefined; statuses?: any; origins?: any; reason?: any; from?: any; until?: any }
export const listRuns = (db: any, f: RunFilter, o: any): Promise<Run[]> => l(db, { ...f, status: f.statuses?.[0] } as any, o)
export const countRuns = (db: any, f: RunFilter, b: number) => c(db, { ...f, status: f.statuses?.[0] } as any, b)
