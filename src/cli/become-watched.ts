import { fileURLToPath } from 'node:url'
import { UsageError } from './usage-error.ts'

/**
 * Becomes a Node that watches every file that the command has imported, and logs all for people to read. Files with tasks
 * the worker watches itself.
 */
export function becomeWatched(name: string): never {
  if (process.execve === undefined) throw new UsageError('dev: one process can become another only on Unix')
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  return process.execve(process.execPath, [process.execPath, '--watch', '--watch-preserve-output', main, name], {
    ...process.env,
    NODE_ENV: 'development',
    PGBEAT_LOG_LEVEL: process.env.PGBEAT_LOG_LEVEL || 'debug',
    PGBEAT_LOG_FORMAT: process.env.PGBEAT_LOG_FORMAT || 'pretty',
  })
}
