import { diagnosis } from './command.ts'

const jsonFlag = { summary: 'one JSON document' } as const

const env = diagnosis({
  summary: 'show the effective variables, and where each is from',
  flags: { json: jsonFlag },
  diagnose: async (environment, values) => (await import('./doctor/env.ts')).showEnvironment(environment, values),
})

const e2e = diagnosis({
  summary: 'create a schedule through the API, have it run, and delete it',
  flags: { json: jsonFlag },
  diagnose: async (environment, values) => (await import('./doctor/e2e.ts')).showJourney(environment, values),
})

const alive = diagnosis({
  summary: 'say whether a node of this host is alive, for health checks',
  flags: { kind: { value: '<kind>', summary: 'any when left out', choices: ['tick', 'worker', 'api'] } },
  diagnose: async (environment, values) => (await import('./doctor/alive.ts')).tellWhetherAlive(environment, values),
})

export const doctor = diagnosis({
  summary: 'say what is wrong and what to do; exits with 0 when all is well, 1 after a warning, 2 after a failure',
  flags: {
    only: { value: '<check>', many: true, summary: 'these checks alone' },
    watch: { summary: 'look again and again' },
    every: { value: '<seconds>', summary: 'how often; 5 when left out' },
    json: { summary: 'one JSON document each time' },
  },
  examples: ['doctor --only postgres,leader', 'doctor --watch --every 10'],
  commands: { env: async () => env, e2e: async () => e2e, alive: async () => alive },
  diagnose: async (environment, values) => (await import('./doctor/examine.ts')).examine(environment, values),
})
