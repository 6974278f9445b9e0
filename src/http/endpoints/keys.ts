import { z } from 'zod'
import { hasKeys, listNewestKeys, lockAdminKeys, revokeKey } from '../../store/api-keys.ts'
import { asActor } from '../../store/as-actor.ts'
import { actorOf } from '../access/caller.ts'
import { issueKey } from '../access/issue-key.ts'
import { roles } from '../access/roles.ts'
import { endpoint } from '../endpoint.ts'
import { flagInQuery } from '../fields/in-query.ts'
import { instant, moment } from '../fields/instant.ts'
import { text } from '../fields/text.ts'
import { notFound, Problem } from '../problem.ts'

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
    'It is refused from now on, for good; one that was revoked before stays as it is. The last admin that is neither ' +
    'revoked nor expired is revoked with `force=true` only: the API goes on asking for keys, and without an admin nobody ' +
    'makes keys or edits schedules over HTTP until `pgbeat keys create --role admin`, with the database at hand, makes ' +
    'another. An admin that will expire counts until then.',
  query: z.strictObject({
    force: flagInQuery.optional().describe('Revoke it even if no admin is left then'),
  }),
  status: 200,
  content: z.object({
    data: keyResource.extend({
      is_admin_left: z
        .boolean()
        .describe('Whether there is an admin still; if not, only `pgbeat keys create --role admin` makes one'),
    }),
  }),
  problems: ['key_not_found', 'last_admin_key', 'locked'],
  async handle({ params, query, caller }, { db, forgetKeys }) {
    const revoked = await asActor(db, actorOf(caller), async (trx) => {
      const admins = await lockAdminKeys(trx)
      const key = await revokeKey(trx, params.id)
      if (key === null) throw notFound('key', params.id)
      const left = admins.filter((id) => id !== key.id)
      if (left.length === 0 && admins.length > 0 && query.force !== true) throw lastAdmin(key.name)
      return { ...key, is_admin_left: left.length > 0 }
    })
    forgetKeys()
    return { content: { data: revoked } }
  },
})

function lastAdmin(name: string): Problem {
  return new Problem(
    'last_admin_key',
    `${name} is the last key with the role admin: without it nobody makes keys or edits schedules over HTTP until ` +
      '`pgbeat keys create --role admin` makes another; make one first, or send force=true',
  )
}
