import { z } from 'zod'
import { moment } from '../fields/instant.ts'

export const leaderResource = z
  .object({
    term: z.int().describe('Counts the elections'),
    node_id: z.guid().nullable().describe('null while nobody leads'),
    host: z.string().nullable(),
    pid: z.int().nullable(),
    elected_at: moment.nullable(),
    heartbeat_at: moment.nullable(),
    heartbeat_age_seconds: z.number().nullable().describe('A leader that is well is younger than a few seconds'),
  })
  .meta({ id: 'Leader' })
