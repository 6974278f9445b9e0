import type { Commands } from './command.ts'

/** Read when they are asked for: a tick need not keep what an API is made of in memory. */
export const commands: Commands = {
  start: async () => (await import('./start.ts')).start,
  migrate: async () => (await import('./migrate.ts')).migrate,
  tick: async () => (await import('./tick.ts')).tick,
  worker: async () => (await import('./worker.ts')).worker,
  api: async () => (await import('./api.ts')).api,
  schedules: async () => (await import('./schedules/schedules.ts')).schedules,
  runs: async () => (await import('./runs/runs.ts')).runs,
  backfill: async () => (await import('./backfill/backfill.ts')).backfill,
  apply: async () => (await import('./declared/apply.ts')).apply,
  export: async () => (await import('./declared/export.ts')).exportSchedules,
  import: async () => (await import('./import/import.ts')).importSchedules,
  tasks: async () => (await import('./tasks.ts')).tasks,
  nodes: async () => (await import('./nodes.ts')).nodes,
  forecast: async () => (await import('./forecast.ts')).forecast,
  preview: async () => (await import('./preview.ts')).preview,
  simulate: async () => (await import('./simulate/simulate.ts')).simulate,
  keys: async () => (await import('./keys/keys.ts')).keys,
  doctor: async () => (await import('./doctor.ts')).doctor,
  dev: async () => (await import('./dev.ts')).dev,
  completion: async () => (await import('./completion/completion.ts')).completion(commands),
}
