import t from 'tap'
import { bearerToken } from '../../../src/http/access/bearer-token.ts'

t.test('the token of an Authorization header', async (t) => {
  const headers: [string, string][] = [
    ['Bearer pgb_abc-DEF_123', 'pgb_abc-DEF_123'],
    ['bearer abc', 'abc'],
    ['BEARER abc', 'abc'],
    ['Bearer   abc', 'abc'],
    ['Bearer aA0-._~+/==', 'aA0-._~+/=='],
    ['Bearer malformed', 'malformed'],
    ['Bearer bearer', 'bearer'],
  ]
  for (const [header, token] of headers) t.same(bearerToken(header), { kind: 'token', token }, header)
})

t.test('none, where there is none for us', async (t) => {
  const headers = [undefined, '', 'Basic dXNlcjpwYXNz', 'Bearerabc', 'Token abc', 'abc', ' Bearer abc', 'Bearer:abc']
  for (const header of headers) t.same(bearerToken(header), { kind: 'none' }, String(header))
})

t.test('malformed, where it can be no token', async (t) => {
  const headers = [
    'Bearer',
    'Bearer ',
    'bearer\tabc',
    'Bearer abc def',
    'Bearer abc,def',
    'Bearer "abc"',
    'Bearer a=b',
    'Bearer ==',
    'Bearer ключ',
    'Bearer abc ',
    'Bearer abc\n',
    `Bearer ${'a'.repeat(10_000)}!`,
  ]
  for (const header of headers) t.same(bearerToken(header), { kind: 'malformed' }, header.slice(0, 40))
})
