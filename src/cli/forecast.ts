import { command } from './command.ts'

export const forecast = command({
  summary: 'show what will fire, by minute; without options in the next 24 hours',
  flags: {
    from: { value: '<instant>', summary: 'now when left out' },
    until: { value: '<instant>', summary: 'a day later when left out; at most 31 days' },
    json: { summary: 'one JSON document, as GET /forecast has it' },
  },
  run: async ({ config, values }) => (await import('./show-forecast.ts')).showForecast(config, values),
})
