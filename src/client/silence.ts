/** Notices when nothing was heard for a while, of the time in which somebody listens. */
export class Silence {
  readonly #longestMs: number
  readonly #broken = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(longestMs: number) {
    this.#longestMs = longestMs
    this.listen()
  }

  /** Aborted once it was silent for too long. */
  get tooLong(): AbortSignal {
    return this.#broken.signal
  }

  /** Passes everything on, each piece being a sign of life. */
  watched<Piece>(): TransformStream<Piece, Piece> {
    return new TransformStream({
      transform: (piece, controller) => {
        if (this.#timer !== undefined) this.listen()
        controller.enqueue(piece)
      },
    })
  }

  /** From now on silence counts. */
  listen(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#broken.abort(), this.#longestMs)
  }

  /** Until somebody listens again nothing is missed. */
  pause(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
