import { say } from '../shell/announcer.tsx'
import { noticeError } from './api.ts'

export interface Action<Answer> {
  /** Does it. */
  readonly run: () => Promise<Answer>
  /** What to say when it is done. */
  readonly done?: (answer: Answer) => string
  /** What to say before the reason when it failed. */
  readonly failed: string
  /** Shows what it is about to make true; answers what takes that back. */
  readonly assume?: () => () => void
  /** Has what is shown read anew: called when it is done, and when it failed. */
  readonly settle?: () => void
}

/** Does something that the user asked for. It shows at once; what fails is taken back, and said. */
export async function act<Answer>({ run, done, failed, assume, settle }: Action<Answer>): Promise<Answer | undefined> {
  const takeBack = assume?.()
  try {
    const answer = await run()
    if (done) say(done(answer))
    return answer
  } catch (error) {
    takeBack?.()
    noticeError(error)
    say(`${failed}: ${error instanceof Error ? error.message : String(error)}`, 'failure')
    return undefined
  } finally {
    settle?.()
  }
}
