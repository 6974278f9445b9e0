import { fail, pass } from '../../finding.ts'
import { readLeader } from '../../store/leader.ts'
import { countNodes, deadAfterMs } from '../../store/nodes.ts'
import type { Check } from '../check.ts'

/** Who fires, and whether somebody could take over. */
export const leader: Check = {
  name: 'leader',
  needs: 'schema',
  async look({ db }) {
    const { node_id, host, pid, term, heartbeat_age_seconds } = await readLeader(db)
    const { tick: ticks } = await countNodes(db)
    const silentFor = heartbeat_age_seconds ?? 0
    const isSilent = silentFor > deadAfterMs / 1_000
    if (node_id === null || isSilent) {
      const message =
        node_id === null
          ? 'nobody leads, so no schedule fires'
          : `the leader of term ${term} (${where(host, pid)}) has not been heard of for ${silentFor.toFixed(0)} s, and no schedule fires`
      const action =
        ticks === 0
          ? 'start bin/tick, or see in its log why it ended'
          : `${ticks} ${ticks === 1 ? 'tick is' : 'ticks are'} alive and should lead within 10 s: see in their logs what they wait for`
      return fail(message, action)
    }
    const found = `${where(host, pid)} leads in term ${term}, last heartbeat ${silentFor.toFixed(1)} s ago`
    return pass(
      ticks > 1
        ? `${found}, ${ticks - 1} standing by`
        : `${found}; no tick stands by, so nothing fires while it is away`,
    )
  },
}

function where(host: string | null, pid: number | null): string {
  return host === null ? 'a tick that has left' : `${host}, process ${pid}`
}
