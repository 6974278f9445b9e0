import { z } from 'zod'
import { PermanentError } from '../../errors.ts'

/** Requests a minute that J-Quants allows an account, by plan. */
const REQUESTS_PER_MINUTE = { free: 5, light: 60, standard: 120, premium: 500 } as const

export interface ListedInfoConfig {
  readonly apiKey: string
  /** Without a slash at the end. */
  readonly baseUrl: string
  readonly requestsPerMinute: number
}

const environmentSchema = z.object({
  JQUANTS_API_KEY: z
    .string({ error: 'is not set; create a key at https://jpx-jquants.com and put it there' })
    // Anything else can't be sent as a header, and the runtime's own complaint would repeat the key.
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces'),
  JQUANTS_BASE_URL: z
    .string()
    .default('https://api.jquants.com')
    .refine(isPlainHttpUrl, 'must be an http or https URL without user, query or fragment'),
  JQUANTS_PLAN: z.enum(['free', 'light', 'standard', 'premium']).default('free'),
  JQUANTS_REQUESTS_PER_MINUTE: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(10_000, 'must be at most 10000')
    .optional(),
})

/**
 * Reads this plug-in's variables; an empty one counts as not set.
 *
 * - `JQUANTS_API_KEY`: the account's key, required
 * - `JQUANTS_BASE_URL`: default `https://api.jquants.com`
 * - `JQUANTS_PLAN`: `free` (default), `light`, `standard` or `premium`: sets the rate limit
 * - `JQUANTS_REQUESTS_PER_MINUTE`: the rate limit itself; wins over the plan's
 *
 * @throws PermanentError `configuration_invalid`, naming the variables and never a value
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ListedInfoConfig {
  const set = Object.fromEntries(
    Object.keys(environmentSchema.shape).flatMap((name) => {
      const value = environment[name]?.trim()
      return value ? [[name, value]] : []
    }),
  )
  const parsed = environmentSchema.safeParse(set)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`)
    throw new PermanentError('configuration_invalid', problems.join('; '))
  }
  const { JQUANTS_API_KEY, JQUANTS_BASE_URL, JQUANTS_PLAN, JQUANTS_REQUESTS_PER_MINUTE } = parsed.data
  return {
    apiKey: JQUANTS_API_KEY,
    baseUrl: JQUANTS_BASE_URL.replace(/\/+$/, ''),
    requestsPerMinute: JQUANTS_REQUESTS_PER_MINUTE ?? REQUESTS_PER_MINUTE[JQUANTS_PLAN],
  }
}

function isPlainHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && !username && !password && !search && !hash
}
