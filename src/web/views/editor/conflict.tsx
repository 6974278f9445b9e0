import { Differences } from '../../parts/differences.tsx'
import type { Schedule } from './draft.ts'
import { words } from './words.ts'

interface ConflictProps {
  /** As it was when the editing began. */
  readonly began: Schedule
  /** As it is now. */
  readonly theirs: Schedule
  readonly onTake: () => void
  readonly onKeep: () => void
}

const kept = ['revision', 'updated_at', 'updated_by', 'next_run_at', 'last_run_at', 'run_count', 'task_has_worker']

/** Somebody else was faster: shows what they did, and asks what is to hold. */
export function Conflict({ began, theirs, onTake, onKeep }: ConflictProps) {
  const w = words.value
  const names = Object.keys(theirs) as (keyof Schedule)[]
  const changes = Object.fromEntries(
    names
      .filter((name) => !kept.includes(name) && JSON.stringify(began[name]) !== JSON.stringify(theirs[name]))
      .map((name) => [name, { from: began[name], to: theirs[name] }]),
  )
  return (
    <section class="card stack conflict" role="alert">
      <p>
        <strong>{w.conflict}</strong> {w.conflictWhat}
      </p>
      <Differences changes={changes} />
      <div class="row">
        <button type="button" onClick={onTake}>
          {w.takeTheirs}
        </button>
        <button type="button" onClick={onKeep}>
          {w.keepMine}
        </button>
      </div>
    </section>
  )
}
