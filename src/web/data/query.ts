import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { LiveEvent } from '../../client/client.ts'
import { noticeError } from './api.ts'
import { Assumptions, type EndAssumption } from './assumptions.ts'
import { onChange, reloads } from './live.ts'

export interface Query<Data> {
  /** The last answer, also while another one is awaited; undefined before the first. */
  readonly data: Data | undefined
  /** Why the last request failed. */
  readonly error: Error | undefined
  readonly isLoading: boolean
  reload(): void
  /** Shows what an action is about to make true until that has ended. */
  assume(change: (data: Data) => Data): EndAssumption
}

export interface QueryOptions {
  /** Which changes make the answer out of date; left out, none do. */
  readonly on?: (event: LiveEvent) => boolean
  /** Asked again after so long, whatever is told. */
  readonly everyMs?: number
  /** What was answered first stays, whatever is told: somebody is at work on it. */
  readonly isKept?: boolean
}

/** Changes that come together cause one request. */
const settleMs = 200

/**
 * Asks for something when it is first shown, when its key changes, and when it is out of date.
 * @param key says what is asked for: what was answered to another key is not shown
 */
export function useQuery<Data>(
  key: string,
  load: (signal: AbortSignal) => Promise<Data>,
  { on, everyMs, isKept = false }: QueryOptions = {},
): Query<Data> {
  const [state, setState] = useState<{ key: string; data?: Data; error?: Error; isLoading: boolean }>({
    key,
    isLoading: true,
  })
  const [, redraw] = useState(0)
  const assumptions = useMemo(() => new Assumptions<Data>(() => redraw((times) => times + 1)), [key])
  const current = useRef({ load, on })
  current.current = { load, on }
  const asking = useRef<AbortController>(undefined)

  const reload = useCallback(() => {
    asking.current?.abort()
    const controller = new AbortController()
    asking.current = controller
    setState((before) => (before.key === key ? { ...before, isLoading: true } : { key, isLoading: true }))
    const answered = assumptions.asked()
    current.current.load(controller.signal).then(
      (data) => {
        if (controller.signal.aborted) return
        answered()
        setState({ key, data, isLoading: false })
      },
      (error) => {
        if (controller.signal.aborted) return
        noticeError(error)
        setState((before) => ({ ...before, key, error, isLoading: false }))
      },
    )
  }, [key, assumptions])

  useEffect(() => {
    reload()
    let timer: ReturnType<typeof setTimeout> | undefined
    const unsubscribe = onChange((event) => {
      if (isKept || timer !== undefined || !(reloads.includes(event.type) || current.current.on?.(event))) return
      timer = setTimeout(() => {
        timer = undefined
        reload()
      }, settleMs)
    })
    const interval = everyMs === undefined ? undefined : setInterval(reload, everyMs)
    return () => {
      unsubscribe()
      clearTimeout(timer)
      clearInterval(interval)
      asking.current?.abort()
    }
  }, [reload, everyMs, isKept])

  const isOther = state.key !== key
  const data = isOther ? undefined : state.data
  return {
    data: data === undefined ? undefined : assumptions.applyTo(data),
    error: isOther ? undefined : state.error,
    isLoading: isOther || state.isLoading,
    reload,
    assume: assumptions.add,
  }
}
