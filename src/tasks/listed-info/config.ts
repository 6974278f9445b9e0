import { z } from 'zod'
import { PermanentError } from '../../errors.ts'
import type { TaskVariable } from '../../task.ts'

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

type Variable = keyof typeof environmentSchema.shape

/** What there is to say of each. */
const described: Readonly<Record<Variable, Omit<TaskVariable, 'name'>>> = {
  JQUANTS_API_KEY: { description: 'The key of the J-Quants API (V2); without it the task fails', isSecret: true },
  JQUANTS_BASE_URL: { description: 'Another server with the same API', default: 'https://api.jquants.com' },
  JQUANTS_PLAN: {
    description: 'free, light, standard or premium: decides the requests a minute',
    default: 'free',
  },
  JQUANTS_REQUESTS_PER_MINUTE: {
    description: 'The requests a minute, shared by all workers on the same database',
    default: 'by plan: 5, 60, 120, 500',
  },
}

export const variables: readonly TaskVariable[] = (Object.keys(environmentSchema.shape) as Variable[]).map((name) => ({
  name,
  ...described[name],
}))

/**
 * Reads this plug-in's variables; an empty one counts as not set.
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
