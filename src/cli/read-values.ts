import { readFileSync } from 'node:fs'
import { UsageError } from './usage-error.ts'

/** A whole number of at least one. @throws UsageError */
export function readCount(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new UsageError(`--${flag}: must be a whole number of at least 1`)
}

/**
 * JSON that is given as it is, as `@` and a file that has it, or as `-` for standard input.
 * @throws UsageError
 */
export function readJson(flag: string, text: string | undefined): unknown {
  if (text === undefined) return undefined
  const json = text === '-' ? readFile(flag, 0) : text.startsWith('@') ? readFile(flag, text.slice(1)) : text
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new UsageError(`--${flag}: is no JSON: ${(error as Error).message}`)
  }
}

function readFile(flag: string, file: string | 0): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`--${flag}: ${(error as Error).message}`)
  }
}

/** `5m`, `1h30m`, seconds, or ISO 8601: as the API takes a duration. */
export function readDuration(text: string): string | number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  const [all, days, hours, minutes, seconds] = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? []
  if (all === undefined || all === '') return text
  const time = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`
  return `P${days ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`
}
