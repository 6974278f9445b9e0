import { apiCommand } from '../connect/api-command.ts'
import { yesFlag } from '../output/confirm.ts'
import { strictFlag } from '../schedules/strict-flag.ts'
import { UsageError } from '../usage-error.ts'

export const apply = apiCommand({
  summary: 'have schedules be as files declare them',
  description:
    'A file is YAML or JSON with schedules:, a list; what a schedule may have is called as in the API. What it leaves out ' +
    'is as for a schedule that is created without it, except enabled, which stays as it is: a pause survives. defaults: ' +
    'are fields for all schedules of a file. Shown is what becomes different; all of it is done, or nothing. With a set ' +
    '(set: in the file, or --set) what is created gets the tag apply:<set>, and --prune deletes what has it and is ' +
    'declared no more.',
  flags: {
    file: {
      value: '<file>',
      short: 'f',
      many: true,
      summary: 'a file, a folder of files, or - for standard input',
      completes: 'files',
    },
    'dry-run': { summary: 'only show what would become different' },
    'exit-code': { summary: 'with --dry-run: end with 5 when something would become different' },
    set: { value: '<name>', summary: 'what the schedules belong to' },
    prune: { summary: 'delete what an earlier apply created as part of the set, and is declared no more' },
    adopt: { summary: 'have schedules join the set that others made' },
    strict: strictFlag,
    yes: yesFlag,
  },
  examples: [
    'apply -f schedules.yaml --dry-run',
    'apply -f schedules/ --set web --prune --yes',
    'export --tag reports | pgbeat apply -f - --url https://pgbeat.example',
  ],
  check({ values }) {
    if (values.file === undefined || values.file.length === 0) throw new UsageError('which files? Give -f <file>')
    if (values['exit-code'] === true && values['dry-run'] !== true)
      throw new UsageError('--exit-code goes with --dry-run')
  },
  async run({ api, values, isForPeople }) {
    const { applyFiles } = await import('./apply-files.ts')
    const {
      file: files = [],
      'dry-run': isDryRun = false,
      'exit-code': tellsByExitCode = false,
      yes: isSure = false,
    } = values
    const { set, adopt = false, prune = false, strict = false } = values
    await applyFiles(api, files, { set, adopt, prune, strict, isDryRun, isSure, tellsByExitCode, isForPeople })
  },
})
