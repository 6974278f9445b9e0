import { z } from 'zod'
import type { PublishedTask } from '../store/tasks.ts'
import type { Task } from '../task.ts'

/** What the catalogue says of a task. */
export function describeTask({ name, description, payload }: Task): PublishedTask {
  return { name, description, payloadSchema: z.toJSONSchema(payload, { io: 'input', unrepresentable: 'any' }) }
}
