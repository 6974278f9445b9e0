import { command } from './command.ts'

export const preview = command({
  summary: 'show when a cron expression fires; needs no database',
  arguments: [{ name: 'expression', summary: 'in quotes: "30 9 * * 1-5"' }],
  flags: {
    timezone: { value: '<zone>', summary: 'IANA name; PGBEAT_TIMEZONE when left out' },
    count: { value: '<number>', summary: 'how many instants, up to 1000; 10 when left out' },
    after: { value: '<instant>', summary: 'those after this one instead of now' },
  },
  examples: ['preview "30 2 * * 1-5" --timezone America/New_York'],
  run: async ({ config, values, given: [cronExpression = ''] }) =>
    (await import('./show-preview.ts')).showPreview(config, cronExpression, values),
})
