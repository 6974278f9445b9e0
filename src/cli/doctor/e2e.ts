import { ConfigError, readEnvironment } from '../../config/read-config.ts'
import type { Config } from '../../config/variables.ts'
import type { Step } from '../../doctor/e2e/steps.ts'
import { travel } from '../../doctor/e2e/travel.ts'
import { untilSignal } from '../lifetime.ts'
import { print } from '../print.ts'
import { statusWord } from './lines.ts'

/** Sends a schedule all the way through the API, and shows each step. */
export async function showJourney(
  environment: NodeJS.ProcessEnv,
  { json }: { readonly json?: boolean | undefined },
): Promise<number> {
  const { config, problems } = readEnvironment(environment)
  const wrong = problems.filter(({ variable }) => variable !== null && uses.includes(variable))
  if (wrong.length > 0) throw new ConfigError(wrong.map(({ name, message }) => `${name}: ${message}`).join('\n'))
  const stopping = new AbortController()
  void untilSignal().then(() => stopping.abort())
  // Who reads it may go; what was created is taken away all the same.
  process.stdout.on('error', () => stopping.abort())
  const startedAt = new Date()
  const steps: Step[] = []
  const isWell = await travel({
    url: apiUrl(config),
    ...(config.PGBEAT_API_KEY !== undefined && { key: config.PGBEAT_API_KEY }),
    signal: stopping.signal,
    onStep: (step) => {
      steps.push(step)
      if (!json) process.stdout.write(lines(step))
    },
  })
  if (json) {
    const report = { status: isWell ? 'pass' : 'fail', checked_at: startedAt.toISOString(), steps }
    await print([`${JSON.stringify(report)}\n`])
  }
  return isWell ? 0 : 2
}

const uses: readonly (keyof Config)[] = ['PGBEAT_API_URL', 'PGBEAT_API_KEY', 'PGBEAT_HOST', 'PGBEAT_PORT']

/** Where the API is, as seen from this host: it may listen on all addresses. */
export function apiUrl({ PGBEAT_API_URL, PGBEAT_HOST, PGBEAT_PORT }: Config): string {
  if (PGBEAT_API_URL !== undefined) return PGBEAT_API_URL
  const host = PGBEAT_HOST === '0.0.0.0' ? '127.0.0.1' : PGBEAT_HOST === '::' ? '::1' : PGBEAT_HOST
  return `http://${host.includes(':') ? `[${host}]` : host}:${PGBEAT_PORT}`
}

function lines({ name, status, ms, message, action }: Step): string {
  const line = `${statusWord(status)}  ${name.padEnd(9)}  ${ms.toFixed(0).padStart(6)} ms  ${message}\n`
  return action === null ? line : `${line}      → ${action}\n`
}
