import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parse, stringify } from 'yaml'
import { type AnswerOf, ApiError, type Calls } from '../../client/client.ts'
import { columnDefaults, scheduleColumns } from '../../http/resources/schedule.ts'
import { CommandFailure } from '../command-failure.ts'
import { tell } from '../output/write.ts'
import type { Schedule } from './present.ts'

type Fields = Record<string, unknown>

/**
 * Has somebody edit a schedule as YAML, again and again until it can be saved; null when nothing is changed.
 * @throws CommandFailure when they give up
 */
export async function editInEditor(api: Calls, ref: string): Promise<AnswerOf<'PATCH /schedules/{id}'> | null> {
  let { data: base } = await api.call('GET /schedules/{id}', { params: { id: ref } })
  let text = toYaml(base)
  let complaint: string | null = null
  for (;;) {
    const edited = inEditor(complaint === null ? text : `${commented(complaint)}${text}`)
    if (withoutComments(edited) === withoutComments(text)) {
      if (complaint !== null) throw new CommandFailure(`not saved: ${complaint}`)
      tell('Nothing is changed.')
      return null
    }
    text = edited
    try {
      const mine = changesOf(fieldsOf(base), readYaml(edited))
      const saved = await save(api, base, mine)
      if ('meta' in saved) return saved
      base = saved.theirs
      complaint = saved.complaint
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 422) && !(error instanceof SyntaxError)) throw error
      complaint = told(error)
    }
  }
}

/**
 * Saves what is changed, on top of what others have changed if that is something else.
 * @returns what they have made of it, when both changed the same
 */
async function save(api: Calls, base: Schedule, mine: Fields) {
  const params = { id: base.id }
  for (let current = base; ; ) {
    try {
      return await api.call('PATCH /schedules/{id}', { params, body: mine, ifMatch: current.revision })
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'revision_mismatch')) throw error
    }
    current = (await api.call('GET /schedules/{id}', { params })).data
    const theirs = changesOf(fieldsOf(base), fieldsOf(current))
    const both = Object.keys(theirs).filter((field) => field in mine && !isDeepStrictEqual(theirs[field], mine[field]))
    if (both.length > 0) {
      const values = both.map((field) => `${field}: ${JSON.stringify(theirs[field])}`)
      return {
        theirs: current,
        complaint: `${current.updated_by} has changed this meanwhile; what you save replaces it\n${values.join('\n')}`,
      }
    }
    tell(`${current.updated_by} has changed ${Object.keys(theirs).join(', ')} meanwhile: that stays`)
  }
}

function fieldsOf(schedule: Schedule): Fields {
  return Object.fromEntries(Object.keys(scheduleColumns).map((name) => [name, schedule[name as keyof Schedule]]))
}

/** What another version of some fields changes; one that it lacks is as if it never had been set. */
function changesOf(base: Fields, edited: Fields): Fields {
  const defaults: Fields = { ...columnDefaults, payload: {} }
  const complete = Object.fromEntries(Object.keys(base).map((name) => [name, edited[name] ?? defaults[name] ?? null]))
  const changed = Object.entries({ ...edited, ...complete }).filter(([name, to]) => !isDeepStrictEqual(to, base[name]))
  return Object.fromEntries(changed)
}

function toYaml(schedule: Schedule): string {
  const set = Object.entries(fieldsOf(schedule)).filter(([, value]) => value !== null)
  return `# ${schedule.name}, revision ${schedule.revision}. Save it to change the schedule; what you take out is unset.\n${stringify(Object.fromEntries(set))}`
}

/** @throws SyntaxError */
function readYaml(text: string): Fields {
  let fields: unknown
  try {
    fields = parse(text)
  } catch (error) {
    throw new SyntaxError((error as Error).message)
  }
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) return fields as Fields
  throw new SyntaxError('there have to be fields and their values')
}

function inEditor(text: string): string {
  const editor = process.env.VISUAL || process.env.EDITOR || 'vi'
  const folder = mkdtempSync(join(tmpdir(), 'pgbeat-'))
  const file = join(folder, 'schedule.yaml')
  try {
    writeFileSync(file, text, { mode: 0o600 })
    // An editor may have arguments, as `code --wait` has.
    const { status, error } = spawnSync('/bin/sh', ['-c', `${editor} "$1"`, '--', file], { stdio: 'inherit' })
    if (error !== undefined || status !== 0) throw new CommandFailure(`${editor} failed: nothing was changed`)
    return readFileSync(file, 'utf8')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function commented(complaint: string): string {
  return complaint
    .split('\n')
    .map((line) => `# ! ${line}\n`)
    .join('')
}

function withoutComments(text: string): string {
  return text.replaceAll(/^#.*\n/gm, '')
}

function told(error: ApiError | SyntaxError): string {
  const fields = error instanceof ApiError ? error.errors.map(({ field, message }) => `${field}: ${message}`) : []
  return [error.message, ...fields].join('\n')
}
