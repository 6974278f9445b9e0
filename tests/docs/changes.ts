import { Client, type LiveEvent } from '../../src/client/client.ts'

/** The live feed, from the first start on, over restarts. */
export class Changes {
  readonly #events: LiveEvent[] = []
  readonly #client: Client
  #leave = new AbortController()
  #changed = Promise.withResolvers<void>()

  constructor(address: string) {
    this.#client = new Client({ url: `http://${address}` })
  }

  follow(): void {
    this.#leave = new AbortController()
    void this.#read(this.#leave.signal)
  }

  leave(): void {
    this.#leave.abort()
  }

  async happened(count: number, matches: (event: LiveEvent) => boolean): Promise<void> {
    while (this.#events.filter(matches).length < count) await this.#changed.promise
  }

  async #read(signal: AbortSignal): Promise<void> {
    const lastEventId = this.#events.at(-1)?.id
    for await (const event of this.#client.events({ signal, ...(lastEventId && { lastEventId }) })) {
      this.#events.push(event)
      this.#changed.resolve()
      this.#changed = Promise.withResolvers()
    }
  }
}
