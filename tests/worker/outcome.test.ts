import t from 'tap'
import { RetryLaterError } from '../../src/errors.ts'
import { failed } from '../../src/worker/outcome.ts'

const attempt = { attempt: 3, maxAttempts: 3, retryDelayMs: null }

t.test('what a stopping worker cuts off is tried at once, and costs the run nothing', async (t) => {
  t.match(failed(new Error('aborted'), attempt, true), {
    attemptStatus: 'worker_stopped',
    runStatus: 'retrying',
    retryInMs: 0,
  })
})

t.test('a task that asks for a time of its own gets it, also from a stopping worker', async (t) => {
  const later = new RetryLaterError('busy', 'too many requests', 60_000)
  t.match(failed(later, { ...attempt, attempt: 1 }, true), {
    attemptStatus: 'failed',
    runStatus: 'retrying',
    retryInMs: 60_000,
  })
  t.match(failed(later, attempt, true), { attemptStatus: 'failed', runStatus: 'failed' })
})
