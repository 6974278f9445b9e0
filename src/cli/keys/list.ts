import type { ApiKey } from '../../store/api-keys.ts'
import { print } from '../print.ts'
import { instantText } from './instant-text.ts'
import { keysCommand } from './keys-command.ts'

export const list = keysCommand({
  summary: 'list the keys',
  flags: { json: { summary: 'one JSON document' } },
  read:
    ({ values: { json } }) =>
    async (db) => {
      const { listKeys } = await import('../../store/api-keys.ts')
      const found = await listKeys(db)
      await print(json ? [`${JSON.stringify({ data: found })}\n`] : table(found))
    },
})

function table(found: readonly ApiKey[]): string[] {
  const rows = [
    ['name', 'role', 'begins with', 'status', 'created', 'last used', 'expires'],
    ...found.map((key) => [
      key.name,
      key.role,
      key.prefix,
      key.status,
      instantText(key.created_at),
      instantText(key.last_used_at),
      instantText(key.expires_at),
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows.map(
    (row) =>
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
  )
}
