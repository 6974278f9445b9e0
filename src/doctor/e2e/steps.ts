import { reasonOf } from '../../reason.ts'

export interface Step {
  readonly name: string
  readonly status: 'pass' | 'fail'
  /** How long it took, by the clock of this host or, for what a run tells, the database's. */
  readonly ms: number
  readonly message: string
  /** What to do; null when it passed. */
  readonly action: string | null
}

interface Work {
  readonly name: string
  readonly patienceMs: number
  /** It is done also when all is to end early. */
  readonly always?: boolean
  /** Says what was done, and how long it took if not as long as this. */
  readonly take: (signal: AbortSignal) => Promise<{ readonly ms?: number; readonly message: string }>
  /** What to do after a failure. */
  readonly advise: (error: unknown) => string | Promise<string>
}

/** Takes steps, each in a time of its own, and tells of each once it is over. */
export class Steps {
  readonly #stopping: AbortSignal
  readonly #onStep: (step: Step) => void

  /** @param stopping aborted when all is to end early */
  constructor(stopping: AbortSignal, onStep: (step: Step) => void) {
    this.#stopping = stopping
    this.#onStep = onStep
  }

  /** Answers whether it succeeded. */
  async take({ name, patienceMs, always = false, take, advise }: Work): Promise<boolean> {
    const tooLong = AbortSignal.timeout(patienceMs)
    const beganAt = performance.now()
    const tookMs = () => performance.now() - beganAt
    try {
      const { ms = tookMs(), message } = await take(always ? tooLong : AbortSignal.any([this.#stopping, tooLong]))
      this.#onStep({ name, status: 'pass', ms, message, action: null })
      return true
    } catch (error) {
      const failed = { name, status: 'fail', ms: tookMs() } as const
      if (this.#stopping.aborted && !always) {
        this.#onStep({ ...failed, message: 'stopped early', action: 'run it again' })
      } else {
        const message = tooLong.aborted ? `did not happen within ${patienceMs / 1_000} s` : describe(error)
        this.#onStep({ ...failed, message, action: await advise(error) })
      }
      return false
    }
  }
}

/** What fetch says is that it failed; why is its cause. */
function describe(error: unknown): string {
  return reasonOf(error instanceof TypeError && error.cause !== undefined ? error.cause : error)
}
