import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useLocation, useRoute } from 'preact-iso'
import { ApiError } from '../../../client/client.ts'
import { act } from '../../data/act.ts'
import { api } from '../../data/api.ts'
import { useQuery } from '../../data/query.ts'
import { Answer } from '../../parts/answer.tsx'
import { ownZone } from '../../parts/instant.tsx'
import { Conflict } from './conflict.tsx'
import { changesOf, type Draft, newDraft, type Schedule, toBody, toDraft } from './draft.ts'
import './editor.css'
import { Form } from './form.tsx'
import { words } from './words.ts'

/** A schedule that there is not yet. */
export function NewSchedulePage() {
  const [start] = useState(() => newDraft(ownZone))
  return (
    <Editor
      title={words.value.create}
      start={start}
      save={(draft) => api.call('POST /schedules', { body: toBody(draft) })}
    />
  )
}

/** One that there is, as it was when the page was opened: what others do meanwhile shows when it is saved. */
export function EditSchedulePage() {
  const { id = '' } = useRoute().params
  const [opened, setOpened] = useState(0)
  const query = useQuery(
    `edit ${id} ${opened}`,
    (signal) => api.call('GET /schedules/{id}', { params: { id }, signal }),
    { isKept: true },
  )
  return (
    <Answer query={query}>
      {({ data }) => <Edit key={data.revision} schedule={data} onReload={() => setOpened((times) => times + 1)} />}
    </Answer>
  )
}

function Edit({ schedule, onReload }: { schedule: Schedule; onReload: () => void }) {
  const { id, name } = schedule
  const start = toDraft(schedule)
  const [theirs, setTheirs] = useState<Schedule>()
  const [revision, setRevision] = useState(schedule.revision)
  const save = async (draft: Draft) => {
    try {
      return await api.call('PATCH /schedules/{id}', {
        params: { id },
        body: changesOf(draft, start),
        ifMatch: revision,
      })
    } catch (error) {
      if (error instanceof ApiError && error.code === 'revision_mismatch') {
        setTheirs((await api.call('GET /schedules/{id}', { params: { id } })).data)
      }
      throw error
    }
  }
  return (
    <Editor title={words.value.edit(name)} start={start} save={save}>
      {theirs && (
        <Conflict
          began={schedule}
          theirs={theirs}
          onTake={onReload}
          onKeep={() => {
            setRevision(theirs.revision)
            setTheirs(undefined)
          }}
        />
      )}
    </Editor>
  )
}

interface EditorProps {
  readonly title: string
  readonly start: Draft
  readonly save: (draft: Draft) => Promise<{ readonly data: { readonly id: string; readonly name: string } }>
  readonly children?: ComponentChildren
}

function Editor({ title, start, save, children }: EditorProps) {
  const w = words.value
  const { route } = useLocation()
  const [draft, setDraft] = useState(start)
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map())
  const [isSaving, setIsSaving] = useState(false)
  const submit = async () => {
    setIsSaving(true)
    setErrors(new Map())
    const answer = await act({
      run: () => save(draft).catch(withErrors),
      done: ({ data }) => w.saved(data.name),
      failed: w.notSaved,
    })
    setIsSaving(false)
    if (answer !== undefined) route(`/schedules/${answer.data.id}`)
  }
  const withErrors = (error: unknown): never => {
    if (error instanceof ApiError) setErrors(new Map(error.errors.map(({ field, message }) => [field, message])))
    throw error
  }
  return (
    <div class="editor stack">
      <h1>{title}</h1>
      <Form
        draft={draft}
        set={(part) => setDraft((before) => ({ ...before, ...part }))}
        errors={errors}
        isSaving={isSaving}
        onSave={submit}
      >
        {children}
      </Form>
    </div>
  )
}
