import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import pg from 'pg'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { LiveClient } from '../../../src/http/live/client.ts'
import type { Message } from '../../../src/http/live/message.ts'
import { Resumptions } from '../../../src/http/live/resumptions.ts'
import type { Position } from '../../../src/store/change-position.ts'

const until: Position = {
  source: 'here',
  snapshot: { xmin: 1n, xmax: 1n, xip: [] },
  seen: [],
  since: { at: 0, runId: 0n },
}
const told = (text: string): Message => ({ subject: null, wire: Buffer.from(text) })

/** A client, and what was written to it. */
function testClient() {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  const written: string[] = []
  response.write = (chunk: Buffer) => written.push(chunk.toString()) > 0
  const client = new LiveClient({
    response,
    filter: {},
    lastEventId: 'x',
    isStillAllowed: async () => true,
    mostUnsentBytes: 1_000,
  })
  return { client, written }
}

function start(t: Test, readMissed: (lastEventId: string) => Promise<Message[]>) {
  const logged: string[] = []
  const log = pino({}, { write: (line: string) => logged.push(line) })
  const resumptions = new Resumptions({ readMissed, mostAtOnce: 2, log })
  t.teardown(() => resumptions.stop())
  return { resumptions, logged }
}

function live(client: LiveClient): Promise<void> {
  return new Promise((resolve) => {
    const ask = () => (client.isLive ? resolve() : setImmediate(ask))
    ask()
  })
}

t.test('what is new waits until a client was told what it missed', async (t) => {
  const { promise, resolve } = Promise.withResolvers<Message[]>()
  const { resumptions } = start(t, () => promise)
  const { client, written } = testClient()
  resumptions.begin(client, 'x', until)
  client.deliver([told('new')])
  resolve([told('missed')])
  await live(client)
  t.match(written, ['missed', /^id: /, 'new'])
})

t.test('a client that asks for ever while Postgres says it is away holds up no other', async (t) => {
  const isAway = Object.assign(new pg.DatabaseError('away', 0, 'error'), { code: '57P01' })
  const { resumptions, logged } = start(t, async (id) => {
    if (id === 'failing') throw isAway
    return []
  })
  const failing = Array.from({ length: 5 }, testClient)
  for (const { client } of failing) resumptions.begin(client, 'failing', until)
  const { client } = testClient()
  resumptions.begin(client, 'honest', until)
  await live(client)
  t.notOk(failing.some(({ client }) => client.isLive))
  t.same(logged, [])
})

t.test('one that takes long holds up no other, and no more than so many go on at a time', async (t) => {
  const { promise, resolve } = Promise.withResolvers<Message[]>()
  let underWay = 0
  let most = 0
  const { resumptions } = start(t, async (id) => {
    underWay += 1
    most = Math.max(most, underWay)
    const missed = id === 'slow' ? await promise : []
    underWay -= 1
    return missed
  })
  const slow = testClient()
  resumptions.begin(slow.client, 'slow', until)
  const others = Array.from({ length: 10 }, testClient)
  for (const { client } of others) resumptions.begin(client, 'quick', until)
  await Promise.all(others.map(({ client }) => live(client)))
  t.notOk(slow.client.isLive)
  t.equal(most, 2)
  resolve([])
  await live(slow.client)
})

t.test('what will fail again is logged once, and the client loads anew', async (t) => {
  const overflow = Object.assign(new pg.DatabaseError('bigint out of range', 0, 'error'), { code: '22003' })
  let asked = 0
  const { resumptions, logged } = start(t, async () => {
    asked += 1
    throw overflow
  })
  const { client, written } = testClient()
  resumptions.begin(client, 'x', until)
  await live(client)
  t.match(written, [/^event: reset\n/])
  t.equal(asked, 1)
  t.match(logged, [/bigint out of range/])
})

t.test('a client for which too much waits is dropped', async (t) => {
  const { client } = testClient()
  client.beginToResume()
  client.deliver(Array.from({ length: 10_000 }, () => told('new')))
  t.notOk(client.isGone)
  client.deliver([told('new')])
  t.ok(client.isGone)
})
