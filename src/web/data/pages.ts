import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { LiveEvent } from '../../client/client.ts'
import { noticeError } from './api.ts'
import { Assumptions, type EndAssumption } from './assumptions.ts'
import { ListReader, type ListReaderOptions, type ListState } from './list-reader.ts'
import { onChange, reloads } from './live.ts'

export interface Pages<Row> extends Omit<ListState<Row>, 'next'> {
  /** Whether there are more than `rows`. */
  readonly hasMore: boolean
  more(): void
  reload(): void
  /** Shows what an action is about to make true until that has ended. */
  assume(change: (rows: readonly Row[]) => readonly Row[]): EndAssumption
}

interface PagesOptions<Row> extends Omit<ListReaderOptions<Row>, 'onState' | 'onReadAnew'> {
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
  const { reader, assumptions } = useMemo(() => {
    const onState = () => redraw((times) => times + 1)
    const assumptions = new Assumptions<readonly Row[]>(onState)
    const reader = new ListReader<Row>({
      perPage,
      load: (part, signal) =>
        current.current.load(part, signal).catch((error) => {
          if (!signal.aborted) noticeError(error)
          throw error
        }),
      onReadAnew: assumptions.asked,
      onState,
    })
    return { reader, assumptions }
  }, [key, perPage])

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

  const { next, rows, ...state } = reader.state
  return {
    ...state,
    rows: assumptions.applyTo(rows),
    hasMore: next !== null,
    more: reader.readOn,
    reload: reader.readAnew,
    assume: assumptions.add,
  }
}
