// @module-tag heavy
import { readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { receiptOf, sell as sellInAustria } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { completion } from '../e2e/client.ts'
import { goods, pay, sell } from '../e2e/goods.ts'
import { movement } from '../e2e/italy/shop.ts'
import { closing, counted } from '../e2e/shift.ts'
import { done, installedMachine } from '../package/installed-machine.ts'
import { ShopInUnit, STATE } from './shop-in-unit.ts'

const TOKEN = '/etc/fiskal-edge/cloud.token'
const CONFIG = {
  devices: [
    { id: 'tse-1', driver: 'tse-simulator' },
    { id: 'card-1', driver: 'card-simulator' },
    { id: 'rt-1', driver: 'rt-simulator' },
  ],
  // Nothing listens there.
  sync: { targets: [{ id: 'cloud', kind: 'https', url: 'http://127.0.0.1:7999', tokenFile: TOKEN }] },
}

/** By how many seconds the clock of the service is wrong. */
const OFFSET = '/run/clock-offset'
const DROP_IN = '/etc/systemd/system/fiskal-edge.service.d/override.conf'
const [MINUTE, HOUR] = [60, 3600]
const SUSPECT = {
  state: 'failed',
  receipt_text: 'TSE ausgefallen\nUhrzeit nicht gesichert',
  error: { code: 'clock_suspect' },
}

let shop: ShopInUnit
let german: Register
let austrian: Register
const machine = installedMachine(async (prepared) => {
  shop = await ShopInUnit.open(
    prepared,
    CONFIG,
    `echo +0 >${OFFSET}; (umask 077; echo token >${TOKEN})\n${byClock('1')}`,
  )
  german = await shop.register('DEU', 'tse-1')
  austrian = await shop.register('AUT', 'card-1')
})

/** libfaketime, for the threads of a process too. */
function faketime(): string {
  const libraries = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketimeMT.so.1'))
  return libraries.find((path) => statSync(path, { throwIfNoEntry: false }) !== undefined) ?? 'no libfaketime'
}

/** The service under a clock that is set, or under one with which all time passes: `wall` is 1 or 0. */
function byClock(wall: '0' | '1'): string {
  const environment = [
    `LD_PRELOAD=${faketime()} FAKETIME_TIMESTAMP_FILE=${OFFSET}`,
    `FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=${wall}`,
  ].join(' ')
  return `mkdir -p $(dirname ${DROP_IN}); printf '[Service]\\nEnvironment=${environment}\\n' >${DROP_IN}; systemctl daemon-reload`
}

/** Read at each look at the clock: never half of it. */
function setClock(seconds: number): void {
  const file = join(machine().root, OFFSET)
  writeFileSync(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  renameSync(`${file}.new`, file)
}

function hasAlarm(): Promise<boolean> {
  return warned('clock_implausible')
}

async function warned(alarm: string): Promise<boolean> {
  return (await shop.warnings()).some(({ code }) => code === alarm)
}

async function steps(): Promise<number[]> {
  const events = (await shop.office.list('/v1/journal?limit=200')) as readonly { kind: string; body: string }[]
  return events
    .filter(({ kind }) => kind === 'clock.stepped')
    .map(({ body }) => Math.round((JSON.parse(body) as { facts: { by_ms: number } }).facts.by_ms / 1000))
}

test('a clock set back under the service stops every signature; TSE and card sign once it is right', async () => {
  const before = await shop.start()
  expect((await sell(german, '1.00')).fiscal.state).toBe('succeeded')
  await sellInAustria(austrian, '1.00')
  setClock(-2 * HOUR)
  expect((await sell(german, '1.00')).fiscal).toMatchObject(SUSPECT)
  const open = await austrian.till.create(goods('sale', austrian.id, [['1.00', '0.20']]))
  const call = completion(open, [pay('cash', '1.00')])
  expect(await austrian.till.refused(call)).toMatchObject({
    code: 'fiscal_device_unavailable',
    details: { reason: 'clock_went_back' },
  })
  expect(await hasAlarm()).toBe(true)
  setClock(0)
  await shop.untilDevice('tse-1', 'ready')
  expect((await sell(german, '1.00')).fiscal.state).toBe('succeeded')
  await shop.answered(austrian.till, call, 200)
  expect(await hasAlarm()).toBe(false)
  expect(await steps()).toEqual([-2 * HOUR, 2 * HOUR])
  expect(await shop.start()).toBe(before)
})

test('a service that starts before 2026 sells without a signature, and signs once the clock is set', async () => {
  setClock(-365 * 24 * HOUR)
  await done(machine(), 'systemctl restart fiskal-edge')
  const before = await shop.start()
  await shop.until('the alarm', hasAlarm)
  expect((await sell(german, '1.00')).fiscal).toMatchObject(SUSPECT)
  setClock(0)
  await shop.untilDevice('tse-1', 'ready')
  expect((await sell(german, '1.00')).fiscal.state).toBe('succeeded')
  expect(await shop.start()).toBe(before)
})

test('a clock that steps ahead costs no signature; when it steps back later, a person confirms it', async () => {
  const before = await shop.start()
  setClock(HOUR)
  expect((await sell(german, '1.00')).fiscal.state).toBe('succeeded')
  expect(receiptOf(await sellInAustria(austrian, '1.00')).security_device_failed).toBe(false)
  setClock(0)
  await shop.until('the alarm', hasAlarm)
  const tasks = await done(machine(), 'fiskal-edge duty list --json')
  const id = /"(clock-\d+)"/.exec(tasks)?.[1] ?? 'no task'
  await done(machine(), `fiskal-edge duty confirm ${id}`)
  await shop.untilDevice('tse-1', 'ready')
  expect((await sell(german, '1.00')).fiscal.state).toBe('succeeded')
  expect(await hasAlarm()).toBe(false)
  expect(await shop.start()).toBe(before)
})

/** Seconds that the service is ahead: while all time passes, none comes again. */
let ahead = HOUR

/** Advances the service by so many seconds, again and again, until the condition is true. */
function passing(seconds: number, what: string, look: () => Promise<boolean>): Promise<boolean> {
  return shop.until(what, async () => {
    if (await look()) return true
    ahead += seconds
    setClock(ahead)
    return false
  })
}

test('signatures of a TSE are read again an hour after a reading that failed, and that ends the alarm', async () => {
  setClock(ahead)
  await done(machine(), `${byClock('0')}; systemctl restart fiskal-edge`)
  await shop.fault('tse-1', 'no-data@*#*')
  await counted(german, '57.00')
  await german.till.create(closing(german, '0.00'))
  await shop.until('the alarm', () => warned('tse_unreadable'))
  await shop.fault('tse-1', 'clear')
  await passing(HOUR, 'the end of the alarm', async () => !(await warned('tse_unreadable')))
})

test('a card that was unplugged for ten minutes signs again without a restart', async () => {
  const before = await shop.start()
  await shop.fault('card-1', 'unplugged@*')
  expect(receiptOf(await sellInAustria(austrian, '1.00')).security_device_failed).toBe(true)
  await shop.untilDevice('card-1', 'down')
  ahead += 10 * MINUTE
  setClock(ahead)
  await shop.fault('card-1', 'clear')
  await passing(10, 'the card', async () => (await shop.device('card-1')).state === 'ready')
  expect(receiptOf(await sellInAustria(austrian, '1.00')).security_device_failed).toBe(false)
  expect(await shop.start()).toBe(before)
})

test('a card that does not sign within five seconds leaves its receipt unsigned, and signs again later', async () => {
  await shop.fault('card-1', 'slow=60000@sign')
  expect(receiptOf(await sellInAustria(austrian, '1.00')).security_device_failed).toBe(true)
  await shop.fault('card-1', 'clear')
  await passing(10, 'the card', async () => (await shop.device('card-1')).state === 'ready')
  expect(receiptOf(await sellInAustria(austrian, '1.00')).security_device_failed).toBe(false)
})

const JOURNAL = `${STATE}/journal.db`
const LOG_BYTES = 70_000_000
/** A program that reads, and one that writes: so much stays in the log. */
const READER = `
mkfifo /run/reader
systemd-run --quiet --unit=reader sh -c 'exec 3<>/run/reader; exec sqlite3 ${JOURNAL} <&3'
echo 'BEGIN; SELECT max(seq) FROM event;' >/run/reader
pid=$(systemctl show reader -p MainPID --value)
until grep -Eq " $pid [^ ]+ 12[3-7] 12[3-7]$" /proc/locks; do sleep 0.1; done
sqlite3 ${JOURNAL} 'CREATE TABLE filler (x); INSERT INTO filler VALUES (zeroblob(${LOG_BYTES})); DROP TABLE filler'
echo $pid`

test('a program that reads the journal for over a minute is named; its log is checkpointed once it ended', async () => {
  const before = await shop.start()
  const pid = (await done(machine(), READER)).trim()
  await passing(MINUTE + 1, 'the warning', () => warned('long_reader'))
  const { warnings } = await shop.office.get('/v1/overview')
  expect(warnings).toContainEqual(
    expect.objectContaining({ code: 'long_reader', detail: expect.stringContaining(`process ${pid}`) }),
  )
  expect(await done(machine(), 'fiskal-edge doctor || true')).toContain(`process ${pid} (sqlite3) reads`)
  await done(machine(), 'systemctl stop reader')
  const size = join(machine().root, `${JOURNAL}-wal`)
  await passing(MINUTE + 1, 'the checkpoint', async () => statSync(size).size < LOG_BYTES / 2)
  await shop.until('the end of the warning', async () => !(await warned('long_reader')))
  expect(await shop.start()).toBe(before)
  expect(await done(machine(), 'fiskal-edge journal verify')).toMatch(/^✔ /)
})

test('an unreachable target is a warning after 15 minutes and an alarm after a day; selling continues', async () => {
  await passing(15 * MINUTE + 1, 'the warning', () => warned('sync_delayed'))
  await passing(6 * HOUR, 'the alarm', () => warned('sync_delayed_long'))
  expect(await done(machine(), 'fiskal-edge doctor || true')).toMatch(/! sync cloud .*waits for more than 24 hours/)
  expect((await shop.office.get('/v1/overview'))['warnings']).toContainEqual(
    expect.objectContaining({ code: 'sync_delayed_long', severity: 'alarm' }),
  )
})

test('an outcome that a TSE refuses to report is an alarm after a minute, and is known once the TSE reports it', async () => {
  const { id, till } = await shop.register('DEU', 'tse-1')
  const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
  const questions = ['recall', 'openTransactions', 'exportLogs'].map((act) => `error@${act}#*`)
  await shop.fault('tse-1', 'error-done@finish', ...questions)
  const answered = await till.call(completion(open, [pay('cash', '1.00')]))
  expect([answered.status, answered.json['fiscal']]).toMatchObject([200, { state: 'pending' }])
  await passing(MINUTE + 1, 'the alarm', () => warned('device_outcome_unresolved'))
  await shop.fault('tse-1', 'clear')
  await passing(MINUTE, 'the outcome', async () => (await till.read(open.id)).fiscal.state === 'succeeded')
  await shop.until('the end of the alarm', async () => !(await warned('device_outcome_unresolved')))
})

test('the signatures of a day are read back at night', async () => {
  const readings = async (): Promise<number> => {
    const events = (await shop.office.list('/v1/journal?limit=200')) as readonly { kind: string }[]
    return events.filter(({ kind }) => kind === 'tse.archived').length
  }
  const next = await shop.register('DEU', 'tse-1')
  expect((await sell(next, '1.00')).fiscal.state).toBe('succeeded')
  const before = await readings()
  await passing(6 * HOUR, 'the reading', async () => (await readings()) > before)
})

test('a printer whose period is open for more than 24 hours gets its Z first, then the document', async () => {
  const register = await shop.register('ITA', 'rt-1')
  const { till } = register
  const sold = async (): Promise<void> => {
    const open = await till.create(movement('sale', register, [{ title: 'Torta', amount: '12.50' }]))
    await shop.answered(till, completion(open, [pay('cash', '12.50')]), 200)
  }
  const closings = (): Promise<readonly object[]> => till.list(`/v1/registers/${register.id}/closings`)
  await sold()
  expect(await closings()).toEqual([])
  ahead += 25 * HOUR
  setClock(ahead)
  await sold()
  expect(await closings()).toMatchObject([{ type: 'daily' }])
})
