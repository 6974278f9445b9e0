import { countSchedules as c, listSchedules as l, type ScheduleFilter as F } from './schedules.ts'
export const scheduleSorts = ['name', '-name'] as const
export interface ScheduleFilter { enabled?: boolean|undefined; invalid?: boolean|undefined; category?: string|undefined; tags?: readonly string[]|undefined; taskName?: string|undefined; search?: string|undefined }
export const listSchedules = (db: any, f: ScheduleFilter, o: any) => l(db, { ...f, enabledOnly: f.enabled } as F, o)
export const countSchedules = (db: any, f: ScheduleFilter, _b: number) => c(db, { ...f, enabledOnly: f.enabled } as F)
export const schedulesMatching = async (db: any, f: ScheduleFilter, limit: number) => (await l(db, { ...f, enabledOnly: f.enabled } as F, { limit, offset: 0 })).map(({ id, name, enabled }) => ({ id, name, enabled }))
