import t from 'tap'
import { testApi } from './api.ts'

t.test('the API tells what the doctor says where it runs', async (t) => {
  const { request } = await testApi(t)
  const { status, body } = await request('GET', '/doctor')
  t.equal(status, 200)
  t.equal(body.data.status, 'fail', 'nobody leads here')
  const named = (name: string) => body.data.checks.find((check: { name: string }) => check.name === name)
  t.match(named('postgres'), { status: 'pass', action: null })
  t.match(named('leader'), { status: 'fail', action: /\w/ })
  t.equal((await request('GET', '/doctor')).body.data.checked_at, body.data.checked_at, 'it is not asked each time')
})
