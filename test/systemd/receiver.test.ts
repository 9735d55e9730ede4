// @module-tag heavy
import { X509Certificate } from 'node:crypto'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { crowded } from '../../scripts/tests/slowness.ts'
import type { Machine } from '../booted-systemd.ts'
import { done as doneOn, installedMachine } from '../package/installed-machine.ts'
import type { Shop } from '../package/walk-through.ts'
import { openShop, sell } from '../package/walk-through.ts'
import type { Issued } from '../sync/servers/certificates.ts'
import { Authority } from '../sync/servers/certificates.ts'
import { asDocumented, changePassword, documentedConfig, layPair, makeStream, prepareCloud } from './cloud.ts'

const URL = 'http://127.0.0.1:7070'
const EDGE = '/etc/fiskal-edge'
const RECEIVER = '/etc/fiskal-receiver'
const STATE = '/var/lib/fiskal-edge'
const NAME = 'IP:127.0.0.1,DNS:localhost'
const TARGETS = ['cloud', 'chain', 'small', 'liar']

/** The members of `GET /v1/sync` that are looked at. */
type Row = {
  target: string
  state: string
  unacked: number
  acked_seq: number
  head_seq: number
  stranded: number
  last_error: { code: string } | null
}

const authority = new Authority()
const nextAuthority = new Authority()
afterAll(() => {
  for (const one of [authority, nextAuthority]) one.remove()
})

let shop: Shop = { url: URL, register: '', key: '' }
let platformKey = ''
let sales = 0
let renewed: Issued | undefined

const machine = installedMachine(async (prepared) => {
  await prepareCloud(prepared, authority)
  await prepareReceivers(prepared)
  await makeStream(prepared)
  await prepareShop(prepared)
  await doneOn(prepared, 'systemctl stop database')
})

function done(script: string): Promise<string> {
  return doneOn(machine(), script)
}

/** The configuration of the document: its own servers are on this machine. */
async function prepareReceivers(prepared: Machine): Promise<void> {
  const put = (path: string, text: string): void => writeFileSync(join(prepared.root, path), text)
  const config = documentedConfig()
  const streams = [{ ...config.streams[0], servers: ['tls://127.0.0.1:4222'], tls: { caFile: 'nats.ca' } }]
  put(`${RECEIVER}/receiver.json`, JSON.stringify({ ...config, streams }))
  put(`${RECEIVER}/receiver.pg`, connection('first'))
  layPair(prepared, authority.issue(NAME), `${RECEIVER}/receiver`)
  for (const name of ['shops.crt', 'nats.ca']) copyFileSync(authority.caFile, join(prepared.root, RECEIVER, name))
  const store = { kind: 'sqlite', file: '/var/lib/fiskal-small/receiver.db' }
  put('/etc/fiskal-small/receiver.json', JSON.stringify({ version: 1, store }))
  await doneOn(prepared, `chgrp -R fiskal-receiver ${RECEIVER}; chmod 640 ${RECEIVER}/*; chmod 644 ${RECEIVER}/nats.ca`)
  await doneOn(prepared, asDocumented().start.replace('fiskal-receiver', 'fiskal-small'))
}

function connection(password: string): string {
  return `postgres://receiver:${password}@127.0.0.1:5432/postgres`
}

