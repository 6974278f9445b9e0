import { type Diagnosis, UsageError } from './command.ts'

/** Read when they are asked for: a health check is to cost little. */
const words: Record<string, () => Promise<Diagnosis['diagnose']>> = {
  env: async () => (await import('./doctor/env.ts')).showEnvironment,
  e2e: async () => (await import('./doctor/e2e.ts')).showJourney,
  alive: async () => (await import('./doctor/alive.ts')).tellWhetherAlive,
}

export const doctor: Diagnosis = {
  summary: 'say what is wrong and what to do; exits with 0 when all is well, 1 after a warning, 2 after a failure',
  usage: [
    '[--only <check>,…] [--watch] [--every <seconds>] [--json]',
    'env [--json]                      the effective variables, and where each is from',
    'e2e [--json]                      a schedule is created through the API, run and deleted',
    'alive [--kind tick|worker|api]    whether a node of this host is alive, for health checks',
  ].join('\n'),
  async diagnose(environment, args) {
    const [word = '', ...rest] = args
    if (word === '' || word.startsWith('-')) {
      return (await import('./doctor/examine.ts')).examine(environment, args)
    }
    const read = Object.hasOwn(words, word) ? words[word] : undefined
    if (read === undefined) throw new UsageError(`doctor has no ${word}; there are ${Object.keys(words).join(', ')}`)
    return (await read())(environment, rest)
  },
}
