import { readEnvironment } from '../../config/read-config.ts'
import type { TaskVariable } from '../../task.ts'
import { TaskFiles } from '../../tasks/files/task-files.ts'
import { print } from '../print.ts'

/** A variable as it is shown. */
interface Shown {
  readonly name: string
  readonly value: string | number | boolean | null
  /** `environment`, `alias CELERY_…`, `default` or `not set`. */
  readonly from: string
  /** Why it can't be used, or what else is odd; null when all is well. */
  readonly note: string | null
  readonly description: string
}

/** Shows what this process's environment amounts to: of pgbeat, of the tasks, and what nobody reads. */
export async function showEnvironment(
  environment: NodeJS.ProcessEnv,
  { json }: { readonly json?: boolean | undefined },
): Promise<number> {
  const { settings, problems } = readEnvironment(environment)
  const pgbeat = settings.map(({ name, value, from, ignored, problem, description }): Shown => {
    const origin = from === null ? absent(value) : from === name ? 'environment' : `alias ${from}`
    return { name, value, from: origin, note: problem ?? ignoredNote(ignored), description }
  })
  const known = await new TaskFiles(environment.PGBEAT_TASKS).read()
  const tasks = known.tasks.map(({ name, variables = [] }) => ({
    task: name,
    variables: variables.map((variable) => ofTask(variable, environment)),
  }))
  const unknown = problems.filter(({ variable }) => variable === null).map(({ name }) => name)
  const isValid = problems.length === 0
  if (json) await print([`${JSON.stringify({ valid: isValid, variables: pgbeat, tasks, unknown })}\n`])
  else {
    const sections: [string, readonly Shown[]][] = [
      ['pgbeat', pgbeat],
      ...tasks.map(({ task, variables }): [string, readonly Shown[]] => [task, variables]),
      ['no such variable', unknown.map(unknownVariable)],
    ]
    await print(
      sections.filter(([, variables]) => variables.length > 0).flatMap(([title, shown]) => table(title, shown)),
    )
  }
  return isValid ? 0 : 2
}

function absent(value: unknown): string {
  return value === null ? 'not set' : 'default'
}

function ignoredNote(ignored: string | null): string | null {
  return ignored === null ? null : `${ignored} is ignored`
}

function ofTask(
  { name, description, default: otherwise, isSecret = false }: TaskVariable,
  environment: NodeJS.ProcessEnv,
): Shown {
  const said = environment[name]
  const isSet = said !== undefined && said !== ''
  const value = isSet ? said : (otherwise ?? null)
  const shown = isSet && isSecret ? '***' : value
  return { name, value: shown, from: isSet ? 'environment' : absent(value), note: null, description }
}

function unknownVariable(name: string): Shown {
  return { name, value: '***', from: 'environment', note: 'there is no such variable', description: '' }
}

function table(title: string, shown: readonly Shown[]): string[] {
  const rows = shown.map(({ name, value, from, note }) => [name, value === null ? '' : String(value), from, note ?? ''])
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [`${title}\n`, ...lines.map((line) => `  ${line}\n`)]
}