/** An agent with four targets, each of which has issued its token or accepts it otherwise. */
async function prepareShop(prepared: Machine): Promise<void> {
  const tls = { caFile: `${EDGE}/cloud.ca`, certFile: `${EDGE}/shop.crt`, keyFile: `${EDGE}/shop.key` }
  const https = (id: string, url: string) => ({ id, kind: 'https', url, tokenFile: `${EDGE}/${id}.token` })
  const targets = [
    { ...https('cloud', 'https://127.0.0.1:7443'), tls },
    {
      ...{ id: 'chain', kind: 'nats', servers: ['tls://127.0.0.1:4222'] },
      stream: 'FISKAL',
      tls: { caFile: `${EDGE}/nats.ca` },
    },
    https('small', 'http://127.0.0.1:7080'),
    https('liar', 'http://127.0.0.1:7099'),
  ]
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  const config = { version: 1, state: STATE, listen: {}, devices, sync: { targets } }
  writeFileSync(join(prepared.root, EDGE, 'agent.json'), JSON.stringify(config))
  for (const name of ['cloud.ca', 'nats.ca']) copyFileSync(authority.caFile, join(prepared.root, EDGE, name))
  layPair(prepared, authority.issue('DNS:shop'), `${EDGE}/shop`)
  await doneOn(prepared, 'systemctl start liar; fiskal-edge service install')
  const opened = await doneOn(prepared, `${openShop(URL)}; echo "office: $PLATFORM_KEY"`)
  const [, register = '', key = ''] = /^shop: (\S+) (\S+)$/m.exec(opened) ?? []
  shop = { url: URL, register, key }
  platformKey = /^office: (\S+)$/m.exec(opened)?.[1] ?? ''
  const agent = /agent id +(\S+):/.exec((await prepared.sh('fiskal-edge doctor')).out)?.[1] ?? ''
  const token = async (folder: string): Promise<string> => {
    const issue = `fiskal-edge receiver token agent ${agent} --json --config ${folder}/receiver.json`
    return JSON.parse(await doneOn(prepared, issue)).token
  }
  const put = (name: string, text: string): void =>
    writeFileSync(join(prepared.root, EDGE, `${name}.token`), text, { mode: 0o600 })
  put('cloud', await token(RECEIVER))
  const small = await token('/etc/fiskal-small')
  for (const name of ['small', 'liar']) put(name, small)
  await doneOn(prepared, 'systemctl stop fiskal-edge')
}

async function rows(): Promise<Record<string, Row>> {
  const answer = await machine().sh(`curl -sf -H 'Authorization: Bearer ${platformKey}' ${URL}/v1/sync`)
  const { data } = JSON.parse(answer.out || '{ "data": [] }') as { data: Row[] }
  return Object.fromEntries(data.map((row) => [row.target, row]))
}

/** Until each of these targets has all events. */
async function untilAllHave(targets: readonly string[] = TARGETS): Promise<void> {
  const lacking = async (): Promise<unknown[]> => {
    const received = await rows()
    return targets.map((id) => received[id]).filter((row) => row?.state !== 'current' || row.unacked > 0)
  }
  await expect.poll(lacking, { interval: 400 }).toEqual([])
}

async function sold(): Promise<string> {
  sales += 1
  return done(sell(shop, sales))
}

function restartsOf(unit: string): Promise<string> {
  return done(`systemctl show ${unit} -p NRestarts --value`)
}

function logged(unit: string, words: string): string {
  return `journalctl -u ${unit} -o cat | grep -E '${words}'`
}

/** How far the receiver has taken the stream; undefined while it has messages left. */
async function taken(): Promise<number | undefined> {
  const { out } = await machine().sh("curl -sf 'http://127.0.0.1:8222/jsz?consumers=true'")
  type Consumer = { num_pending: number; num_ack_pending: number; ack_floor: { stream_seq: number } }
  type Streams = { account_details: { stream_detail: { consumer_detail?: Consumer[] }[] }[] }
  const [consumer] = (JSON.parse(out) as Streams).account_details[0]?.stream_detail[0]?.consumer_detail ?? []
  const isLeft = consumer === undefined || consumer.num_pending + consumer.num_ack_pending > 0
  return isLeft ? undefined : consumer.ack_floor.stream_seq
}

function servedSerial(): Promise<string> {
  return done('openssl s_client -connect 127.0.0.1:7443 </dev/null 2>/dev/null | openssl x509 -noout -serial')
}

/** The status that the receiver answers a shop with that certificate; 000 if it refuses the connection. */
async function statusFor(name: string): Promise<string> {
  const own = `--cacert ${EDGE}/cloud.ca --cert /root/new/${name}.crt --key /root/new/${name}.key`
  return (await machine().sh(`curl -s -o /dev/null -w '%{http_code}' ${own} https://127.0.0.1:7443/`)).out
}

