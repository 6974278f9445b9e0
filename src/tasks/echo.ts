import { z } from 'zod'
import { defineTask } from '../task.ts'

/** Returns its payload: for trying things out. */
export const echo = defineTask({
  name: 'echo',
  description: 'Returns its payload',
  payload: z.unknown(),
  run: async ({ payload }) => payload,
})
