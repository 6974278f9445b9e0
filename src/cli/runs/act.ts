import { ApiError } from '../../client/api-error.ts'
import type { Command } from '../command.ts'
import { CommandFailure } from '../command-failure.ts'
import { apiCommand } from '../connect/api-command.ts'
import { tell } from '../output/write.ts'
import { print } from '../print.ts'
import type { Run } from './present.ts'

const runIds = [{ name: 'run', summary: 'its id', isMany: true }] as const

interface Acting {
  readonly summary: string
  readonly description: string
  readonly told: (run: Run) => string
}

/** One run after the other; what can't be done to one does not keep it from the others. */
function acting(word: 'cancel' | 'retry', { summary, description, told }: Acting): Command {
  return apiCommand({
    summary,
    description,
    arguments: runIds,
    flags: {},
    async run({ api, given, isForPeople }) {
      const failures: unknown[] = []
      for (const id of given) {
        try {
          const { data } = await api.call(`POST /runs/{id}/${word}`, { params: { id } })
          tell(told(data))
          if (!isForPeople) await print([`${JSON.stringify(data)}\n`])
        } catch (error) {
          if (!(error instanceof ApiError) || error.status >= 500) throw error
          failures.push(error)
          if (given.length > 1) tell(`pgbeat: ${error.message}`)
        }
      }
      if (failures.length === 0) return
      throw given.length === 1 ? failures[0] : new CommandFailure(`${failures.length} of ${given.length} failed`)
    },
  })
}

export const cancel = acting('cancel', {
  summary: 'cancel runs',
  description: 'One that is running ends as soon as its worker has heard of it.',
  told: ({ id, status }) => (status === 'cancelled' ? `run ${id} is cancelled` : `run ${id} is told to end`),
})

export const retry = acting('retry', {
  summary: 'run again what is over',
  description: 'The same run with the same payload, now: it is queued anew and keeps its history of attempts.',
  told: ({ id, status }) => `run ${id} is ${status}`,
})
