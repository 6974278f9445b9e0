import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { moment } from '../fields/instant.ts'

const report = z
  .object({
    status: z.enum(['pass', 'warn', 'fail']).describe('The worst of all; what was skipped counts as nothing'),
    checked_at: moment,
    checks: z.array(
      z.object({
        name: z.string(),
        status: z.enum(['pass', 'warn', 'fail', 'skip']),
        message: z.string(),
        action: z.string().nullable().describe('What to do about it'),
      }),
    ),
  })
  .meta({ id: 'DoctorReport' })

/** As `bin/doctor --json` has it. */
export type DoctorReport = z.input<typeof report>

export const doctorEndpoint = endpoint({
  id: 'getDoctorReport',
  method: 'get',
  path: '/api/v1/doctor',
  tag: 'Cluster',
  role: 'viewer',
  summary: 'Show what `bin/doctor` says where this API runs',
  description: 'Up to 15 s old; a new one takes some seconds at most.',
  status: 200,
  content: z.object({ data: report }),
  async handle(_call, { diagnosis }) {
    return { content: { data: await diagnosis.get() } }
  },
})
