import t from 'tap'
import { PermanentError } from '../../../src/errors.ts'
import { readConfig } from '../../../src/tasks/listed-info/config.ts'

function complaint(environment: Record<string, string>): string {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof PermanentError && error.code === 'configuration_invalid') return error.message
    throw error
  }
  return ''
}

t.test('a key is all it needs', async (t) => {
  t.strictSame(readConfig({ JQUANTS_API_KEY: 'abc' }), {
    apiKey: 'abc',
    baseUrl: 'https://api.jquants.com',
    requestsPerMinute: 5,
  })
})

t.test('without a key it fails for good and names the variable', async (t) => {
  t.match(complaint({}), /^JQUANTS_API_KEY is not set/)
  t.match(complaint({ JQUANTS_API_KEY: ' ' }), /^JQUANTS_API_KEY is not set/, 'empty is not set')
})

t.test('the plan sets the pace, unless a number does', async (t) => {
  const pace = (more: Record<string, string>) => readConfig({ JQUANTS_API_KEY: 'abc', ...more }).requestsPerMinute
  t.equal(pace({ JQUANTS_PLAN: 'free' }), 5)
  t.equal(pace({ JQUANTS_PLAN: 'light' }), 60)
  t.equal(pace({ JQUANTS_PLAN: 'standard' }), 120)
  t.equal(pace({ JQUANTS_PLAN: 'premium' }), 500)
  t.equal(pace({ JQUANTS_PLAN: 'premium', JQUANTS_REQUESTS_PER_MINUTE: '7' }), 7)
})

t.test('a slash at the end of the base URL makes no difference', async (t) => {
  const { baseUrl } = readConfig({ JQUANTS_API_KEY: 'abc', JQUANTS_BASE_URL: 'http://127.0.0.1:9/mock/' })
  t.equal(baseUrl, 'http://127.0.0.1:9/mock')
})

t.test('bad values are named, and never repeated', async (t) => {
  const message = complaint({
    JQUANTS_API_KEY: 'se cret',
    JQUANTS_BASE_URL: 'https://user:hidden@api.jquants.com',
    JQUANTS_PLAN: 'gold',
    JQUANTS_REQUESTS_PER_MINUTE: '0',
  })
  for (const name of ['API_KEY', 'BASE_URL', 'PLAN', 'REQUESTS_PER_MINUTE']) t.match(message, `JQUANTS_${name} `)
  for (const value of ['cret', 'hidden', 'gold']) t.notMatch(message, value)
})