test('a receiver waits for database and stream server, logs both, and serves its https shops until then', async () => {
  const { until } = machine()
  await done(asDocumented().start)
  await until(logged('fiskal-receiver', 'store_unreachable'))
  await done('systemctl start database')
  await until(logged('fiskal-receiver', 'is ready at https://0.0.0.0:7443'))
  await beginRenewal()
  await done(logged('fiskal-receiver', 'stream_unreachable'))
  await done('systemctl start fiskal-edge')
  await untilAllHave(['cloud', 'small'])
  expect((await rows())['chain']).toMatchObject({ state: 'offline' })
  await done('systemctl start nats')
  await untilAllHave(['cloud', 'small', 'chain'])
  await expect.poll(taken, { interval: 400 }).toBeGreaterThan(0)
  expect(await restartsOf('fiskal-receiver')).toBe('0\n')
})

/** Work for the last minute of this file: the receiver looks at its files once a minute. */
async function beginRenewal(): Promise<void> {
  const { root } = machine()
  const before = await servedSerial()
  const pair = authority.issue(NAME)
  layPair(machine(), pair, '/root/new/receiver')
  layPair(machine(), nextAuthority.issue('DNS:shop'), '/root/new/shop')
  writeFileSync(join(root, 'root/new/shops.crt'), `${authority.ca}${nextAuthority.ca}`)
  expect([before.includes(new X509Certificate(pair.cert).serialNumber), await statusFor('shop')]).toEqual([
    false,
    '000',
  ])
  await done(`cd /root/new; install -m 640 -g fiskal-receiver receiver.crt receiver.key shops.crt ${RECEIVER}/`)
  renewed = pair
}

test('a target that claims more than the journal has is stalled, and resumed once it is honest', async () => {
  const claim = { state: 'stalled', last_error: { code: 'sync_claim_unproven' } }
  await expect.poll(async () => (await rows())['liar'], { interval: 400 }).toMatchObject(claim)
  expect(await done(`curl -sf ${URL}/readyz`)).toContain('sync_claim_unproven')
  expect(await sold()).toContain('TSE-Signatur:')
  await done('touch /run/honest; fiskal-edge sync resume liar')
  await untilAllHave()
})

test('a shop sells while all targets are unreachable, doctor shows each remedy, and all events arrive later', async () => {
  const { root } = machine()
  const before = (await taken()) ?? 0
  await done('systemctl stop database nats fiskal-small')
  expect(await sold()).toContain('TSE-Signatur:')
  const failing = { cloud: { code: 'busy' }, chain: { code: 'ECONNREFUSED' }, small: { code: 'ECONNREFUSED' } }
  const errors = async () =>
    Object.fromEntries(Object.entries(await rows()).map(([id, { last_error }]) => [id, { code: last_error?.code }]))
  await expect.poll(errors, { interval: 400 }).toMatchObject(failing)
  const { out } = await machine().sh('fiskal-edge doctor')
  expect(out).toMatch(/! sync cloud .*busy: .*→ it is up and asks to wait; if that lasts, its log shows/)
  for (const id of ['chain', 'small'])
    expect(out).toMatch(new RegExp(`! sync ${id} .*ECONNREFUSED.*→ nothing listens there: are host and port`))
  await done(logged('fiskal-receiver', 'store_busy'))

  // In between the database gets another password for the receiver, and the stream server a certificate of another
  // authority.
  layPair(machine(), nextAuthority.issue(NAME), '/etc/nats-edge/server')
  for (const place of [EDGE, RECEIVER]) copyFileSync(nextAuthority.caFile, join(root, place, 'nats.ca'))
  await done('systemctl start database nats fiskal-small')
  await changePassword(machine(), 'second')
  writeFileSync(join(root, RECEIVER, 'receiver.pg'), connection('second'))
  await untilAllHave()
  await expect.poll(taken, { interval: 400 }).toBeGreaterThan(before)
  for (const unit of ['fiskal-receiver', 'fiskal-small', 'fiskal-edge']) expect(await restartsOf(unit)).toBe('0\n')
})

test('a receiver that lost events gets them again automatically', async () => {
  const store = '/var/lib/fiskal-small'
  await done(`systemctl stop fiskal-small; cp -a ${store}/receiver.db /root/; systemctl start fiskal-small`)
  await sold()
  await untilAllHave()
  await done(
    `systemctl stop fiskal-small; rm ${store}/*; cp -a /root/receiver.db ${store}/; systemctl start fiskal-small`,
  )
  await sold()
  await untilAllHave()
})

