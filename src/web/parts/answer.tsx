import type { ComponentChildren } from 'preact'
import { ApiError } from '../../client/client.ts'
import type { Query } from '../data/query.ts'
import { words } from './words.ts'

interface AnswerProps<Data> {
  readonly query: Query<Data>
  readonly children: (data: Data) => ComponentChildren
}

/** What was asked for; or that it is awaited, or why it can't be shown and what to do. */
export function Answer<Data>({ query, children }: AnswerProps<Data>) {
  const { data, error, isLoading, reload } = query
  if (data !== undefined) {
    return (
      <>
        {error && <Failure error={error} onRetry={reload} />}
        {children(data)}
      </>
    )
  }
  if (error) return <Failure error={error} onRetry={reload} />
  return isLoading ? <p class="loading">{words.value.loading}</p> : null
}

/** Why something could not be loaded. */
export function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const id = error instanceof ApiError ? error.requestId : undefined
  return (
    <div class="failure" role="alert">
      <p>
        <strong>{words.value.couldNotLoad}:</strong> {error.message}
        {id && <small> ({id})</small>}
      </p>
      <button type="button" onClick={onRetry}>
        {words.value.tryAgain}
      </button>
    </div>
  )
}
