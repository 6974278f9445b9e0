import { z } from 'zod'

const message = 'must be an ISO 8601 date and time with an offset'
const earliest = 0
const latest = Date.UTC(9999, 0, 1)

/** An instant in a request, as text that Postgres reads. */
export const instantText = z.iso
  .datetime({ offset: true, error: message, abort: true })
  .refine(isInRange, 'must be an instant from 1970 to 9999')
  // Postgres knows no others.
  .refine((text) => !/[+-](1[6-9]|2\d):\d\d$/.test(text), 'must have an offset of less than 16 hours')

/** An instant in a request. Comes out in Unix milliseconds. */
export const instant = instantText.transform((text) => Date.parse(text))

/** One in a query, where a `+` that nobody encoded arrives as a blank. */
export const instantInQuery = z
  .string()
  .transform((text) => text.replace(/ (?=[\d:]+$)/, '+'))
  .pipe(instant)
  .meta({ override: { type: 'string', format: 'date-time' } })

function isInRange(text: string): boolean {
  const instant = Date.parse(text)
  return instant >= earliest && instant <= latest
}

/** An instant in a response: ISO 8601 in UTC. */
export const moment = z.date()
