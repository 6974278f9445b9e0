import { createHmac } from 'node:crypto'
import t from 'tap'
import { settingsCheck } from '../../../src/tasks/http/settings.ts'
import { createHttpRequest } from '../../../src/tasks/http/task.ts'
import { runTask } from '../../../src/testing/run-task.ts'
import { receiver } from './server.ts'

const now = Date.parse('2026-11-22T12:00:00.900Z')
const seconds = '1795348800'
const standardKey = Buffer.from('0123456789abcdef').toString('base64')

const environment = {
  PGBEAT_HTTP_ALLOW: '127.0.0.1',
  PGBEAT_HTTP_SECRETS: 'PLAIN, STANDARD ,EMPTY,TOKEN@127.0.0.1,ELSEWHERE@api.example.com,BROKEN@127.0.0.1',
  PLAIN: 'plain key',
  STANDARD: `whsec_${standardKey}`,
  TOKEN: 'Bearer hush-hush',
  ELSEWHERE: 'Bearer other',
  BROKEN: 'line\nbreak',
  UNLISTED: 'not for requests',
}
const task = createHttpRequest({ environment: () => environment, now: () => now })
const run = { id: '42', scheduleId: 'schedule' }

t.test('signs as Standard Webhooks do', async (t) => {
  const { url, received } = await receiver(t)
  const payload = { url, method: 'POST', json: { a: 1 }, signature: { secret: 'STANDARD' } }
  await runTask(task, payload, { run })
  const mac = createHmac('sha256', Buffer.from(standardKey, 'base64')).update(`schedule-42.${seconds}.{"a":1}`)
  t.match(received[0]?.headers, {
    'webhook-id': 'schedule-42',
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${mac.digest('base64')}`,
  })
  await runTask(task, { url, signature: { secret: 'PLAIN' } }, { run })
  const ofNothing = createHmac('sha256', 'plain key').update(`schedule-42.${seconds}.`).digest('base64')
  t.match(received[1]?.headers, { 'webhook-signature': `v1,${ofNothing}` })
})

t.test('signs the time and the body in one header', async (t) => {
  const { url, received } = await receiver(t)
  const signature = { secret: 'PLAIN', scheme: 'timestamped', header: 'X-Signature' }
  await runTask(task, { url, method: 'POST', body: 'a=1', signature }, { run })
  const hex = createHmac('sha256', 'plain key').update(`${seconds}.a=1`).digest('hex')
  t.match(received[0]?.headers, { 'x-signature': `t=${seconds},v1=${hex}` })
})

t.test('a secret is a header only for the host that it is meant for, and is never kept or logged', async (t) => {
  const { url, received } = await receiver(t, (response, request) => {
    response.setHeader('X-Echo', `${request.headers.authorization}`)
    response.end(`you said ${request.headers.authorization}`)
  })
  const payload = { url, secret_headers: { Authorization: 'TOKEN' }, keep_headers: ['x-echo'] }
  const outcome = await runTask(task, payload, { run })
  t.match(received[0]?.headers, { authorization: 'Bearer hush-hush' })
  t.match(outcome.result, { body: 'you said ***', headers: { 'x-echo': '***' } })
  t.notOk(JSON.stringify(outcome).includes('hush-hush'))
  const failing = await runTask(task, { ...payload, success_statuses: ['204'] }).catch((error: Error) => error)
  t.match(failing, { message: 'the answer is 200: you said ***' })
})

t.test('refuses secrets that are not allowed, and says nothing of them', async (t) => {
  const { url, received } = await receiver(t)
  for (const [payload, message] of [
    [{ secret_headers: { A: 'ELSEWHERE' } }, 'PGBEAT_HTTP_SECRETS does not have ELSEWHERE@127.0.0.1'],
    [{ secret_headers: { A: 'PLAIN' } }, 'PGBEAT_HTTP_SECRETS does not have PLAIN@127.0.0.1'],
    [{ secret_headers: { A: 'BROKEN' } }, 'BROKEN has characters that a header can not have'],
    [{ signature: { secret: 'UNLISTED' } }, 'PGBEAT_HTTP_SECRETS does not have UNLISTED'],
    [{ signature: { secret: 'EMPTY' } }, 'EMPTY is not set'],
  ] as const) {
    await t.rejects(runTask(task, { url, ...payload }), { name: 'PermanentError', code: 'secret_refused', message })
  }
  t.same(received, [])
})

t.test('the doctor says what is wrong with the variables', async (t) => {
  const look = (variables: Record<string, string>) => settingsCheck.look(variables, async () => true)
  t.match(await look({}), { status: 'pass' })
  t.match(await look({ PGBEAT_HTTP_SECRETS: 'A,B@b.example', A: '1', B: '2' }), { status: 'pass' })
  t.match(await look({ PGBEAT_HTTP_SECRETS: 'A,B', A: '1' }), { status: 'warn', message: /not set here: B$/ })
  t.match(await look({ PGBEAT_HTTP_ALLOW: '10.0.0.0/99' }), {
    status: 'fail',
    message: /PGBEAT_HTTP_ALLOW: 10.0.0.0\/99/,
  })
  const found = await look({ PGBEAT_HTTP_SECRETS: 'hush=hush' })
  t.match(found, { status: 'fail', message: /PGBEAT_HTTP_SECRETS/ })
  t.notMatch(found.message, /hush/)
  const broken = createHttpRequest({ environment: () => ({ PGBEAT_HTTP_ALLOW: '?' }) })
  await t.rejects(runTask(broken, { url: 'http://a.example' }), { code: 'configuration_invalid' })
})
