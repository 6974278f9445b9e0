import { z } from 'zod'

/** Text that Postgres can keep. */
export const text = z
  .string()
  .regex(/^[^\0]*$/, 'must not contain NUL characters')
  .refine((value) => value.isWellFormed(), 'must not contain halves of surrogate pairs')
