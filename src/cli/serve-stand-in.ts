import type { Config } from '../config/variables.ts'
import { startDemoService } from '../tasks/listed-info/index.ts'
import { untilSignal } from './lifetime.ts'
import { print } from './print.ts'

/** Serves what the demo has its data from, until it is told to stop. */
export async function serveStandIn({ PGBEAT_HOST: host, PGBEAT_PORT: port }: Config): Promise<void> {
  const signal = untilSignal()
  const service = await startDemoService({ host, port })
  await print(Object.entries(service.environment).map(([name, value]) => `${name}=${value}\n`))
  await signal
  await service.close()
}
