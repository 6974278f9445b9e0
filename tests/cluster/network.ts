import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** The way to a Postgres, a TCP proxy, with the faults of a network. Those under way stay with the server they began with. */
export class Network {
  readonly #server: net.Server
  readonly #pairs = new Set<readonly [net.Socket, net.Socket]>()
  #target: URL
  #isSilent = false
  #delayMs = 0

  private constructor(target: URL) {
    this.#target = target
    this.#server = net.createServer((client) => this.#connect(client))
  }

  /** @param connectionString of the server behind it */
  static async start(connectionString: string): Promise<Network> {
    const network = new Network(new URL(connectionString))
    network.#server.listen(0, '127.0.0.1')
    await once(network.#server, 'listening')
    return network
  }

  /** Where to connect to go through it. */
  get connectionString(): string {
    const url = new URL(this.#target)
    url.hostname = '127.0.0.1'
    url.port = String((this.#server.address() as net.AddressInfo).port)
    return url.href
  }

  /** Whoever connects from now on meets another server; the database and the user stay those of the URL given here. */
  retarget(connectionString: string): void {
    this.#target = new URL(connectionString)
  }

  /** Breaks all connections; new ones can be made at once. */
  cut(): void {
    for (const sockets of this.#pairs) for (const socket of sockets) socket.resetAndDestroy()
  }

  /** Passes nothing on and tells nobody, as when a cable is pulled: connections look open from both ends. */
  silence(): void {
    this.#isSilent = true
    for (const sockets of this.#pairs) for (const socket of sockets) socket.pause()
  }

  /** Passes on what it held back. */
  restore(): void {
    this.#isSilent = false
    this.#delayMs = 0
    for (const sockets of this.#pairs) for (const socket of sockets) socket.resume()
  }

  /** Passes everything on, so many milliseconds later in each direction. */
  delay(ms: number): void {
    this.#delayMs = ms
  }

  async stop(): Promise<void> {
    this.#server.close()
    this.cut()
    await once(this.#server, 'close')
  }

  #connect(client: net.Socket): void {
    const server = net.connect(Number(this.#target.port || 5432), this.#target.hostname)
    const pair = [client, server] as const
    this.#pairs.add(pair)
    this.#pass(client, server)
    this.#pass(server, client)
    const end = () => {
      this.#pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', end)
      socket.on('close', end)
      if (this.#isSilent) socket.pause()
    }
  }

  #pass(from: net.Socket, to: net.Socket): void {
    let passed = Promise.resolve()
    from.on('data', (bytes) => {
      const dueAt = performance.now() + this.#delayMs
      passed = passed.then(async () => {
        const wait = dueAt - performance.now()
        if (wait > 0) await delay(wait)
        to.write(bytes)
      })
    })
  }
}
