import { type Command, requireDatabase } from './command.ts'

export const migrate: Command = {
  summary: 'bring the database up to date; safe to repeat',
  async run(config) {
    const { TaskFiles } = await import('../tasks/files/task-files.ts')
    const { prepareDatabase } = await import('../prepare-database.ts')
    const applied = await prepareDatabase(requireDatabase(config), await new TaskFiles(config.PGBEAT_TASKS).readAll())
    const told = applied.length === 0 ? 'nothing to do: the database is up to date' : applied.join('\n')
    process.stdout.write(`${told}\n`)
  },
}
