import { fail, pass, warn } from '../../finding.ts'
import { readBounded } from '../../store/bounded-read.ts'
import { isWorkAhead, listWorkers, type WorkerRow } from '../../store/workers.ts'
import type { Check } from '../check.ts'
import { ago, firstOf, quantity } from '../phrases.ts'

/** Whether somebody executes runs, and whether somebody looks after workers that died. */
export const workers: Check = {
  name: 'workers',
  needs: 'schema',
  async look({ db }) {
    const found = await listWorkers(db)
    const alive = found.filter(({ is_alive }) => is_alive)
    const dead = found.filter(({ is_alive }) => !is_alive)
    if (alive.length === 0) {
      const none = `no worker is alive${dead.length > 0 ? `; ${deaths(dead)}` : ''}`
      const start = 'start one: bin/worker'
      const isNeeded = await readBounded(db, isWorkAhead)
      return isNeeded
        ? fail(`${none}, so runs are queued and none begins`, start)
        : warn(`${none}; there is nothing to run either`, start)
    }
    const slots = alive.reduce((sum, { concurrency }) => sum + concurrency, 0)
    const lively = `${quantity(alive.length, 'worker')} alive, with room for ${quantity(slots, 'run')} at once`
    if (dead.length === 0) return pass(lively)
    return warn(
      `${lively}; ${deaths(dead)}`,
      'the leader recovers what a worker was running within 8 s of its last heartbeat: if this stays, see the check leader',
    )
  },
}

function deaths(dead: readonly WorkerRow[]): string {
  const which = dead.map(({ host, pid, silent_seconds }) => `${host} pid ${pid}, silent for ${ago(silent_seconds)}`)
  return `${quantity(dead.length, 'worker')} died and ${dead.length === 1 ? 'is' : 'are'} not recovered yet (${firstOf(which)})`
}
