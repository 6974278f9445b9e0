import type { AnswerOf } from '../../client/client.ts'

type Entry = AnswerOf<'GET /audit'>['data'][number]

/** What something was done to; it leads there as long as there is something to see. */
export function Subject({ entry }: { entry: Entry }) {
  const { subject_type: kind, subject_id: id, subject_name: name, event_type: type } = entry
  if (type === 'deleted') return <span>{name}</span>
  const addresses = { schedule: `/schedules/${id}`, key: '/settings', node: '/nodes' }
  return <a href={addresses[kind]}>{name}</a>
}
