import { useState } from 'preact/hooks'
import { act } from '../../data/act.ts'
import { api, session } from '../../data/api.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Table } from '../../parts/table.tsx'
import type { Key } from './settings.tsx'
import { words } from './words.ts'

const tones = { active: 'good', expired: 'warn', revoked: 'quiet' } as const
const signs = { active: '✓', expired: '!', revoked: '⊘' } as const

interface KeyTableProps {
  readonly keys: readonly Key[]
  readonly onSettled: () => void
}

/** The keys there are and were; one that is active can be revoked. */
export function KeyTable({ keys, onSettled }: KeyTableProps) {
  const w = words.value
  const [asking, setAsking] = useState<Key>()
  const revoke = ({ id, name }: Key) =>
    act({
      run: () => api.call('POST /keys/{id}/revoke', { params: { id } }),
      done: () => w.revoked(name),
      failed: w.notRevoked,
      settle: onSettled,
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
          onConfirm={() => revoke(asking)}
          onClose={() => setAsking(undefined)}
        >
          <p>
            {w.revokeWhat} {session.value?.name === `api:${asking.name}` && w.revokeOwn}
          </p>
        </Confirm>
      )}
    </>
  )
}
