import { z } from 'zod'
import { roles } from '../access/roles.ts'
import { sessionCookie } from '../access/session-cookie.ts'
import { type Caller, httpEndpoint } from '../endpoint.ts'
import { text } from '../fields/text.ts'
import { Problem } from '../problem.ts'

const tag = 'Session'

const session = z
  .object({
    is_open: z.boolean().describe('Whether nobody needs a key: there is none, and only this machine reaches the API'),
    kind: z
      .enum(['key', 'anybody'])
      .nullable()
      .describe('As whom you are let in: with a key, or as anybody on this machine; null = not, then a key is needed'),
    name: z.string().nullable().describe('The name of your key, as `/keys` lists it; `api` of anybody'),
    role: z.enum(roles).nullable(),
    actor: z.string().nullable().describe('What the audit trail calls you: `api:` and the name of your key, or `api`'),
  })
  .meta({ id: 'Session' })

const one = z.object({ data: session })

const setCookie = { 'Set-Cookie': 'The key, for the browser to send; httpOnly and for this site only' }

export const showSessionEndpoint = httpEndpoint({
  id: 'getSession',
  method: 'get',
  path: '/api/v1/session',
  tag,
  role: null,
  asksWho: true,
  summary: 'Show who you are',
  status: 200,
  content: one,
  async handle(_call, { admission }, { request }) {
    return { content: { data: present(admission.callerIfAny(request), await admission.isOpen()) } }
  },
})

export const logInEndpoint = httpEndpoint({
  id: 'logIn',
  method: 'post',
  path: '/api/v1/session',
  tag,
  role: null,
  asksWho: true,
  summary: 'Log in with a key',
  description: 'Until the browser ends; other clients send the key with each request instead.',
  body: z.strictObject({ key: text.min(1).max(1_000) }),
  example: { key: 'pgb_…' },
  status: 200,
  content: one,
  headers: setCookie,
  problems: ['unauthorized'],
  isSecret: true,
  async handle({ body }, { admission }, { request }) {
    const caller = await admission.whose(body.key)
    if (caller === null) throw new Problem('unauthorized', 'the API key is unknown, revoked or expired')
    return {
      content: { data: present(caller, await admission.isOpen()) },
      headers: { 'Set-Cookie': sessionCookie(body.key, request) },
    }
  },
})

export const logOutEndpoint = httpEndpoint({
  id: 'logOut',
  method: 'delete',
  path: '/api/v1/session',
  tag,
  role: null,
  asksWho: true,
  summary: 'Log out',
  status: 200,
  content: one,
  headers: setCookie,
  async handle(_call, { admission }, { request }) {
    const isOpen = await admission.isOpen()
    return {
      content: { data: present(null, isOpen) },
      headers: { 'Set-Cookie': sessionCookie(null, request) },
    }
  },
})

function present(caller: Caller | null, isOpen: boolean): z.output<typeof session> {
  if (caller === null) return { is_open: isOpen, kind: null, name: null, role: null, actor: null }
  const { keyName, name: actor, role } = caller
  return { is_open: isOpen, kind: keyName === null ? 'anybody' : 'key', name: keyName ?? actor, role, actor }
}
