import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { LiveEvent } from '../../client/client.ts'
import { noticeError } from './api.ts'
import { onChange, reloads } from './live.ts'

/** One part of a list, as the API answers it. */
export interface Part<Row> {
  readonly data: readonly Row[]
  readonly meta: {
    readonly next_cursor: string | null
    readonly total: number | null
    readonly total_is_exact: boolean
  }
}

export interface Pages<Row> {
  readonly rows: readonly Row[]
  /** How many there are, as far as the API counts; null before the first answer. */
  readonly total: number | null
  readonly isTotalExact: boolean
  readonly isLoading: boolean
  /** Whether there are more than `rows`. */
  readonly hasMore: boolean
  readonly error: Error | undefined
  more(): void
  reload(): void
  /** Shows something else until the next answer: what an action is about to make true. Answers what takes it back. */
  assume(change: (rows: readonly Row[]) => readonly Row[]): () => void
}

interface State<Row> {
  readonly rows: readonly Row[]
  readonly next: string | null
  readonly total: number | null
  readonly isTotalExact: boolean
  readonly isLoading: boolean
  readonly error?: Error
}

const nothing = { rows: [], next: null, total: null, isTotalExact: true, isLoading: true }
const settleMs = 300

/**
 * A list that is read on as it is scrolled, however long it is.
 * @param key says what is listed
 * @param load reads a part, after a cursor or from the start
 * @param on which changes make what is shown out of date; it is then read anew, as far as it was
 */
export function usePages<Row>(
  key: string,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Part<Row>>,
  on: (event: LiveEvent) => boolean = () => false,
): Pages<Row> {
  const [state, setState] = useState<State<Row>>(nothing)
  const current = useRef({ load, on, state })
  current.current = { load, on, state }

  const reader = useMemo(() => {
    let asking = new AbortController()
    /** The end was reached while something else was read. */
    let isMoreWanted = false
    let isReadingOn = false
    /** Reads until there are at least so many rows. */
    const read = async (from: string | undefined, before: readonly Row[], least: number) => {
      asking.abort()
      asking = new AbortController()
      const { signal } = asking
      // What was to be read on is not forgotten when all is read anew meanwhile.
      isMoreWanted ||= isReadingOn && from === undefined
      isReadingOn = from !== undefined
      setState((state) => ({ ...state, isLoading: true }))
      try {
        let rows = before
        let cursor = from
        let part: Part<Row>
        let counted: Pick<State<Row>, 'total' | 'isTotalExact'> | undefined
        do {
          part = await current.current.load(cursor, signal)
          rows = [...rows, ...part.data]
          cursor = part.meta.next_cursor ?? undefined
          if (part.meta.total !== null) counted ??= { total: part.meta.total, isTotalExact: part.meta.total_is_exact }
        } while (cursor !== undefined && rows.length < least && !signal.aborted)
        if (signal.aborted) return
        isReadingOn = false
        setState(({ total, isTotalExact }) => ({
          rows,
          next: part.meta.next_cursor,
          ...(counted ?? { total, isTotalExact }),
          isLoading: false,
        }))
        if (isMoreWanted && cursor !== undefined) {
          isMoreWanted = false
          void read(cursor, rows, 0)
        }
      } catch (error) {
        if (signal.aborted) return
        isReadingOn = false
        noticeError(error)
        setState((state) => ({ ...state, isLoading: false, error: error as Error }))
      }
    }
    return {
      reload: () => void read(undefined, [], current.current.state.rows.length),
      more() {
        const { rows, next, isLoading } = current.current.state
        if (isLoading) isMoreWanted = rows.length > 0
        else if (next !== null) void read(next, rows, 0)
      },
      stop: () => asking.abort(),
    }
  }, [key])

  useEffect(() => {
    setState(nothing)
    current.current.state = nothing
    reader.reload()
    let timer: ReturnType<typeof setTimeout> | undefined
    const unsubscribe = onChange((event) => {
      if (timer !== undefined || !(reloads.includes(event.type) || current.current.on(event))) return
      timer = setTimeout(() => {
        timer = undefined
        reader.reload()
      }, settleMs)
    })
    return () => {
      unsubscribe()
      clearTimeout(timer)
      reader.stop()
    }
  }, [reader])

  const { rows, next, total, isTotalExact, isLoading, error } = state
  return {
    rows,
    total,
    isTotalExact,
    isLoading,
    hasMore: next !== null,
    error,
    more: reader.more,
    reload: reader.reload,
    assume(change) {
      const assumed = change(rows)
      const swap = (from: readonly Row[], to: readonly Row[]) =>
        setState((before) => (before.rows === from ? { ...before, rows: to } : before))
      swap(rows, assumed)
      // What was answered meanwhile is true whatever was assumed.
      return () => swap(assumed, rows)
    },
  }
}
