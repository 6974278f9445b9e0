import { isIPv6 } from 'node:net'
import t from 'tap'
import { AllowList, refusalOf } from '../../../src/tasks/http/addresses.ts'
import { TransientError } from '../../../src/tasks/http/failures.ts'
import type { Resolve } from '../../../src/tasks/http/guard.ts'
import { createHttpRequest } from '../../../src/tasks/http/task.ts'
import { runTask } from '../../../src/testing/run-task.ts'
import { receiver } from './server.ts'

const refused: Record<string, readonly string[]> = {
  'the unspecified address': ['0.0.0.0', '0.1.2.3', '::', '::0'],
  'a loopback address': ['127.0.0.1', '127.255.255.254', '::1'],
  'a private address': ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  'an address behind carrier-grade NAT': ['100.64.0.1', '100.127.255.255', '100.100.100.200'],
  'a link-local address': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'febf::1', 'fe80::1%eth0'],
  'a multicast address': ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  'the broadcast address': ['255.255.255.255'],
  'a unique local address': ['fc00::1', 'fd00:ec2::254'],
  'a metadata address': ['168.63.129.16', '::ffff:168.63.129.16'],
  'not a public address': [
    ...['192.0.0.192', '192.0.2.1', '192.88.99.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1'],
    ...[
      '100::1',
      '2001:db8::1',
      '2002:7f00:1::',
      '2001::1',
      'fec0::1',
      '64:ff9b:1::7f00:1',
      '3fff::1',
      '4000::1',
      '1::1',
    ],
  ],
  'not an address': ['', 'localhost', '1.2.3', '127.0.0.1.nip.io', '::ffff:127.0.0.1.2'],
}

const standingForIpv4 = (ipv4: string) => [`::ffff:${ipv4}`, `64:ff9b::${ipv4}`, `::${ipv4}`, `::ffff:0:${ipv4}`]

t.test('addresses that are not everybody’s are refused, by a word', async (t) => {
  for (const [why, addresses] of Object.entries(refused)) {
    for (const address of addresses) t.equal(refusalOf(address), why, address)
  }
  for (const ipv4 of [
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '192.168.0.1',
    '224.0.0.1',
    '0.0.0.5',
  ]) {
    for (const address of standingForIpv4(ipv4)) t.equal(refusalOf(address), refusalOf(ipv4), address)
  }
})

t.test('public ones are not', async (t) => {
  for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1']) {
    t.equal(refusalOf(address), null, address)
  }
  for (const address of standingForIpv4('8.8.8.8')) t.equal(refusalOf(address), null, address)
})

t.test('an allow-list has hosts, addresses and ranges', async (t) => {
  const list = new AllowList('10.0.0.0/8, 127.0.0.1,fd00::/8 , Intranet.Example.COM, ::1,')
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '127.0.0.1', 'fd12::1', '::1'])
    t.ok(list.hasAddress(address), address)
  for (const address of ['11.0.0.1', '127.0.0.2', 'fc00::1', '::2', 'x']) t.notOk(list.hasAddress(address), address)
  t.ok(list.hasHost('intranet.example.com'))
  t.ok(list.hasHost('INTRANET.example.com.'))
  t.notOk(list.hasHost('example.com'))
  for (const wrong of ['10.0.0.0/40', '10.0.0', 'http://a', 'a b', '*.example.com', '-', '1']) {
    t.throws(() => new AllowList(wrong), { name: 'RangeError', message: wrong }, wrong)
  }
})

const task = (allow: string, resolve?: Resolve) =>
  createHttpRequest({ environment: () => ({ PGBEAT_HTTP_ALLOW: allow }), ...(resolve && { resolve }) })

