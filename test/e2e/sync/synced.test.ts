// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { checkSync } from '../../../agent/cli/checks/sync.ts'
import { FaultProxy } from '../../sync/servers/fault-proxy.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { checkAnswer } from '../contract-check.ts'
import { FastClock } from '../fast-clock.ts'
import { goods, pay } from '../goods.ts'
import { LeapClock } from '../leap-clock.ts'
import { Cloud } from './cloud.ts'

async function targetOf(bench: Bench): Promise<Members> {
  const [target] = await bench.office.list('/v1/sync')
  return target ?? {}
}

function hashesOf(bench: Bench): string[] {
  return bench.journal().map(({ hash }) => Buffer.from(hash, 'base64url').toString('hex'))
}

test('a shift sold while the receiver is unreachable arrives later, hash for hash, and is reported as synced', async () => {
  await using cloud = await Cloud.open()
  await cloud.leave()
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets: cloud.targets } } })
  const { chainId } = await cloud.enrol(bench.journal())
  const { id, till } = await bench.till()
  const open = await till.create(goods('sale', id, [['3.00', '0.07']]))
  const call = completion(open, [pay('cash', '3.00')])
  const answered = await till.call(call)
  expect(answered.json).toMatchObject({ sync_status: 'pending', synced_at: null })
  const away = await bench.until(async () => {
    const target = await targetOf(bench)
    return target['last_error'] !== null && target
  })
  expect(away).toMatchObject({ target: 'cloud', state: 'offline', acked_seq: 0, warning: null })
  expect(await till.read(open.id)).toMatchObject({ sync_status: 'pending', synced_at: null })
  const ready = await (await fetch(`${bench.url}/readyz`)).json()
  expect(ready).toMatchObject({ state: 'ready', sync: [{ target: 'cloud', state: 'offline', warning: null }] })

  await cloud.comeBack()
  await bench.untilSynced()
  expect(await targetOf(bench)).toMatchObject({ state: 'current', last_error: null })
  // An event of a device may follow: it is sent as well.
  await bench.until(async () => (await cloud.hashes(chainId)).length === hashesOf(bench).length)
  expect(await cloud.hashes(chainId)).toEqual(hashesOf(bench))
  const done = await till.read(open.id)
  expect(done).toMatchObject({ sync_status: 'acknowledged', synced_at: expect.stringMatching(/Z$/) })
  expect(await till.list('/v1/operations?type=sale')).toMatchObject([{ synced_at: done.synced_at }])
  expect((await till.call(call)).text).toBe(answered.text)
})

test('a restart continues at the cursor, and synced events stay synced', async () => {
  await using cloud = await Cloud.open()
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets: cloud.targets } } })
  const { chainId } = await cloud.enrol(bench.journal())
  const { id, till } = await bench.till()
  const sold = await till.create(goods('sale', id, [['3.00', '0.07']]))
  await bench.untilSynced()
  const { synced_at } = await till.read(sold.id)
  const before = Number((await targetOf(bench))['acked_seq'])
  await bench.restart()
  expect(Number((await targetOf(bench))['acked_seq'])).toBeGreaterThanOrEqual(before)
  expect((await till.read(sold.id)).synced_at).toBe(synced_at)
  await till.complete(sold, [pay('cash', '3.00')])
  expect((await till.read(sold.id)).sync_status).toBe('pending')
  await bench.until(async () => (await till.read(sold.id)).sync_status === 'acknowledged')
  expect(await cloud.hashes(chainId)).toEqual(hashesOf(bench).slice(0, (await cloud.hashes(chainId)).length))
})

