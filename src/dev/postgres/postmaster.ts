import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Postmaster {
  pid: number
  port: number
  ready: boolean
}

// Line by line: pid, data directory, start time, port, socket directory, address, shared memory, status.
const PID_LINE = 0
const PORT_LINE = 3
const STATUS_LINE = 7

/** Larger than any process id. */
const NO_PID = 2 ** 31 - 2

/** The server that runs on the directory, whoever started it. */
export async function findPostmaster(dataDir: string): Promise<Postmaster | undefined> {
  const lines = await readPidFile(dataDir)
  const pid = Number(lines?.[PID_LINE])
  if (!lines || !pid || !(await commandOf(pid)).includes(dataDir)) return undefined
  return { pid, port: Number(lines[PORT_LINE]), ready: lines[STATUS_LINE]?.trim() === 'ready' }
}

/**
 * Postgres refuses to start while the process that the file names lives, even when that id went to another program
 * meanwhile. The rest of the file stays: through its shared memory Postgres sees backends that outlived their server,
 * and removing the file would let two servers write the same data.
 * @returns whether a server was there before that did not shut down by itself
 */
export async function disarmStalePid(dataDir: string): Promise<boolean> {
  const lines = await readPidFile(dataDir)
  if (!lines) return false
  if (await commandOf(Number(lines[PID_LINE]))) {
    await writeFile(pidFile(dataDir), [NO_PID, ...lines.slice(1)].join('\n'))
  }
  return true
}

const pidFile = (dataDir: string) => join(dataDir, 'postmaster.pid')

async function readPidFile(dataDir: string): Promise<string[] | undefined> {
  const text = await readFile(pidFile(dataDir), 'utf8').catch(() => '')
  return text ? text.split('\n') : undefined
}

/** Empty when no such process lives. */
async function commandOf(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
    return (await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout
  } catch {
    return ''
  }
}
