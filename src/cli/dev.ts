import { fileURLToPath } from 'node:url'
import { startDemoService } from '../tasks/listed-info/index.ts'
import { type Command, UsageError } from './command.ts'
import { untilSignal } from './lifetime.ts'
import { print } from './print.ts'

const usage = ['tick | worker | api', 'stand-in']

export const dev: Command = {
  summary: 'start one of these anew whenever its source changes; or the server that the demo has its data from',
  usage: usage.join('\n'),
  async run({ PGBEAT_HOST: host, PGBEAT_PORT: port }, [name = '', ...args]) {
    if (args.length === 0 && name === 'stand-in') await serveStandIn({ host, port })
    else if (args.length === 0 && ['tick', 'worker', 'api'].includes(name)) becomeWatched(name)
    else throw new UsageError(`use one of\n${usage.map((line) => `  dev ${line}`).join('\n')}`)
  },
}

/**
 * Becomes a Node that watches every file that the command has imported, and logs all for people to read. Files with tasks
 * the worker watches itself.
 */
function becomeWatched(name: string): never {
  if (process.execve === undefined) throw new UsageError('dev: one process can become another only on Unix')
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  return process.execve(process.execPath, [process.execPath, '--watch', '--watch-preserve-output', main, name], {
    ...process.env,
    NODE_ENV: 'development',
    PGBEAT_LOG_LEVEL: process.env.PGBEAT_LOG_LEVEL || 'debug',
    PGBEAT_LOG_FORMAT: process.env.PGBEAT_LOG_FORMAT || 'pretty',
  })
}

async function serveStandIn(address: { host: string; port: number }): Promise<void> {
  const signal = untilSignal()
  const service = await startDemoService(address)
  await print(Object.entries(service.environment).map(([name, value]) => `${name}=${value}\n`))
  await signal
  await service.close()
}
