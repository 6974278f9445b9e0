import { defineTask, PermanentError } from 'pgbeat'
import { z } from 'zod'

export default defineTask({
  name: 'greet',
  description: 'Greets people',
  payload: z.object({
    names: z.array(z.string()).min(1).describe('Whom to greet'),
    greeting: z.string().default('Hello').describe('What to say'),
  }),
  async run({ payload, log, progress, signal }) {
    const greetings: string[] = []
    for (const name of payload.names) {
      // The worker stops, the run was cancelled, or its time is up.
      signal.throwIfAborted()
      if (name.trim() === '') throw new PermanentError('nobody', 'a name is empty, and will be at the next try')
      greetings.push(`${payload.greeting}, ${name}!`)
      log.info('greeted', { name })
      await progress(greetings.length, payload.names.length)
    }
    return { greetings }
  },
})
