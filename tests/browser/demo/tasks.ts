import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { defineTask } from '../../../src/task.ts'

export const report = defineTask({
  name: 'send_report',
  description: 'Renders a report and mails it',
  payload: z.object({
    kind: z.enum(['daily', 'weekly']).default('daily').describe('Which report'),
    to: z.string().default('team@example.com').describe('Who gets it'),
  }),
  async run({ payload, log, progress }) {
    log.info('rendering', { kind: payload.kind })
    await progress(1, 3, 'rendered')
    if (payload.kind === 'weekly') throw new Error(mailFailure)
    log.info('mailed', { to: payload.to })
    return { pages: 12, to: payload.to }
  },
})

export const mailFailure = 'the mail server does not answer: ETIMEDOUT mail.example.com:25'

const batches = 40

/** Takes long enough to be seen at work. */
export const importOrders = defineTask({
  name: 'import_orders',
  description: 'Fetches the orders that the shops have taken',
  payload: z.object({ shop: z.string().default('all').describe('Whose orders') }),
  async run({ payload, log, progress, signal }) {
    log.info('fetching', { shop: payload.shop })
    for (let batch = 1; batch <= batches; batch += 1) {
      await delay(1_000, undefined, { signal })
      await progress(batch, batches, `${batch * 25} orders`)
    }
    return { orders: batches * 25 }
  },
})
