import { cpus, release, totalmem, type } from 'node:os'

/** The machine and what runs on it, in one line. */
export function describeMachine(postgres: string): string {
  const processors = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const model = processors[0]?.model.trim() || process.arch
  return `${processors.length} × ${model}, ${memory} GiB, ${type()} ${release().replace(/-.*/, '')}, Node.js ${process.version}, PostgreSQL ${postgres}`
}
