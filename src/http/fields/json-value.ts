import { z } from 'zod'

const deepest = 100

/** Whatever a JSON body can hold and Postgres can keep. */
export const jsonValue = z.unknown().superRefine(refuseUnkeepable).meta({ description: 'Any JSON' })

export const jsonObject = z.record(z.string(), z.unknown()).superRefine(refuseUnkeepable)

/** Any JSON that an answer holds. */
export const anyJson = z.unknown().meta({ description: 'Any JSON' })

function refuseUnkeepable(value: unknown, context: z.RefinementCtx): void {
  const message = whyUnkeepable(value)
  if (message !== null) context.addIssue({ code: 'custom', message })
}

/** Level by level instead of by recursion, so that no depth ends in a full stack; and no deeper than needed. */
function whyUnkeepable(value: unknown): string | null {
  let level = [value]
  for (let depth = 0; depth <= deepest; depth += 1) {
    for (const one of level) {
      if (typeof one === 'string' && !isText(one)) return 'must not contain NUL characters or halves of surrogate pairs'
      if (typeof one === 'number' && !Number.isFinite(one)) return 'must not contain numbers beyond double precision'
    }
    level = level.flatMap(partsOf)
    if (level.length === 0) return null
  }
  return `must not be nested deeper than ${deepest} levels`
}

function partsOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Array.isArray(value) ? value : Object.entries(value).flat()
}

function isText(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed()
}
