import type { Events, PgbeatEvents } from '../../src/events.ts'

/** The next event of a kind that a test waits for. A test that waits in vain runs into tap's time limit. */
export function nextEvent<Name extends keyof PgbeatEvents>(
  events: Events,
  name: Name,
  matches: (event: PgbeatEvents[Name][0]) => boolean = () => true,
): Promise<PgbeatEvents[Name][0]> {
  return new Promise((resolve) => {
    const listener = (event: PgbeatEvents[Name][0]) => {
      if (!matches(event)) return
      events.off(name, listener as never)
      resolve(event)
    }
    events.on(name, listener as never)
  })
}
