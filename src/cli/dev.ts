import { type Command, command, group } from './command.ts'

function watched(name: 'tick' | 'worker' | 'api'): Command {
  return command({
    summary: `start the ${name} anew whenever its source changes`,
    flags: {},
    run: async () => (await import('./become-watched.ts')).becomeWatched(name),
  })
}

const standIn = command({
  summary: 'serve what the demo has its data from, and print the variables to use it with',
  flags: {},
  run: async ({ config }) => (await import('./serve-stand-in.ts')).serveStandIn(config),
})

export const dev = group(
  'start one of these anew whenever its source changes; or the server that the demo has its data from',
  {
    tick: async () => watched('tick'),
    worker: async () => watched('worker'),
    api: async () => watched('api'),
    'stand-in': async () => standIn,
  },
)
