import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { prepareDatabase } from '../../src/prepare-database.ts'
import { openPool } from '../../src/store/database.ts'
import { Network } from '../cluster/network.ts'
import type { Ending } from '../cluster/server.ts'
import { type LogLine, Process } from '../support/process.ts'

const faketime = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find(existsSync)

/** What a tick logs when it is elected. */
export const leads = 'this tick leads'

/** Whether the clock of a single process can be set: with Debian's package `faketime`. */
export const canStepClocks = faketime !== undefined

/** A tick or worker as a process of its own, with a network and a clock of its own. */
export class Member {
  readonly name: string
  readonly network: Network
  readonly process: Process
  readonly #clock: string

  constructor(name: string, { network, process, clock }: { network: Network; process: Process; clock: string }) {
    this.name = name
    this.network = network
    this.process = process
    this.#clock = clock
  }

  /** Sets its clock so many seconds before or behind the machine's. */
  async stepClock(seconds: number): Promise<void> {
    await writeFile(this.#clock, `${seconds < 0 ? '' : '+'}${seconds}`)
  }
}

/** A line that a member logged. The time is ours: the member's clock may be wrong. */
export interface Heard {
  readonly at: number
  readonly member: string
  readonly line: LogLine
}

/** A Postgres that faults can befall, whichever server it is just now. */
export interface Host {
  /** Where it is now. */
  readonly connectionString: string
  /** Resolves when it answers again. */
  restart(how: Ending): Promise<void>
}

/** Two ticks, two workers and their Postgres, each on a network of its own. */
export class Cluster {
  readonly host: Host
  readonly ticks: Member[] = []
  readonly workers: Member[] = []
  readonly heard: Heard[] = []
  /** Ends that no fault explains: a signal ends a process, or it exits with 0. */
  readonly crashes: string[] = []
  #pool: pg.Pool
  readonly #directory: string

  private constructor(host: Host, directory: string) {
    this.host = host
    this.#directory = directory
    this.#pool = openAdmin(host)
  }

  static async start(host: Host): Promise<Cluster> {
    await prepareDatabase(host.connectionString)
    const cluster = new Cluster(host, await mkdtemp(join(tmpdir(), 'pgbeat-chaos-')))
    for (const place of ['ticks', 'workers'] as const) {
      for (const number of [1, 2]) cluster[place].push(await cluster.#join(place, number))
    }
    return cluster
  }

  /** Not through any of the networks. */
  get pool(): pg.Pool {
    return this.#pool
  }

  /** Resolves when there is a leader and the workers are at work. */
  async isUp(): Promise<void> {
    await Promise.race(this.ticks.map(({ process }) => process.logged(({ msg }) => msg === leads)))
    await Promise.all(this.workers.map(({ process }) => process.logged(({ msg }) => msg === 'worker started')))
  }

  get members(): Member[] {
    return [...this.ticks, ...this.workers]
  }

  /** The member that was elected last, as far as has been heard. */
  get leader(): Member | undefined {
    const elected = this.heard.findLast(({ line }) => line.msg === leads)
    return this.ticks.find(({ name }) => name === elected?.member)
  }

  /** Everybody finds the host where it is now, and finds that out by broken connections. */
  async follow(): Promise<void> {
    for (const { network } of this.members) {
      network.retarget(this.host.connectionString)
      network.cut()
    }
    const before = this.#pool
    this.#pool = openAdmin(this.host)
    await before.end()
  }

  async stop(): Promise<void> {
    // After a failure in the middle of a fault, a member may be frozen or cut off still.
    for (const { process, network } of this.members) {
      process.thaw()
      network.restore()
    }
    await Promise.all(this.members.map(({ process }) => process.kill('SIGTERM')))
    await Promise.all(this.members.map(({ network }) => network.stop()))
    await this.#pool.end()
    await rm(this.#directory, { recursive: true })
  }

  async #join(place: 'ticks' | 'workers', number: number): Promise<Member> {
    const kind = place === 'ticks' ? 'tick' : 'worker'
    const name = `${kind}-${number}`
    const clock = join(this.#directory, name)
    await writeFile(clock, '+0')
    const network = await Network.start(this.host.connectionString)
    const process = new Process({
      program: kind === 'tick' ? kind : new URL('./worker.ts', import.meta.url),
      connectionString: network.connectionString,
      env: { PGBEAT_LOG_LEVEL: 'info', ...(faketime !== undefined && steppable(faketime, clock)) },
      onLine: (line) => this.heard.push({ at: Date.now(), member: name, line }),
      onExit: ({ code }, errors) => {
        if (code !== 0 && code !== null) this.crashes.push(`${name} exited with ${code}: ${errors}`)
      },
    })
    return new Member(name, { network, process, clock })
  }
}

function openAdmin({ connectionString }: Host): pg.Pool {
  return openPool({ connectionString, applicationName: 'chaos', answerTimeoutMs: 10_000 })
}

function steppable(library: string, clock: string): Record<string, string> {
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }
}
