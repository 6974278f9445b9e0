import { z } from 'zod'

const error = 'must be an ISO 8601 duration or seconds'

/** ISO 8601 as Postgres reads it: with fractions of seconds, which the format `duration` of JSON Schema has not. */
const isoText = z
  .string({ error })
  .regex(
    /^P(?=\d|T\d)(\d{1,6}Y)?(\d{1,6}M)?(\d{1,6}W)?(\d{1,6}D)?(T(?=\d)(\d{1,8}H)?(\d{1,9}M)?(\d{1,9}(\.\d{1,6})?S)?)?$/,
    error,
  )

/** A duration in a request: ISO 8601, or seconds. Comes out as text that Postgres reads as an interval. */
export const duration = z
  .union([isoText, z.number().min(0).max(315_360_000)], { error })
  .transform((value) => (typeof value === 'number' ? `${Number(value.toFixed(6))} seconds` : value))

/** A duration in a response. */
export const isoDuration = z
  .string()
  .regex(/^PT(\d+H)?(\d+M)?(\d+(\.\d+)?S)?$/)
  .meta({ example: 'PT1M30S' })

/** As `isoDuration`: in hours, minutes and seconds. */
export function toIsoDuration(seconds: number | null): string | null {
  if (seconds === null) return null
  const hours = Math.floor(seconds / 3_600)
  const minutes = Math.floor((seconds % 3_600) / 60)
  const rest = Number((seconds % 60).toFixed(6))
  return `PT${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${rest || seconds < 60 ? `${rest}S` : ''}`
}
