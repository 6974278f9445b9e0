import { z } from 'zod'

const deepest = 100

/** Whatever a JSON body can hold, but not nested so deep that somebody else's recursion ends in a full stack. */
export const jsonValue = z
  .unknown()
  .refine((value) => depthOf(value) <= deepest, `must not be nested deeper than ${deepest} levels`)

export const jsonObject = z
  .record(z.string(), z.unknown())
  .refine((value) => depthOf(value) <= deepest, `must not be nested deeper than ${deepest} levels`)

/** Level by level instead of by recursion, and no further than needed. */
function depthOf(value: unknown): number {
  let level = [value]
  for (let depth = 0; depth <= deepest; depth += 1) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
    if (level.length === 0) return depth
  }
  return deepest + 1
}
