// Values of a query. All arrive as text; the OpenAPI document says what they stand for.

import { z } from 'zod'
import { text } from './text.ts'

export const flagInQuery = z
  .stringbool({ error: 'must be true or false' })
  .meta({ override: asSchema({ type: 'boolean' }) })

/** @param least inclusive, as is `most` */
export function integerInQuery(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`
  return z
    .string({ error })
    .regex(/^\d{1,10}$/, error)
    .transform(Number)
    .refine((value) => value >= least && value <= most, error)
    .meta({ override: asSchema({ type: 'integer', minimum: least, maximum: most }) })
}

/** Several values: separated by commas, or by giving the name again. None at all count as left out. */
export function listInQuery<Item extends z.ZodType<unknown, string>>(item: Item) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((value) => [value].flat().flatMap((part) => part.split(',').filter((one) => one !== '')))
    .pipe(z.array(item).max(100))
    .transform((items) => (items.length === 0 ? undefined : items))
    .meta({ override: asSchema({ type: 'array', items: schemaOf(item), maxItems: 100 }) })
}

function schemaOf(item: z.ZodType) {
  const { $schema, ...schema } = z.toJSONSchema(item, { io: 'input' })
  return schema
}

export const textsInQuery = listInQuery(text)

function asSchema(schema: Record<string, unknown>) {
  return ({ jsonSchema }: { jsonSchema: object }) => {
    for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema]
    Object.assign(jsonSchema, schema)
  }
}
