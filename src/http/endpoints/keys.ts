import { z } from 'zod'
import { hasKeys, listNewestKeys, revokeKey } from '../../store/api-keys.ts'
import { asActor } from '../../store/as-actor.ts'
import { actorOf } from '../access/caller.ts'
import { issueKey } from '../access/issue-key.ts'
import { roles } from '../access/roles.ts'
import { endpoint } from '../endpoint.ts'
import { instant, moment } from '../fields/instant.ts'
import { text } from '../fields/text.ts'
import { notFound } from '../problem.ts'

const tag = 'Keys'
const mostListed = 1_000

const keyResource = z
  .object({
    id: z.guid(),
    name: z.string().describe('What the audit trail calls whoever uses it, after `api:`'),
    role: z.enum(roles),
    prefix: z.string().describe('How its token begins'),
    status: z.enum(['active', 'expired', 'revoked']),
    created_at: moment,
    created_by: z.string(),
    expires_at: moment.nullable().describe('null = never'),
    revoked_at: moment.nullable(),
    last_used_at: moment.nullable().describe('To the minute; null = never'),
  })
  .meta({ id: 'Key' })

export const listKeysEndpoint = endpoint({
  id: 'listKeys',
  method: 'get',
  path: '/api/v1/keys',
  tag,
  role: 'admin',
  summary: 'List the keys',
  description: 'The newest first; those included that are revoked, for they keep their names. Tokens are kept nowhere.',
  status: 200,
  content: z.object({
    data: z.array(keyResource),
    meta: z.object({ is_bounded: z.boolean().describe(`Whether there are more than these ${mostListed}`) }),
  }),
  async handle(_call, { db }) {
    const found = await listNewestKeys(db, mostListed + 1)
    return { content: { data: found.slice(0, mostListed), meta: { is_bounded: found.length > mostListed } } }
  },
})

export const createKeyEndpoint = endpoint({
  id: 'createKey',
  method: 'post',
  path: '/api/v1/keys',
  tag,
  role: 'admin',
  summary: 'Create a key',
  description:
    'Its token is in the answer, this once. The first key closes the API: where it was open to everybody on this machine, ' +
    'each request needs a key from then on, also after that key is revoked. So let the first be an admin.',
  body: z.strictObject({
    name: text.optional().describe('1 to 200 characters, unlike those of all other keys; made up when left out'),
    role: z.enum(roles),
    expires_at: instant.nullish().describe('From when on it is refused; never when left out'),
  }),
  example: { name: 'deploy', role: 'operator' },
  status: 201,
  content: z.object({
    data: keyResource.extend({
      token: z.string().describe('To be sent as `Authorization: Bearer <token>`; nobody can be told of it again'),
      is_first: z
        .boolean()
        .describe('Whether there was none: the API was open until now and asks for keys from now on'),
    }),
  }),
  problems: ['name_taken', 'locked'],
  isSecret: true,
  async handle({ body, caller }, { db, forgetKeys }) {
    const { name, role, expires_at } = body
    const created = await asActor(db, actorOf(caller), async (trx) => {
      const isFirst = !(await hasKeys(trx))
      const { key, token } = await issueKey(trx, { name, role, expiresAt: expires_at ?? null })
      return { ...key, token, is_first: isFirst }
    })
    // Whoever is told that it is closed must not find it open.
    forgetKeys()
    return { content: { data: created } }
  },
})

export const revokeKeyEndpoint = endpoint({
  id: 'revokeKey',
  method: 'post',
  path: '/api/v1/keys/{id}/revoke',
  tag,
  role: 'admin',
  summary: 'Revoke a key',
  description:
    'It is refused from now on, for good; one that was revoked before stays as it is. When the last admin is revoked, ' +
    'only `pgbeat keys create` makes another.',
  status: 200,
  content: z.object({ data: keyResource }),
  problems: ['key_not_found'],
  async handle({ params, caller }, { db, forgetKeys }) {
    const revoked = await asActor(db, actorOf(caller), (trx) => revokeKey(trx, params.id))
    if (revoked === null) throw notFound('key', params.id)
    forgetKeys()
    return { content: { data: revoked } }
  },
})
