import type { AnswerOf } from '../../../client/client.ts'
import { api, mayAct, session } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { KeyTable } from './key-table.tsx'
import { NewKey } from './new-key.tsx'
import './settings.css'
import { IssuedToken } from './token.tsx'
import { words } from './words.ts'

export type Keys = AnswerOf<'GET /keys'>

/** Who may use the API. */
export function Settings() {
  const w = words.value
  return (
    <div class="stack">
      <h1>{w.title}</h1>
      <h2>{w.keys}</h2>
      <IssuedToken />
      {mayAct('admin') ? (
        <AllKeys />
      ) : (
        <p class="card">
          {w.notYours(session.value?.role ?? '')} {w.notYoursHow}
        </p>
      )}
    </div>
  )
}

function AllKeys() {
  const w = words.value
  const query = useQuery('keys', (signal) => api.call('GET /keys', { signal }))
  return (
    <>
      {session.value?.is_open && (
        <p class="card">
          {w.open} {w.closes}
        </p>
      )}
      <NewKey onSettled={query.reload} />
      <Answer query={query}>
        {({ data, meta }) => (
          <>
            {meta.is_bounded && <p class="card">{w.bounded}</p>}
            {data.length === 0 ? (
              <p class="card">{w.none}</p>
            ) : (
              <KeyTable keys={data} isBounded={meta.is_bounded} query={query} />
            )}
          </>
        )}
      </Answer>
    </>
  )
}
