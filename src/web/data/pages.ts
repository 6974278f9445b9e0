import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { LiveEvent } from '../../client/client.ts'
import { noticeError } from './api.ts'
import { ListReader, type ListReaderOptions, type ListState } from './list-reader.ts'
import { onChange, reloads } from './live.ts'

export interface Pages<Row> extends Omit<ListState<Row>, 'next'> {
  /** Whether there are more than `rows`. */
  readonly hasMore: boolean
  more(): void
  reload(): void
  /** Shows something else until the next answer: what an action is about to make true. Answers what takes it back. */
  assume(change: (rows: readonly Row[]) => readonly Row[]): () => void
}

interface PagesOptions<Row> extends Omit<ListReaderOptions<Row>, 'onState'> {
  /** Says what is listed. */
  readonly key: string
  /** Which changes make what is shown out of date; it is then read anew, as far as it was. */
  readonly on: (event: LiveEvent) => boolean
}

/** A list that is read on as it is scrolled, however long it is. */
export function usePages<Row>(options: PagesOptions<Row>): Pages<Row> {
  const [, redraw] = useState(0)
  const current = useRef(options)
  current.current = options
  const { key, perPage } = options

  // What the key says is another list.
  const reader = useMemo(
    () =>
      new ListReader<Row>({
        perPage,
        load: (part, signal) =>
          current.current.load(part, signal).catch((error) => {
            if (!signal.aborted) noticeError(error)
            throw error
          }),
        onState: () => redraw((times) => times + 1),
      }),
    [key, perPage],
  )

  useEffect(() => {
    reader.readAnew()
    const unsubscribe = onChange((event) => {
      if (reloads.includes(event.type) || current.current.on(event)) reader.readAnewSoon()
    })
    return () => {
      unsubscribe()
      reader.stop()
    }
  }, [reader])

  const { next, ...state } = reader.state
  const { rows } = state
  return {
    ...state,
    hasMore: next !== null,
    more: reader.readOn,
    reload: reader.readAnew,
    assume(change) {
      const assumed = change(rows)
      reader.swap(rows, assumed)
      // What was answered meanwhile is true whatever was assumed.
      return () => reader.swap(assumed, rows)
    },
  }
}
