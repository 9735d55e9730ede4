// @module-tag heavy
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { readJournal } from '../../agent/journal/reader.ts'
import { systemClock } from '../../base/clock.ts'
import { FinanzOnlineSimulator, SIMULATED_ACCOUNT, SIMULATED_MAKER } from '../../drivers/finanzonline/simulator.ts'
import { LOCATION, MERCHANT } from '../e2e/austria/shop.ts'
import { Client } from '../e2e/client.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Place } from './daemon.ts'
import { administer, ownPlace, platformKey, runArmed, UNARMED } from './daemon.ts'
import type { Stage } from './struck-authority.ts'
import { StruckAuthority } from './struck-authority.ts'

const timing = { callMs: 5000, retryMinMs: 20, retryMaxMs: 200, askMs: 20, visibleMs: 300, checkAgainMs: 500 }

const DUTIES = 3
const LOOK_MS = 200

type Strike = readonly [operation: string, stage: Stage] | readonly [point: 'duty.sent' | 'duty.answering']

/** Each life gets one step further. Without an effect a registration is sent three times at most. */
const STRIKES: readonly Strike[] = [
  ['login', 'arrived'],
  ['login', 'executed'],
  ['login', 'answered'],
  ['status_see', 'arrived'],
  ['status_see', 'executed'],
  ['status_see', 'answered'],
  ['duty.sent'],
  ['registrierung_se', 'arrived'],
  ['registrierung_se', 'executed'],
  ['status_see', 'answered'],
  ['status_kasse', 'answered'],
  ['registrierung_kasse', 'arrived'],
  ['duty.answering'],
  ['status_kasse', 'executed'],
  ['belegpruefung', 'arrived'],
  ['belegpruefung', 'executed'],
  // The status shows that the Startbeleg has passed: it is not checked again.
  ['status_kasse', 'answered'],
  ['logout', 'arrived'],
]

/** A shop with an Austrian register, and the line to the service in its configuration. */
async function shopWith(line: StruckAuthority, files: string): Promise<Place> {
  const file = (name: string) => join(files, name)
  for (const name of ['participant', 'user', 'pin'] as const)
    writeFileSync(file(name), SIMULATED_ACCOUNT[name], { mode: 0o600 })
  const account = { participantFile: file('participant'), userFile: file('user'), pinFile: file('pin') }
  const finanzonline = { mode: 'T', url: line.url, makerVatId: SIMULATED_MAKER, accounts: [account], timing }
  const place = ownPlace({}, { devices: [{ id: 'card-1', driver: 'card-simulator' }], authorities: { finanzonline } })
  onTestFinished(() => rmSync(place.folder, { recursive: true, force: true }))
  return place
}

async function setUp(place: Place, url: string): Promise<void> {
  const office = new Client(() => url, { Authorization: `Bearer ${await platformKey(place.state)}` })
  await office.post('/v1/merchants', MERCHANT)
  const { id: location } = await office.post('/v1/locations', LOCATION)
  const { id } = await office.post('/v1/registers', { location_id: location, name: 'Kassa', fiscal_device: 'card-1' })
  await office.post(`/v1/registers/${String(id)}/fiscalize`, {}, 202)
}

function states(place: Place): (string | undefined)[] {
  const bodies = readJournal(place.state, (db) =>
    db.prepare<[], { body: string }>("SELECT body FROM event WHERE kind LIKE 'duty.%' ORDER BY seq").all(),
  )
  const last = new Map<string, string | undefined>()
  for (const { body } of bodies) {
    const { set } = JSON.parse(body) as { set: { id: string; T?: { state: string } } }
    last.set(set.id, set.T?.state)
  }
  return [...last.values()]
}

function isDone(place: Place): boolean {
  const all = states(place)
  return all.length === DUTIES && all.every((state) => state === 'confirmed')
}

/** A life that has nothing more to ask the office never comes to its strike. */
async function untilIdle(isIdle: () => boolean, over: AbortSignal, act: () => void): Promise<void> {
  for (; !over.aborted; await delay(LOOK_MS)) if (isIdle()) return act()
}

test('an agent that is killed at each step between it and the tax office does each duty once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'finanzonline-'))
  const simulator = new FinanzOnlineSimulator({ directory: folder, clock: systemClock })
  await using line = await StruckAuthority.open(await simulator.serve(0))
  onTestFinished(async () => {
    await simulator.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const place = await shopWith(line, folder)
  // Nothing gets through before the shop is there; the credentials are proven.
  const first = runArmed(place.config, UNARMED)
  const url = await first.ready
  await administer(place.state, 'checkAuthority')
  simulator.inject('maintenance=1000000@*')
  await setUp(place, url ?? '')
  first.child.kill('SIGKILL')
  await first.ended
  simulator.clearFaults()
  const missed: Strike[] = []
  for (const strike of STRIKES) {
    const [name, stage] = strike
    const armed = stage === undefined ? { points: [name], hit: 1, from: 'start' } : UNARMED
    const since = line.answered.length
    const daemon = runArmed(place.config, armed)
    const kill = (): void => void daemon.child.kill('SIGKILL')
    if (stage !== undefined) line.arm(name, stage, kill)
    const over = new AbortController()
    const watched = untilIdle(
      () => isDone(place) && !line.hasSession(since),
      over.signal,
      () => {
        missed.push(strike)
        kill()
      },
    )
    const { signal, errors } = await daemon.ended.finally(() => over.abort())
    await watched
    expect([name, stage, signal, errors]).toEqual([name, stage, 'SIGKILL', errors])
  }
  // An answer that was journalled before its kill is not asked for again: what follows it then has no occasion.
  expect(missed.length).toBeLessThan(4)
  const last = runArmed(place.config, UNARMED)
  await last.ready
  last.child.kill('SIGTERM')
  expect((await last.ended).code).toBe(0)
  expect(states(place)).toEqual(['confirmed', 'confirmed', 'confirmed'])
  const record = simulator.record()
  expect(record.filter(({ what }) => what === 'forbidden')).toEqual([])
  const acts = record.map(({ operation }) => operation).filter((operation) => operation !== 'belegpruefung')
  expect(acts).toEqual(['registrierung_se', 'registrierung_kasse'])
  expect(await verifyJournal(place.state)).toMatchObject({ valid: true, books: 'consistent', codes: [] })
})