test('a receiver on a full disk ends with code 74, and its unit starts it until there is room', async () => {
  const { until } = machine()
  const filler = '/var/lib/fiskal-small/of-others'
  await machine().sh(`head -c 100M /dev/zero >${filler}`)
  await sold()
  await until('systemctl show fiskal-small -p ExecMainStatus --value | grep 74')
  await done(logged('fiskal-small', 'store_failed'))
  await done(`rm ${filler}`)
  await untilAllHave()
})

test('journal verify waits for silent targets five seconds at most, for all of them at once', async () => {
  const verified = async (): Promise<{ told: string; ms: number }> => {
    const started = performance.now()
    return { told: await done('fiskal-edge journal verify'), ms: performance.now() - started }
  }
  const answered = await verified()
  // The next test needs them.
  onTestFinished(async () => void (await done('systemctl kill -s CONT fiskal-receiver fiskal-small')))
  await done('systemctl kill -s STOP fiskal-receiver fiskal-small')
  // One after the other they would cost fifteen seconds each time; a busy machine may be late once, and then the one
  // that is not stopped does not answer within five seconds either.
  const seen = async (): Promise<boolean[]> => {
    const { told, ms } = await verified()
    const isSilent = (id: string) => new RegExp(`! ${id}: witness until .*did not answer.*witness_missing`).test(told)
    const isThere = /✔ chain: /.test(told) || (crowded() > 1 && isSilent('chain'))
    return [ms - answered.ms < 10_000 * crowded(), isThere, ...['cloud', 'small', 'liar'].map(isSilent)]
  }
  await expect.poll(seen, { interval: 100 }).toEqual([true, true, true, true, true])
})

test('a state that was put back begins an epoch at its start with what targets prove, and both histories stay', async () => {
  const { until } = machine()
  await done(`systemctl stop fiskal-edge; cp -a ${STATE} /root/before; systemctl start fiskal-edge`)
  await sold()
  await untilAllHave()
  // The next test: as on a machine without IPv6.
  const noSixth = 'echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6'
  await done(`systemctl stop fiskal-edge; rm -r ${STATE}/*; cp -a /root/before/. ${STATE}/; ${noSixth}`)
  await done('systemctl start fiskal-edge')
  await until(logged('fiskal-edge', 'the state was put back: an epoch begins'))
  const behind = async () => Object.values(await rows()).filter(({ acked_seq, head_seq }) => acked_seq < head_seq)
  await expect.poll(behind, { interval: 400 }).toEqual([])
  const audit = await done('fiskal-edge receiver audit --json --config /etc/fiskal-small/receiver.json')
  expect(JSON.parse(audit)).toMatchObject({ chains: 2, broken: [] })
  expect(await done('fiskal-edge duty list')).toContain('epoch-2')
  expect(await restartsOf('fiskal-edge')).toBe('0\n')
})

test('an agent serves one loopback address if the machine does not have the other one; its log and doctor report it', async () => {
  await done(`curl -sf http://127.0.0.1:7070/healthz; ${logged('fiskal-edge', 'loopback address not available')}`)
  const { out } = await machine().sh('fiskal-edge doctor')
  expect(out).toMatch(/! port .*this machine does not have ::1/)
})

test('the receiver serves a renewed certificate, key and authorities within a minute, without a restart', async () => {
  const serial = new X509Certificate(renewed?.cert ?? '').serialNumber
  await expect.poll(servedSerial, { interval: 500 }).toContain(serial)
  expect(await statusFor('shop')).toBe('401')
  expect(await restartsOf('fiskal-receiver')).toBe('0\n')
})

test('a receiver ends with success when its unit is stopped', async () => {
  await done('systemctl stop fiskal-receiver fiskal-small')
  const ends = await done('systemctl show fiskal-receiver fiskal-small -p Result,ExecMainStatus,ActiveState')
  const end = 'Result=success\nExecMainStatus=0\nActiveState=inactive'
  expect(ends.trim()).toBe(`${end}\n\n${end}`)
})
