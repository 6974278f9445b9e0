import { z } from 'zod'

/** What a statement saw, as `pg_current_snapshot()` says it. */
export interface Snapshot {
  /** All transactions below were over. */
  readonly xmin: bigint
  /** None from here on was over. */
  readonly xmax: bigint
  /** Those between that were under way. */
  readonly xip: readonly bigint[]
}

/** Up to where changes were read; see changes.ts. */
export interface Position {
  /** Which database, and which history of it: what another one's transactions are called means nothing here. */
  readonly source: string
  readonly snapshot: Snapshot
  /** Transactions from the snapshot's xmin on whose changes of runs were read: at most `mostSeen`, the youngest. */
  readonly seen: readonly bigint[]
  /** Only runs that ended after `at` (Unix milliseconds), or have a greater id, can have changes that were not read. */
  readonly since: { readonly at: number; readonly runId: bigint }
}

/** What changes are of, in the order in which one statement's are told. */
export const changeKinds = ['schedule', 'backfill', 'run'] as const

/** The order of changes that one statement reads: by kind, then by id. */
export interface ChangeKey {
  readonly kind: (typeof changeKinds)[number]
  readonly id: bigint
}

/** Up to where somebody got changes: to a position, and of the batch from there to the next, up to one change. */
export interface Bookmark {
  readonly position: Position
  readonly within?: { readonly until: Position; readonly after: ChangeKey } | undefined
}

export const mostSeen = 256
const mostUnderWay = 2_000
const greatestXid = 2n ** 63n - 1n

/** @param text `xmin:xmax:xip,xip,…` */
export function parseSnapshot(text: string): Snapshot {
  const [xmin = '', xmax = '', xip = ''] = text.split(':')
  return { xmin: BigInt(xmin), xmax: BigInt(xmax), xip: xip === '' ? [] : xip.split(',').map(BigInt) }
}

/** Whether somebody can have been at a position who is at a snapshot later: no transaction in it is younger. */
export function isUpTo({ snapshot: { xmin, xmax, xip }, seen }: Position, later: Snapshot): boolean {
  return xmin <= xmax && xmax <= later.xmax && [...xip, ...seen].every((id) => id < xmax)
}

/** As text for others to keep, without line breaks; what it says is nobody's business. */
export function encodeBookmark({ position, within }: Bookmark): string {
  const after = within && [within.after.kind[0], within.after.id.toString()]
  const whole = [version, position.source, pack(position), ...(within && after ? [pack(within.until), ...after] : [])]
  return Buffer.from(JSON.stringify(whole)).toString('base64url')
}

/** Answers null for what `encodeBookmark` did not make. */
export function decodeBookmark(text: string): Bookmark | null {
  const parsed = bookmarkSchema.safeParse(jsonOf(Buffer.from(text, 'base64url').toString()))
  if (!parsed.success) return null
  const [, source, packed] = parsed.data
  const position = unpack(source, packed)
  if (parsed.data.length === 3) return { position }
  const [, , , until, initial, id] = parsed.data
  const kind = kindOf[initial]
  return { position, within: { until: unpack(source, until), after: { kind, id } } }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const version = 1
const kindOf = { s: 'schedule', b: 'backfill', r: 'run' } as const
const distance = z
  .int()
  .min(0)
  .max(2 ** 48)
const bigint = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
  .refine((value) => value <= greatestXid)
const packedPosition = z.tuple([
  bigint,
  distance,
  z.array(distance).max(mostUnderWay),
  z.array(distance).max(mostSeen),
  z.int().min(0).max(8_640_000_000_000_000),
  bigint,
])
const bookmarkSchema = z.union([
  z.tuple([z.literal(version), z.string(), packedPosition]),
  z.tuple([z.literal(version), z.string(), packedPosition, packedPosition, z.enum(['s', 'b', 'r']), bigint]),
])

type Packed = z.output<typeof packedPosition>

/** Ids of transactions as their distance from the one before, for there may be many of them, and close together. */
function pack({ snapshot, seen, since }: Position) {
  const { xmin, xmax, xip } = snapshot
  return [
    xmin.toString(),
    Number(xmax - xmin),
    distances(xmin, xip),
    distances(xmin, seen),
    since.at,
    since.runId.toString(),
  ]
}

function unpack(source: string, [xmin, range, xip, seen, at, runId]: Packed): Position {
  const snapshot = { xmin, xmax: xmin + BigInt(range), xip: sums(xmin, xip) }
  return { source, snapshot, seen: sums(xmin, seen), since: { at, runId } }
}

function distances(start: bigint, ids: readonly bigint[]): number[] {
  const sorted = ids.toSorted((a, b) => (a < b ? -1 : 1))
  return sorted.map((id, index) => Number(id - (sorted[index - 1] ?? start)))
}

function sums(start: bigint, distances: readonly number[]): bigint[] {
  let last = start
  return distances.map((distance) => {
    last += BigInt(distance)
    return last
  })
}