test('an operation that the receiver lost is pending until the receiver has it again', async () => {
  await using cloud = await Cloud.open()
  await using emptied = await Cloud.open()
  let isLost = false
  const proxy = new FaultProxy((method) => (isLost && method === 'POST' ? 'reset' : 'pass'), 1)
  onTestFinished(() => proxy.close())
  const targets = [{ ...cloud.targets[0], url: await proxy.listen(cloud.url) }]
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
  const { agentId, chainId } = await cloud.enrol(bench.journal())
  const { id, till } = await bench.till()
  const { id: sale } = await till.create(goods('sale', id, [['3.00', '0.07']]))
  const untilItIs = (status: string) => bench.until(async () => (await till.read(sale)).sync_status === status)
  await untilItIs('acknowledged')
  // Its disk was replaced: the same address, and nothing of this agent but a token.
  isLost = true
  proxy.redirectTo(emptied.url)
  await writeFile(cloud.tokenFile, (await emptied.rig.enrol(agentId)).token)
  await till.create(goods('sale', id, [['4.00', '0.07']]))
  await untilItIs('pending')
  isLost = false
  await untilItIs('acknowledged')
  const there = await emptied.hashes(chainId)
  expect(there).toEqual(hashesOf(bench).slice(0, there.length))
})

test('a target that cannot be used stops neither the start nor a sale, and names no secret', async () => {
  const targets = [
    { id: 'cloud', kind: 'https', url: 'http://127.0.0.1:9', tokenFile: 'nowhere.token' },
    { id: 'stick', kind: 'file', folder: 'not-mounted' },
  ]
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
  const { id, till } = await bench.till()
  const sold = await till.complete(await till.create(goods('sale', id, [['3.00', '0.07']])), [pay('cash', '3.00')])
  expect(sold.fiscal).toMatchObject({ state: 'succeeded' })
  const listed = await bench.until(async () => {
    const rows = await bench.office.list('/v1/sync')
    return rows.every((target) => target['last_error'] !== null) && rows
  })
  expect(listed.map(({ target, state }) => [target, state])).toEqual([
    ['cloud', 'offline'],
    ['stick', 'offline'],
  ])
})

test('without a target, the list of targets is empty and nothing is ever synced', async () => {
  await using bench = await Bench.open()
  expect(await bench.office.list('/v1/sync')).toEqual([])
  expect((await bench.client({}).call({ path: '/v1/sync' })).status).toBe(401)
  const { id, till } = await bench.till()
  const sold = await till.create(goods('sale', id, [['3.00', '0.07']]))
  expect((await till.read(sold.id)).sync_status).toBe('pending')
  expect(() => checkAnswer('GET', '/v1/sync', 200, { data: [{ target: 'cloud' }] })).toThrow()
})

test('an unmounted disk of the shop does not keep an operation from being synced with the receiver', async () => {
  await using cloud = await Cloud.open()
  const targets = [...cloud.targets, { id: 'stick', kind: 'file', folder: 'not-mounted' }]
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
  await cloud.enrol(bench.journal())
  const { id, till } = await bench.till()
  const sold = await till.create(goods('sale', id, [['3.00', '0.07']]))
  await bench.until(async () => (await till.read(sold.id)).sync_status === 'acknowledged')
  const told = await bench.office.list('/v1/sync')
  expect(told).toMatchObject([{ state: 'current' }, { state: 'offline', acked_seq: 0 }])
  const ofDisk = async (disk: unknown) => (await checkSync(bench.config, [disk])).at(-1)
  expect(await ofDisk(told[1])).toMatchObject({
    state: 'warning',
    remedy: expect.stringContaining('is the disk there?'),
  })
  // Written to every five minutes: events that wait in between are not a fault.
  expect(await ofDisk({ ...told[1], state: 'behind', last_error: null })).toMatchObject({ state: 'ok' })
  const forgets = { code: 'receiver_rewind', message: 'lost' }
  const remedy = expect.stringContaining('its operator must check its disk')
  expect(await ofDisk({ ...told[1], state: 'behind', last_error: forgets })).toMatchObject({ state: 'warning', remedy })
  const causes = {
    CERT_HAS_EXPIRED: 'must renew it',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'caFile',
    ERR_TLS_CERT_ALTNAME_INVALID: 'another name',
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'certFile',
    unauthenticated: 'receiver token agent',
    http_502: 'a proxy answers',
    no_answer: 'not a receiver',
    wrong_head: 'its operator must check it',
    busy: 'its log',
    stream_full: 'more space',
    ENOSPC: 'free space on it',
    EROFS: 'takes no writing',
    EIO: 'replace it',
  }
  for (const [code, words] of Object.entries(causes)) {
    const failing = { ...told[1], last_error: { code, message: '' } }
    expect((await ofDisk(failing))?.remedy).toContain(words)
    // It is unknown which of the two clocks is wrong, and that is seldom the cause.
    const skewed = (await ofDisk({ ...failing, clock_skew_ms: -90_000_000 }))?.remedy
    expect(skewed).toMatch(new RegExp(`${words}.*"time source"`, 's'))
  }
  // Reported at once, not when the oldest event has waited for ten seconds.
  const busy = { ...told[1], state: 'current', unacked: 1, last_error: { code: 'busy', message: 'wait' } }
  expect(await ofDisk(busy)).toMatchObject({ state: 'warning', message: expect.stringContaining('busy: wait') })
  const wellOff = { ...told[1], state: 'current', last_error: null, clock_skew_ms: 1e12 }
  expect(await ofDisk(wellOff)).toMatchObject({
    state: 'warning',
    remedy: expect.stringMatching(/^one of the two clocks/),
  })
})

