import type { AnswerOf } from '../../client/client.ts'

type DoctorFinding = AnswerOf<'GET /doctor'>['data']['checks'][number]

const tones = { pass: 'good', warn: 'warn', fail: 'bad', skip: 'quiet' } as const
const signs = { pass: '✓', warn: '!', fail: '✕', skip: '–' } as const

/** What one of the doctor's checks has found, and what to do. */
export function Finding({ finding: { name, status, message, action } }: { finding: DoctorFinding }) {
  return (
    <li>
      <span class={`badge badge-${tones[status]}`}>
        {signs[status]} {name}
      </span>{' '}
      {message}
      {action !== null && <p class="soft">→ {action}</p>}
    </li>
  )
}
