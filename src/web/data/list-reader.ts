/** Which part of a list is asked for. */
export interface PartQuery {
  readonly per_page: number
  readonly cursor?: string
}

/** One part of a list, as the API answers it. */
export interface Part<Row> {
  readonly data: readonly Row[]
  readonly meta: {
    readonly next_cursor: string | null
    readonly total: number | null
    readonly total_is_exact: boolean
  }
}

export interface ListState<Row> {
  readonly rows: readonly Row[]
  /** Where it goes on; null where it ends, or is not known yet. */
  readonly next: string | null
  /** How many there are, as far as the API counts; null before the first answer. */
  readonly total: number | null
  readonly isTotalExact: boolean
  readonly isLoading: boolean
  readonly error?: Error
}

export interface ListReaderOptions<Row> {
  /** How many rows are read on at once. */
  readonly perPage: number
  readonly load: (part: PartQuery, signal: AbortSignal) => Promise<Part<Row>>
  /** Called when all of it is asked for anew; what that answers, when it has been read. */
  readonly onReadAnew?: () => () => void
  /** Told whenever the state is another. */
  readonly onState: () => void
}

/** The API answers no more at once. */
const mostAtOnce = 200
/** Changes that come together cause one reading. */
const settleMs = 300
/** A list rests at least this many times as long as it took to read: what has been read far is read anew less often. */
const restPerReading = 4

/** Reads a list on as it is wanted, and anew as it changes. It does one of them at a time, and reading on goes first. */
export class ListReader<Row> {
  readonly #options: ListReaderOptions<Row>
  #state: ListState<Row> = { rows: [], next: null, total: null, isTotalExact: true, isLoading: true }
  #reading: 'on' | 'anew' | undefined
  #asking = new AbortController()
  #anewAt = 0
  /** How long it was last read anew, to its end or until something else was wanted. */
  #tookMs = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: ListReaderOptions<Row>) {
    this.#options = options
  }

  get state(): ListState<Row> {
    return this.#state
  }

  /** Reads on, where there is more. */
  readonly readOn = (): void => {
    const { next } = this.#state
    if (next === null || this.#reading === 'on') return
    if (this.#reading === 'anew') {
      this.#tookMs = performance.now() - this.#anewAt
      this.readAnewSoon()
    }
    void this.#read('on', (signal) => this.#following(next, signal))
  }

  /** Reads all of it from the start, as far as it was. */
  readonly readAnew = (): void => {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#reading === 'on') {
      this.readAnewSoon()
      return
    }
    this.#anewAt = performance.now()
    const wasRead = this.#options.onReadAnew?.()
    void this.#read('anew', async (signal) => {
      const found = await this.#fromStart(this.#state.rows.length, signal)
      this.#tookMs = performance.now() - this.#anewAt
      if (!signal.aborted) wasRead?.()
      return found
    })
  }

  /** It is out of date: it is read anew once it has rested. */
  readAnewSoon(): void {
    this.#timer ??= setTimeout(this.readAnew, Math.max(settleMs, this.#tookMs * restPerReading))
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#asking.abort()
  }

  async #read(reading: 'on' | 'anew', read: (signal: AbortSignal) => Promise<Omit<ListState<Row>, 'isLoading'>>) {
    this.#asking.abort()
    this.#asking = new AbortController()
    const { signal } = this.#asking
    this.#reading = reading
    this.#show({ ...this.#state, isLoading: true })
    const state = await read(signal).catch((error) => ({ ...this.#state, error }))
    if (signal.aborted) return
    this.#reading = undefined
    this.#show({ ...state, isLoading: false })
  }

  async #following(cursor: string, signal: AbortSignal) {
    const { data, meta } = await this.#options.load({ per_page: this.#options.perPage, cursor }, signal)
    const { rows, total, isTotalExact } = this.#state
    return { rows: [...rows, ...data], next: meta.next_cursor, total, isTotalExact }
  }

  /** At least so many rows, if there are as many. */
  async #fromStart(least: number, signal: AbortSignal) {
    const { perPage, load } = this.#options
    const per_page = Math.max(perPage, Math.min(least, mostAtOnce))
    let { data, meta } = await load({ per_page }, signal)
    const { total, total_is_exact: isTotalExact } = meta
    const rows = [...data]
    while (meta.next_cursor !== null && rows.length < least) {
      ;({ data, meta } = await load({ per_page, cursor: meta.next_cursor }, signal))
      rows.push(...data)
    }
    return { rows, next: meta.next_cursor, total, isTotalExact }
  }

  #show(state: ListState<Row>): void {
    this.#state = state
    this.#options.onState()
  }
}
