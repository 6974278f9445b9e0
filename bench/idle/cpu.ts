// What processes take, from Linux' /proc.

import { readdir, readFile } from 'node:fs/promises'
import type pg from 'pg'

/** Of the kernel's clock; it is the same on every architecture that Node.js runs on. */
const ticksPerSecond = 100

interface Stat {
  readonly parent: number
  readonly seconds: number
  /** Of its children that have ended. */
  readonly endedSeconds: number
}

async function readStat(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  // The second field, the program's name, may have blanks in it.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [parent = 0, user = 0, system = 0, endedUser = 0, endedSystem = 0] = [1, 11, 12, 13, 14].map((at) => fields[at])
  return {
    parent,
    seconds: (user + system) / ticksPerSecond,
    endedSeconds: (endedUser + endedSystem) / ticksPerSecond,
  }
}

/** CPU seconds that a process has had. */
export async function cpuOf(pid: number): Promise<number> {
  return (await readStat(pid))?.seconds ?? 0
}

/** CPU seconds that a process and its children have had, those that have ended included. */
export async function cpuOfFamily(pid: number): Promise<number> {
  const own = await readStat(pid)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const others = await Promise.all(pids.map(readStat))
  const children = others.flatMap((stat) => (stat?.parent === pid ? [stat.seconds] : []))
  return [own?.seconds ?? 0, own?.endedSeconds ?? 0, ...children].reduce((sum, seconds) => sum + seconds, 0)
}

/** The memory of a process, in MB: now, and the most that it had at once. */
export async function memoryOf(pid: number): Promise<{ now: number; most: number }> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  const megabytes = (field: string) =>
    (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) * 1_024) / 1e6
  return { now: megabytes('VmRSS'), most: megabytes('VmHWM') }
}

/** The process that all of a server's other processes are children of. */
export async function postmasterOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query('select pg_backend_pid() as pid')
  const stat = await readStat(rows[0].pid)
  if (stat === undefined) throw new Error('the server is not on this machine, or this is not Linux')
  return stat.parent
}
