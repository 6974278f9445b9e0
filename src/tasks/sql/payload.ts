import { z } from 'zod'

/** They would end the transaction that is around the statement, or change a session that nobody gets again. */
const refused =
  /^(abort|begin|commit|discard|end|listen|prepare|release|reset|rollback|savepoint|set|start|unlisten)\b/i

/** Spaces and comments before the first word. */
const leading = /^(\s+|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)*/

export const sqlPayload = z.object({
  statement: z
    .string()
    .trim()
    .min(1)
    .max(1_048_576)
    .superRefine((statement, context) => {
      const [, word] = refused.exec(statement.replace(leading, '')) ?? []
      if (word === undefined) return
      const message = `must not be ${word.toUpperCase()}: it runs by itself, in a transaction of its own`
      context.addIssue({ code: 'custom', message })
    })
    .describe(
      "One statement, with $1, $2, … for the parameters. current_setting('pgbeat.scheduled_for') is the instant that the " +
        "run is for, current_setting('pgbeat.run_id') its id.",
    ),
  parameters: z
    .array(z.json())
    .max(1_000)
    .default([])
    .describe('Values for $1, $2, …. A list becomes an array of Postgres, an object becomes JSON.'),
  role: z
    .string()
    .min(1)
    .optional()
    .describe('The role that the statement runs as; PGBEAT_SQL_TASK_ROLES of the worker must have it.'),
  timeout_seconds: z.number().positive().max(86_400).default(60).describe('After this Postgres ends the statement.'),
  read_only: z.boolean().default(false).describe('Whether Postgres is to refuse whatever changes a table.'),
  isolation: z
    .enum(['read committed', 'repeatable read', 'serializable'])
    .default('read committed')
    .describe('How far the transaction is kept from what others do meanwhile.'),
  keep_rows: z
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .describe("How many rows are kept in the run's result, up to 256 KiB. All are counted."),
})

export type SqlPayload = z.output<typeof sqlPayload>