test('an unreachable receiver is a warning after 15 minutes and an alarm after a day, once and everywhere', async () => {
  await using cloud = await Cloud.open()
  await cloud.leave()
  const clock = new LeapClock()
  await using bench = await Bench.open({ clock, config: { sync: { targets: cloud.targets } } })
  await cloud.enrol(bench.journal())
  const codes = (): unknown[] =>
    bench.lines.flatMap(({ level, fields }) =>
      /^sync_delayed/.test(String(fields['code'])) && level === 'warn' ? [fields['code']] : [],
    )
  const doctor = async (): Promise<string> =>
    (await checkSync(bench.config, await bench.office.list('/v1/sync'))).map(({ message }) => message).join('\n')
  const readiness = async (): Promise<string> => await (await fetch(`${bench.url}/readyz`)).text()
  expect(await targetOf(bench)).toMatchObject({ warning: null, last_ack_at: null })
  clock.leap(16 * 60_000)
  await bench.until(() => codes().length > 0)
  expect(await targetOf(bench)).toMatchObject({ state: 'offline', warning: 'sync_delayed' })
  expect(await readiness()).toContain('sync_delayed')
  expect(await doctor()).toContain('15 minutes')
  clock.leap(60_000)
  clock.leap(24 * 3_600_000)
  await bench.until(() => codes().length > 1)
  expect(await targetOf(bench)).toMatchObject({ warning: 'sync_delayed_long' })
  expect(await readiness()).toContain('sync_delayed_long')
  expect(await doctor()).toContain('24 hours')
  clock.leap(60_000)
  expect(codes()).toEqual(['sync_delayed', 'sync_delayed_long'])

  // Our clock now runs a day ahead of the receiver's `Date`: said, and nothing depends on it.
  await cloud.comeBack()
  clock.leap(300_000)
  const back = await bench.until(async () => {
    const target = await targetOf(bench)
    return target['unacked'] === 0 && target
  })
  expect(back).toMatchObject({ state: 'current', warning: null, last_ack_at: expect.stringMatching(/Z$/) })
  expect(Number(back['clock_skew_ms'])).toBeLessThan(-86_400_000)
  expect(await doctor()).toMatch(/our clock is -\d+ s off/)
  const skews = (): number => bench.lines.filter(({ message }) => message.startsWith('our clock differs')).length
  expect(skews()).toBe(1)
  clock.leap(60_000)
  await bench.until(() => bench.lines.some(({ message }) => message === 'sync_delayed_long ended'))
  expect(skews()).toBe(1)
})
