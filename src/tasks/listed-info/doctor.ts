import { PermanentError, RetryLaterError } from '../../errors.ts'
import type { Finding, TaskCheck } from '../../task.ts'
import { createClient } from './api/client.ts'
import { CoverageError, TransientError } from './api/failures.ts'
import { addDays, tokyoDate } from './calendar.ts'
import { type Clock, systemClock } from './clock.ts'
import { type ListedInfoConfig, readConfig } from './config.ts'

type Environment = Parameters<TaskCheck['look']>[0]

/** Less than a check may take, so that it can tell what it waited for. */
const timeoutMs = 4_000
/** The answer is one row. Every plan covers this day; one that does not says so, and has taken the key. */
const question = { code: '86970', daysBack: 100 }
/** Requests count against the account's limit, of which the smallest plan has 5 a minute. */
const askAgainMs = 60_000

/** Whether there is a key, and whether the other variables can be used. Nothing is asked of anybody. */
export const keyCheck: TaskCheck = {
  name: 'jquants-key',
  look: async (environment, isNeeded) => {
    if (!hasKey(environment) && !(await isNeeded())) {
      return { status: 'pass', message: 'JQUANTS_API_KEY is not set, and no enabled schedule needs it' }
    }
    if (!hasKey(environment)) {
      return {
        status: 'warn',
        message: 'JQUANTS_API_KEY is not set: runs of fetch_listed_info_task fail, and nothing else does',
        action: 'create a key at https://jpx-jquants.com and give it to the workers; npm start brings a stand-in',
      }
    }
    try {
      const { baseUrl, requestsPerMinute } = readConfig(environment)
      return { status: 'pass', message: `a key is set for ${baseUrl}, for ${requestsPerMinute} requests a minute` }
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error
      const action = 'correct the variable: docs/operations.md says what it can be'
      return { status: 'fail', message: `runs of fetch_listed_info_task fail: ${error.message}`, action }
    }
  },
}

export interface ReachCheckOptions {
  readonly clock?: Clock
  readonly fetch?: typeof fetch
}

/** Whether J-Quants answers, and takes the key. It is asked once a minute at most, however often that is looked at. */
export function createReachCheck({ clock = systemClock, fetch }: ReachCheckOptions = {}): TaskCheck {
  let last: { readonly account: string; readonly askedAt: number; readonly finding: Promise<Finding> } | undefined

  async function look(environment: Environment): Promise<Finding> {
    const config = usableConfig(environment)
    if (config === null)
      return { status: 'skip', message: 'not asked, for there is no key that could be used: see jquants-key' }
    const account = `${config.baseUrl} ${config.apiKey}`
    const now = clock.now().getTime()
    if (last?.account !== account || now - last.askedAt >= askAgainMs) {
      last = { account, askedAt: now, finding: ask(config) }
    }
    return last.finding
  }

  async function ask({ apiKey, baseUrl }: ListedInfoConfig): Promise<Finding> {
    const client = createClient({ apiKey, baseUrl, timeoutMs, tries: 1, clock, ...(fetch && { fetch }) })
    const date = addDays(tokyoDate(clock.now()), -question.daysBack)
    const startedAt = performance.now()
    try {
      await client.pages({ date, code: question.code }, new AbortController().signal).next()
    } catch (error) {
      return whatItMeans(error, baseUrl)
    }
    const tookMs = performance.now() - startedAt
    return { status: 'pass', message: `J-Quants takes the key and answers in ${tookMs.toFixed(0)} ms` }
  }

  return { name: 'jquants-reach', look }
}

function whatItMeans(error: unknown, baseUrl: string): Finding {
  if (error instanceof CoverageError) return { status: 'pass', message: `J-Quants takes the key; ${error.message}` }
  if (error instanceof RetryLaterError) {
    const message = `J-Quants answers, but not to more requests just now (${error.message}): runs wait for their turn`
    return { status: 'pass', message }
  }
  if (error instanceof TransientError) {
    const action = `try again; if it stays, see whether ${new URL(baseUrl).host} can be reached from here. Runs are tried again by themselves`
    return { status: 'fail', message: error.message, action }
  }
  if (error instanceof PermanentError) {
    return { status: 'fail', message: error.message, action: actions[error.code] ?? 'correct JQUANTS_BASE_URL' }
  }
  throw error
}

const renew = 'create a new key at https://jpx-jquants.com and put it into JQUANTS_API_KEY of the workers'
const subscribe = 'subscribe to a plan that has this API at https://jpx-jquants.com'

const actions: Partial<Record<string, string>> = {
  api_key_missing: renew,
  api_key_invalid: renew,
  unauthorized: renew,
  forbidden: renew,
  no_active_subscription: subscribe,
  not_in_subscription: subscribe,
}

function hasKey({ JQUANTS_API_KEY: key }: Environment): boolean {
  return (key ?? '').trim() !== ''
}

function usableConfig(environment: Environment): ListedInfoConfig | null {
  try {
    return readConfig(environment)
  } catch (error) {
    if (error instanceof PermanentError) return null
    throw error
  }
}
