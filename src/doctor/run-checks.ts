import { readEnvironment } from '../config/read-config.ts'
import { type Finding, fail, skip } from '../finding.ts'
import { reasonOf } from '../reason.ts'
import { isTooSlow } from '../store/postgres-errors.ts'
import type { Check, Patient } from './check.ts'
import type { Named } from './report.ts'

/** Which check tells whether there is what others need. */
const tellers = { nothing: null, postgres: 'postgres', schema: 'migrations', redis: 'redis' } as const

export const longestCheckMs = 5_000

/**
 * Looks at everything, side by side as far as one thing does not need another; answers in the order of the checks.
 * @param only the names of those that are reported; left out, all. What they need is looked at all the same
 */
export async function runChecks(
  checks: readonly Check[],
  patient: Patient,
  only?: readonly string[],
): Promise<readonly Named[]> {
  const wrong = new Set(readEnvironment(patient.environment).problems.map(({ variable }) => variable))
  const findings = new Map<Check, Promise<Finding>>()
  const reported = checks.filter(({ name }) => only?.includes(name) ?? true)
  return Promise.all(reported.map(async (check) => ({ name: check.name, ...(await find(check)) })))

  function find(check: Check): Promise<Finding> {
    const found = findings.get(check) ?? examine(check)
    findings.set(check, found)
    return found
  }

  async function examine(check: Check): Promise<Finding> {
    const unusable = check.uses?.filter((name) => wrong.has(name)) ?? []
    if (unusable.length > 0) return skip(`${unusable.join(' and ')} can't be used, see configuration`)
    const teller = checks.find(({ name }) => name === tellers[check.needs])
    const { status } = teller === undefined ? {} : await find(teller)
    if (status === 'fail') return skip(`not looked at, because ${teller?.name} failed`)
    if (status === 'skip') return skip(`not looked at, because ${teller?.name} was skipped`)
    return look(check, patient)
  }
}

const unanswered = fail(
  `no answer within ${longestCheckMs / 1_000} s`,
  'somebody holds a lock, or what it asks is overloaded or out of reach: see the other checks and pg_stat_activity',
)

async function look(check: Check, patient: Patient): Promise<Finding> {
  const { promise: tooLong, resolve } = Promise.withResolvers<Finding>()
  const timer = setTimeout(resolve, longestCheckMs, unanswered)
  try {
    return await Promise.race([check.look(patient), tooLong])
  } catch (error) {
    if (isTooSlow(error)) return unanswered
    return fail(`could not be looked at: ${reasonOf(error)}`, 'see what the other checks say, and try again')
  } finally {
    clearTimeout(timer)
  }
}
