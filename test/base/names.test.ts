import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { addressesOfName, lookupWithin } from '../../base/names.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { nameServer, silentNameServer } from '../name-server.ts'
import { WAIT_LIMIT_MS } from '../waits.ts'

const SHORT_MS = 200

async function hosts(text: string): Promise<string> {
  const file = join(await temporaryDirectory(), 'hosts')
  writeFileSync(file, text)
  return file
}

function texts(addresses: readonly { address: string }[]): string[] {
  return addresses.map(({ address }) => address)
}

/** PATH begins with a `getent` of this script. */
async function withGetent(script: string): Promise<void> {
  const folder = await temporaryDirectory()
  writeFileSync(join(folder, 'getent'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const { PATH } = process.env
  process.env['PATH'] = `${folder}:${PATH}`
  onTestFinished(() => {
    process.env['PATH'] = PATH
  })
}

test('a name of the hosts file has its addresses in their order, and no server is asked', async () => {
  const { server, asked } = await nameServer({})
  const hostsFile = await hosts(
    '# a comment\n2001:db8::7 Drucker.shop.example other # here\n10.0.0.7\tdrucker.shop.example\n',
  )
  const resolved = await addressesOfName('DRUCKER.shop.example.', {
    limitMs: WAIT_LIMIT_MS,
    servers: [server],
    hostsFile,
  })
  expect(resolved).toEqual([
    { address: '2001:db8::7', family: 6 },
    { address: '10.0.0.7', family: 4 },
  ])
  expect(asked).toEqual([])
})

test('an address is itself, and localhost is this machine whatever a name server says', async () => {
  const { server, asked } = await nameServer({ localhost: { addresses: ['203.0.113.1'] } })
  const limits = { limitMs: WAIT_LIMIT_MS, servers: [server], hostsFile: await hosts('') }
  for (const address of ['192.0.2.1', '::1', 'fe80::1%eth0'])
    expect(texts(await addressesOfName(address, limits))).toEqual([address])
  for (const name of ['localhost', 'till.localhost'])
    expect(texts(await addressesOfName(name, limits))).toEqual(['127.0.0.1', '::1'])
  expect(asked).toEqual([])
})

test('a name server gives both families, IPv4 first', async () => {
  const { server } = await nameServer({ 'a.example': { addresses: ['2001:db8::1', '192.0.2.1', '192.0.2.2'] } })
  const resolved = await addressesOfName('a.example', { limitMs: WAIT_LIMIT_MS, servers: [server] })
  expect(texts(resolved.toSorted((a, b) => a.family - b.family))).toEqual(texts(resolved))
  expect(texts(resolved).toSorted()).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1'])
})

test('a router that ignores questions for IPv6 addresses delays no lookup', async () => {
  const { server } = await nameServer({ 'a.example': { addresses: ['192.0.2.1'], answered: [4] } })
  expect(texts(await addressesOfName('a.example', { limitMs: WAIT_LIMIT_MS, servers: [server] }))).toEqual([
    '192.0.2.1',
  ])
})

test('a host with IPv6 addresses only is found', async () => {
  const { server } = await nameServer({ 'a.example': { addresses: ['2001:db8::1'] } })
  expect(texts(await addressesOfName('a.example', { limitMs: WAIT_LIMIT_MS, servers: [server] }))).toEqual([
    '2001:db8::1',
  ])
})

test('the second name server answers while the first one is silent', async () => {
  const silent = await silentNameServer()
  const { server } = await nameServer({ 'a.example': { addresses: ['192.0.2.1'] } })
  const resolved = await addressesOfName('a.example', { limitMs: WAIT_LIMIT_MS, servers: [silent.server, server] })
  expect(texts(resolved)).toEqual(['192.0.2.1'])
})

test('a silent name server has a separate error within the limit, and an unknown name is another one', async () => {
  const { server } = await silentNameServer()
  await expect(addressesOfName('a.example', { limitMs: SHORT_MS, servers: [server] })).rejects.toMatchObject({
    code: 'name_server_silent',
    message: 'the name server does not answer (a.example)',
  })
  const other = await nameServer({})
  await expect(
    addressesOfName('nowhere.invalid', { limitMs: WAIT_LIMIT_MS, servers: [other.server] }),
  ).rejects.toMatchObject({ code: 'ENOTFOUND', message: 'no such host name: nowhere.invalid' })
})

test.each(['drucker', 'drucker.local'])('the system answers for %s, and no name server is asked', async (name) => {
  await withGetent(
    `[ "$*" = "ahosts ${name}" ] && printf '10.0.0.9 STREAM ${name}\\n10.0.0.9 DGRAM\\nfd00::9 STREAM\\n'`,
  )
  const { server, asked } = await nameServer({ [name]: { addresses: ['203.0.113.1'] } })
  expect(texts(await addressesOfName(name, { limitMs: WAIT_LIMIT_MS, servers: [server] }))).toEqual([
    '10.0.0.9',
    'fd00::9',
  ])
  expect(asked).toEqual([])
})

test('a name that the server does not know is looked up in the search list of the system', async () => {
  await withGetent("echo '10.0.0.9 STREAM drucker.kasse.lan'")
  const { server } = await nameServer({})
  const limits = { limitMs: WAIT_LIMIT_MS, servers: [server] }
  expect(texts(await addressesOfName('drucker.kasse', limits))).toEqual(['10.0.0.9'])
})

test('a lookup of the system that hangs is killed at the limit, though it ignores SIGTERM', async () => {
  await withGetent("trap '' TERM; exec sleep 1000")
  await expect(addressesOfName('drucker', { limitMs: SHORT_MS })).rejects.toMatchObject({ code: 'name_server_silent' })
})

test.each(['', '-i', '--help'])('%j is no name, and no argument of a program', async (name) => {
  await withGetent("echo '10.0.0.9 STREAM'")
  await expect(addressesOfName(name, { limitMs: WAIT_LIMIT_MS })).rejects.toMatchObject({ code: 'ENOTFOUND' })
})

test('the lookup of a connection gives all addresses, the first one or those of one family', async () => {
  const lookup = lookupWithin(WAIT_LIMIT_MS)
  const said = (host: string, options: object): Promise<unknown[]> =>
    new Promise((resolve) => lookup(host, options, (...found) => resolve(found)))
  expect(await said('127.0.0.1', { all: true })).toEqual([null, [{ address: '127.0.0.1', family: 4 }]])
  expect(await said('::1', {})).toEqual([null, '::1', 6])
  expect(await said('127.0.0.1', { family: 6 })).toEqual([expect.objectContaining({ code: 'ENOTFOUND' }), '', 0])
})
