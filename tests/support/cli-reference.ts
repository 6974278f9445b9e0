import type { Command, Commands, Diagnosis } from '../../src/cli/command.ts'
import { commands } from '../../src/cli/commands.ts'
import { exitCodes } from '../../src/cli/exit-codes.ts'
import { flagSummary, flagTitle, usagesOf } from '../../src/cli/help.ts'

const meanings: Record<keyof typeof exitCodes, string> = {
  done: 'It is done',
  failed:
    'It could not be done: the message says why. Also: a run that was followed, or a backfill that was waited for, did not succeed',
  usedWrongly: 'It was used wrongly: a flag, an argument, a variable or a value can’t be used',
  notFound: 'What it is about is not there',
  conflict: 'Somebody else was faster: another revision, a name that is taken, a run that is over already',
  different: 'With `apply --dry-run --exit-code`: something would become different',
  interrupted: 'Ctrl-C, or it was told to end',
}

/** docs/reference/cli.md. */
export async function cliReference(): Promise<string> {
  return `# The command line

<!-- Made by \`npm run reference\` from src/cli. -->

\`bin/pgbeat\` (\`npx pgbeat\`) has all of it; \`pgbeat help <command>\` shows one command. Commands that are about schedules, runs,
backfills, tasks and nodes work on the database of \`DATABASE_URL\`, without a server, or on a remote API: that of \`--url\` or
\`PGBEAT_API_URL\`, with the key in \`PGBEAT_API_KEY\`. \`--url\` wins over \`DATABASE_URL\`, which wins over \`PGBEAT_API_URL\`.

On a terminal they show tables and ask before they delete or act on what a filter finds; otherwise, and with \`--json\`, a list is
a JSON object a line and one thing is one JSON document. Messages go to standard error. \`NO_COLOR\` is heeded. Where a value
begins with \`-\`, write \`--sort=-name\`.

| exit code | when |
| --- | --- |
${Object.entries(exitCodes)
  .map(([name, code]) => `| ${code} | ${meanings[name as keyof typeof exitCodes]} |`)
  .join('\n')}

\`doctor\` has exit codes of its own.

\`source <(pgbeat completion bash)\` has bash complete commands, flags and the names of schedules and tasks; \`zsh\` and \`fish\` too.

${(await sectionsOf(commands, [])).join('\n\n')}
`
}

async function sectionsOf(found: Commands, path: readonly string[]): Promise<string[]> {
  const sections = await Promise.all(
    Object.entries(found).map(async ([name, read]) => {
      const command = await read()
      const own = [...path, name]
      const below = command.commands === undefined ? [] : await sectionsOf(command.commands, own)
      return [sectionOf(own, command), ...below]
    }),
  )
  return sections.flat()
}

function sectionOf(path: readonly string[], command: Command | Diagnosis): string {
  const { summary, description, flags = {}, arguments: takes = [], examples = [], commands: below } = command
  const rows = [
    ...takes.map(({ name, summary: said }) => [`\`<${name}>\``, said]),
    ...Object.entries(flags).map(([name, flag]) => [`\`${flagTitle(name, flag)}\``, flagSummary(flag)]),
  ]
  const parts = [
    `${'#'.repeat(path.length + 1)} ${path.join(' ')}`,
    `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.${description === undefined ? '' : ` ${description}`}`,
    ...(below === undefined ? [`\`\`\`\n${usagesOf(path, command).join('\n')}\n\`\`\``] : []),
    ...(rows.length === 0 ? [] : [['| | |', '| --- | --- |', ...rows.map(rowOf)].join('\n')]),
    ...(examples.length === 0 ? [] : [`\`\`\`sh\n${examples.map((line) => `pgbeat ${line}`).join('\n')}\n\`\`\``]),
  ]
  return parts.join('\n\n')
}

function rowOf([title = '', text = '']: readonly string[]): string {
  return `| ${title.replaceAll('|', '\\|')} | ${text.replaceAll('|', '\\|')} |`
}
