import { useState } from 'preact/hooks'
import { act } from '../../data/act.ts'
import { api, session } from '../../data/api.ts'
import type { Query } from '../../data/query.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Table } from '../../parts/table.tsx'
import type { Keys } from './settings.tsx'
import { words } from './words.ts'

const tones = { active: 'good', expired: 'warn', revoked: 'quiet' } as const
const signs = { active: '✓', expired: '!', revoked: '⊘' } as const

type Key = Keys['data'][number]

interface KeyTableProps {
  readonly keys: readonly Key[]
  /** Whether there are others. */
  readonly isBounded: boolean
  /** That they come from. */
  readonly query: Query<Keys>
}

/** The keys there are and were; one that is active can be revoked. */
export function KeyTable({ keys, isBounded, query }: KeyTableProps) {
  const w = words.value
  const [asking, setAsking] = useState<Key>()
  const revoke = ({ id, name }: Key, force: boolean) =>
    act({
      run: () => api.call('POST /keys/{id}/revoke', { params: { id }, ...(force && { query: { force } }) }),
      assume: () =>
        query.assume(({ data, meta }) => ({
          meta,
          data: data.map((key) => (key.id === id ? { ...key, status: 'revoked' as const } : key)),
        })),
      done: () => w.revoked(name),
      failed: w.notRevoked,
      settle: query.reload,
    })
  return (
    <>
      <Table label={w.keys} columns={[w.name, w.role, w.status, w.begins, w.made, w.lastUsed, w.expires, w.actions]}>
        {keys.map((key) => (
          <tr key={key.id}>
            <th scope="row">{key.name}</th>
            <td>{key.role}</td>
            <td>
              <span class={`badge badge-${tones[key.status]}`}>
                <span aria-hidden="true">{signs[key.status]}</span> {w.statuses[key.status]}
              </span>
            </td>
            <td>
              <code>{key.prefix}…</code>
            </td>
            <td>
              <Instant at={key.created_at} /> <span class="soft">{w.by(key.created_by)}</span>
            </td>
            <td>
              <Instant at={key.last_used_at} isRelative />
            </td>
            <td>
              <Instant at={key.expires_at} />
            </td>
            <td>
              {key.status === 'active' && (
                <button type="button" class="danger" aria-label={w.revokeOf(key.name)} onClick={() => setAsking(key)}>
                  {w.revoke}
                </button>
              )}
            </td>
          </tr>
        ))}
      </Table>
      {asking && (
        <Confirm
          isOpen
          title={w.revokeSure(asking.name)}
          action={w.revoke}
          isDangerous
          onConfirm={() => revoke(asking, isLastAdmin(asking, keys, isBounded))}
          onClose={() => setAsking(undefined)}
        >
          <p>{w.revokeWhat}</p>
          {warningsOf(asking, keys, isBounded).map((warning) => (
            <p key={warning}>
              <span aria-hidden="true">⚠</span> {w[warning]}
            </p>
          ))}
        </Confirm>
      )}
    </>
  )
}

/** What follows when a key is revoked, besides that it is refused. */
function warningsOf(key: Key, keys: readonly Key[], isBounded: boolean): ('revokeOwn' | 'revokeLastAdmin')[] {
  const isOwn = session.value?.kind === 'key' && session.value.name === key.name
  return [
    ...(isOwn ? ['revokeOwn' as const] : []),
    ...(isLastAdmin(key, keys, isBounded) ? ['revokeLastAdmin' as const] : []),
  ]
}

/** Whether nobody is left who may edit schedules and keys. Where not all keys are known the API says so. */
function isLastAdmin({ id, role }: Key, keys: readonly Key[], isBounded: boolean): boolean {
  const isOtherAdmin = (other: Key) => other.id !== id && other.role === 'admin' && other.status === 'active'
  return role === 'admin' && !isBounded && !keys.some(isOtherAdmin)
}
