import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'

/** The port of the last start, so that a connection string stays valid; a free one when that is taken. */
export async function choosePort(settingsPath: string): Promise<number> {
  const settings = await readFile(settingsPath, 'utf8').catch(() => '')
  const last = Number(/^port = '(\d+)'/m.exec(settings)?.[1])
  if (last && (await isPortFree(last))) return last
  for (;;) {
    // Below the range from which systems take the ports of outgoing connections: it stays free while we are down.
    const port = randomInt(20_000, 32_000)
    if (await isPortFree(port)) return port
  }
}

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
