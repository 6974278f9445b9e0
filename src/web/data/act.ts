import { say } from '../shell/announcer.tsx'
import { noticeError } from './api.ts'
import type { EndAssumption } from './assumptions.ts'

export interface Action<Answer> {
  /** Does it. */
  readonly run: () => Promise<Answer>
  /** What to say when it is done. */
  readonly done?: (answer: Answer) => string
  /** What to say before the reason when it failed. */
  readonly failed: string
  /** Shows what it is about to make true. */
  readonly assume?: () => EndAssumption
  /** Has what is shown read anew: called when it is done, and when it failed. */
  readonly settle?: () => void
}

/** Does something that the user asked for. It shows at once; what fails is taken back, and said. */
export async function act<Answer>({ run, done, failed, assume, settle }: Action<Answer>): Promise<Answer | undefined> {
  const end = assume?.()
  try {
    const answer = await run()
    end?.(true)
    if (done) say(done(answer))
    return answer
  } catch (error) {
    end?.(false)
    noticeError(error)
    say(`${failed}: ${error instanceof Error ? error.message : String(error)}`, 'failure')
    return undefined
  } finally {
    settle?.()
  }
}
