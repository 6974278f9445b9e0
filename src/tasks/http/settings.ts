import { PermanentError } from '../../errors.ts'
import type { TaskCheck } from '../../task.ts'
import { AllowList } from './addresses.ts'

type Environment = Parameters<TaskCheck['look']>[0]

/** What the worker's environment lets requests do. */
export interface HttpSettings {
  readonly allowed: AllowList
  /** @throws PermanentError `secret_refused` for a secret that may not sign or that is not set */
  signingKey(name: string): string
  /** @throws PermanentError `secret_refused` for a secret that may not be sent to the host or that is not set */
  secretFor(name: string, host: string): string
}

/** @throws PermanentError `configuration_invalid`, naming the variables and no secret */
export function readHttpSettings(environment: Environment): HttpSettings {
  const entries = secretsOf(environment.PGBEAT_HTTP_SECRETS ?? '')
  const secretOf = (name: string) => {
    const value = environment[name]?.trim()
    if (value === undefined || value === '') throw new PermanentError('secret_refused', `${name} is not set`)
    return value
  }
  return {
    allowed: allowListOf(environment.PGBEAT_HTTP_ALLOW ?? ''),
    signingKey(name) {
      if (!entries.some((entry) => entry.name === name)) {
        throw new PermanentError('secret_refused', `PGBEAT_HTTP_SECRETS does not have ${name}`)
      }
      return secretOf(name)
    },
    secretFor(name, host) {
      if (!entries.some((entry) => entry.name === name && entry.host === host.toLowerCase())) {
        throw new PermanentError('secret_refused', `PGBEAT_HTTP_SECRETS does not have ${name}@${host}`)
      }
      const value = secretOf(name)
      // The complaint of whoever sends it would come too late, and might repeat it.
      if (!/^[\x20-\x7e]+$/.test(value)) {
        throw new PermanentError('secret_refused', `${name} has characters that a header can not have`)
      }
      return value
    },
  }
}

function allowListOf(text: string): AllowList {
  try {
    return new AllowList(text)
  } catch (error) {
    throw new PermanentError('configuration_invalid', `PGBEAT_HTTP_ALLOW: ${(error as Error).message}`)
  }
}

function secretsOf(text: string): { readonly name: string; readonly host: string | undefined }[] {
  return text.split(',').flatMap((part) => {
    const entry = part.trim()
    if (entry === '') return []
    const [, name, host] = /^([A-Za-z_]\w*)(?:@([^@\s]+))?$/.exec(entry) ?? []
    if (name === undefined) {
      const message = `PGBEAT_HTTP_SECRETS: an entry is neither NAME nor NAME@host; it is to have names, not secrets`
      throw new PermanentError('configuration_invalid', message)
    }
    return [{ name, host: host?.toLowerCase() }]
  })
}

/** Whether the variables can be used, and whether the secrets that they name are there. */
export const settingsCheck: TaskCheck = {
  name: 'http-request-settings',
  look: async (environment) => {
    try {
      readHttpSettings(environment)
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error
      const action = 'correct the variable: docs/tasks.md says what it can be'
      return { status: 'fail', message: `runs of http_request fail: ${error.message}`, action }
    }
    const names = secretsOf(environment.PGBEAT_HTTP_SECRETS ?? '').map(({ name }) => name)
    const missing = [...new Set(names)].filter((name) => !environment[name]?.trim())
    if (missing.length === 0) return { status: 'pass', message: 'http_request can use its variables' }
    return {
      status: 'warn',
      message: `PGBEAT_HTTP_SECRETS names what is not set here: ${missing.join(', ')}`,
      action: 'set it for the workers, or take it out',
    }
  },
}
