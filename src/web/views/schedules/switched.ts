import type { Schedule } from './health.tsx'

/** What a schedule is as soon as it is paused or resumed. */
export function switchedTo(enabled: boolean, note: string): Pick<Schedule, 'enabled' | 'paused_at' | 'pause_note'> {
  return enabled
    ? { enabled, paused_at: null, pause_note: null }
    : { enabled, paused_at: new Date().toISOString(), pause_note: note === '' ? null : note }
}
