import { type AnswerOf, ApiError, type CallOptions, type Calls } from '../../client/client.ts'
import { CommandFailure } from '../command-failure.ts'
import type { Entry, Path } from './read-declared.ts'

type Body = CallOptions<'POST /apply'>['body']
export type Applied = AnswerOf<'POST /apply'>
export type Options = Omit<Body, 'schedules'>

/**
 * Has schedules applied, or tried.
 * @throws CommandFailure with everything that is wrong, and where it is declared
 */
export async function ask(api: Calls, entries: readonly Entry[], options: Options): Promise<Applied> {
  try {
    return await send(api, entries, options)
  } catch (error) {
    if (error instanceof ApiError && error.code === 'body_too_large') throw new CommandFailure(tooLarge)
    const wrong = placesOf(error)
    if (wrong === null) throw error
    const more = await otherwiseWrong(api, entries, { wrong, error: error as ApiError, options })
    const lines = [...wrong, ...more].sort((a, b) => a.entry - b.entry).map((one) => complaintAt(entries, one))
    throw new CommandFailure(`nothing was done\n${lines.join('\n')}`, kindOf(error as ApiError))
  }
}

const tooLarge =
  'nothing was done: it is more than the 1 MB that the API takes at once. Apply it with DATABASE_URL, or in several sets.'

function send(api: Calls, entries: readonly Entry[], options: Options): Promise<Applied> {
  const schedules = entries.map(({ fields }) => fields) as Body['schedules']
  return api.call('POST /apply', { body: { ...options, schedules } })
}

interface Wrong {
  readonly entry: number
  readonly path: Path
  readonly message: string
}

interface Refusal {
  readonly wrong: readonly Wrong[]
  readonly error: ApiError
  readonly options: Options
}

/** Values that can't be read at all are told first; here is what there is besides with the other schedules. */
async function otherwiseWrong(
  api: Calls,
  entries: readonly Entry[],
  { wrong, error, options }: Refusal,
): Promise<Wrong[]> {
  if (error.code !== 'invalid_request') return []
  const { revisions: _, prune: __, ...rest } = options
  const others = entries.map((_, index) => index).filter((index) => !wrong.some(({ entry }) => entry === index))
  try {
    await send(
      api,
      others.flatMap((index) => entries[index] ?? []),
      { ...rest, dry_run: true },
    )
    return []
  } catch (error) {
    return (placesOf(error) ?? []).map((one) => ({ ...one, entry: others[one.entry] ?? 0 }))
  }
}

/** null where it isn't about schedules that are declared. */
function placesOf(error: unknown): Wrong[] | null {
  if (!(error instanceof ApiError)) return null
  const wrong = error.errors.flatMap(({ field, message, hint }) => {
    const [, entry, rest = ''] = /^schedules\.(\d+)(?:\.(.+))?$/.exec(field) ?? []
    if (entry === undefined) return []
    const path = rest === '' ? [] : rest.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
    return [{ entry: Number(entry), path, message: hint === undefined ? message : `${message}. ${hint}` }]
  })
  return wrong.length === 0 ? null : wrong
}

function complaintAt(entries: readonly Entry[], { entry, path, message }: Wrong): string {
  const { fields, where } = entries[entry] as Entry
  const parts = [where(path), fields.name, path.join('.')].filter((part, index, all) => part && part !== all[index - 1])
  return `${parts.join(': ')}: ${referring(entries, message)}`
}

/** Another schedule that is meant, by where it is. */
function referring(entries: readonly Entry[], message: string): string {
  return message.replace(/^schedules\.(\d+)\b/, (all, index) => entries[Number(index)]?.where([]) ?? all)
}

function kindOf({ status }: ApiError): 'conflict' | 'usedWrongly' {
  return status === 409 || status === 412 ? 'conflict' : 'usedWrongly'
}