t.test('an address in a URL is refused however it is written, and nothing is sent', async (t) => {
  const four = await receiver(t)
  const six = await receiver(t, undefined, '::1')
  for (const host of [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
  ]) {
    const run = runTask(task(''), { url: `http://${host}:${four.port}/` })
    await t.rejects(run, { name: 'PermanentError', code: 'address_refused' }, host)
  }
  await t.rejects(runTask(task(''), { url: six.url }), {
    code: 'address_refused',
    message: '::1 is a loopback address: PGBEAT_HTTP_ALLOW of the worker does not allow it',
  })
  t.same([...four.received, ...six.received], [])
  t.match(await runTask(task('127.0.0.0/8'), { url: four.url }), { result: { status: 200 } })
  t.match(await runTask(task('::1'), { url: six.url }), { result: { status: 200 } })
})

t.test('so is a name that leads to one, of any family', async (t) => {
  const { port, received } = await receiver(t)
  await t.rejects(runTask(task(''), { url: `http://localhost:${port}/` }), {
    code: 'address_refused',
    message: /^localhost leads to (127.0.0.1|::1), a loopback address: /,
  })
  for (const addresses of Object.values(refused)) {
    for (const address of addresses.filter((address) => refusalOf(address) !== 'not an address')) {
      const run = runTask(task('', fixed('8.8.8.8', address)), { url: `http://bad.example:${port}/` })
      await t.rejects(run, { code: 'address_refused', message: `bad.example leads to ${address}, ` }, address)
    }
  }
  t.same(received, [])
})

t.test('a host that is allowed may lead anywhere, and an address that is allowed may have any name', async (t) => {
  const { port, received } = await receiver(t)
  for (const allow of ['good.example', '127.0.0.1']) {
    await runTask(task(allow, fixed('127.0.0.1')), { url: `http://good.example:${port}/` })
  }
  t.match(received, [{ headers: { host: `good.example:${port}` } }, { headers: { host: `good.example:${port}` } }])
})

t.test('the address that was looked at is the one that is connected to', async (t) => {
  const { port, received } = await receiver(t)
  let lookups = 0
  const rebinding: Resolve = (_host, _options, callback) => {
    lookups += 1
    callback(null, [{ address: lookups === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }])
  }
  await runTask(task('127.0.0.1', rebinding), { url: `http://rebinding.example:${port}/` })
  t.equal(lookups, 1)
  t.equal(received.length, 1)
  await t.rejects(runTask(task('127.0.0.1', rebinding), { url: `http://rebinding.example:${port}/` }), {
    code: 'address_refused',
    message: /leads to 127.0.0.2/,
  })
})

t.test('a redirect is looked up anew', async (t) => {
  let lookups = 0
  const rebinding: Resolve = (_host, _options, callback) => {
    lookups += 1
    callback(null, [{ address: lookups === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }])
  }
  const { port } = await receiver(t, (response) => {
    response.writeHead(302, { location: `http://rebinding.example:${port}/`, connection: 'close' }).end()
  })
  await t.rejects(runTask(task('127.0.0.1', rebinding), { url: `http://rebinding.example:${port}/` }), {
    code: 'address_refused',
    message: /leads to 169.254.169.254, a link-local address/,
  })
})

t.test('a name that is nobody’s is tried again', async (t) => {
  const nobody: Resolve = (host, _options, callback) =>
    callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), [])
  const run = runTask(task('', nobody), { url: 'http://nobody.example/' })
  await t.rejects(run, new TransientError('network', 'no answer: getaddrinfo ENOTFOUND nobody.example (ENOTFOUND)'))
  const empty: Resolve = (_host, _options, callback) => callback(null, [])
  await t.rejects(runTask(task('', empty), { url: 'http://nobody.example/' }), { code: 'network' })
})

t.test('no proxy of the environment is asked', async (t) => {
  const proxy = await receiver(t)
  const target = await receiver(t)
  for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']) {
    const before = process.env[name]
    process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.url
    t.teardown(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
  }
  await runTask(task('127.0.0.1'), { url: target.url })
  t.equal(target.received.length, 1)
  t.same(proxy.received, [])
})

/** Names lead to these. */
function fixed(...addresses: string[]): Resolve {
  const all = addresses.map((address) => ({ address, family: isIPv6(address.split('%')[0] ?? '') ? 6 : 4 }))
  return (_host, _options, callback) => callback(null, all)
}
