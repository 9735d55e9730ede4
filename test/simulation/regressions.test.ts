// @module-tag heavy
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { TseActs } from '../../agent/laws/germany/acts.ts'
import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../../drivers/errors.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import { TseSimulator } from '../../drivers/tse-simulator/driver.ts'
import { agentHere } from '../crash/agent-here.ts'
import { AnswerLog } from '../crash/answer-log.ts'
import { httpLine } from '../crash/http-line.ts'
import type { Seeded } from '../crash/seeded.ts'
import { seeded } from '../crash/seeded.ts'
import { openShop, paymentsOf, saleBody, Till } from '../crash/till.ts'
import { today } from '../today.ts'
import type { Life } from './agent-life.ts'
import { beginLife } from './agent-life.ts'
import { call } from './calls.ts'
import { tseLine } from './device-line.ts'
import { DEVICE, germanConfig, tseAt } from './german-site.ts'
import { VirtualClock } from './virtual-clock.ts'

function clientOf(life: Life, register: string): string {
  const facts = life.journal.view.register(register)?.shown.fiscalization
  return facts?.client_id ?? ''
}

type Scene = { clock: VirtualClock; tse: TseSimulator; till: Till; life: Life; register: string }

/** One register with an open session, in virtual time. */
async function openScene(): Promise<Scene> {
  const directory = mkdtempSync(join(tmpdir(), 'scene-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const clock = new VirtualClock(Date.parse('2026-08-01T10:00:00Z'))
  const tse = new TseSimulator({ directory: join(directory, 'devices', DEVICE), clock })
  // A device that is silent meanwhile is asked again.
  const onError = (error: unknown): void => {
    if (!(error instanceof DeviceError)) expect.fail(String(error))
  }
  const site = {
    config: germanConfig(directory),
    connect: (lifeClock: Clock, random: Seeded) => [tseAt(tse, lifeClock, random)],
  }
  const machine = { directory, clock, random: seeded(1), site, sealed: new Map(), keySeed: 'scene', onError }
  const life = await beginLife(machine, () => undefined)
  onTestFinished(() => life.kill())
  const line = {
    send: (asked: Parameters<typeof call>[1]) => call(life.application, asked),
    wait: () => clock.sleep(10),
    think: async () => undefined,
    today: () => today(clock),
  }
  const till = new Till('till', { random: seeded(2), log: new AnswerLog(), line, over: () => false })
  while (!life.serving) await clock.step()
  const [register = ''] = await meanwhile(clock, openShop(till, 1))
  const open = { type: 'session_open', register_id: register, currency: 'EUR', opening_balance_amount: '0.00' }
  await meanwhile(clock, till.act('/v1/operations', open))
  return { clock, tse, till, life, register }
}

/** Advances time until the promise is settled. */
async function meanwhile<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let done = false
  const settled = promise.finally(() => {
    done = true
  })
  while (!done && (await clock.step()));
  return settled
}

test('a transaction that the device twice did not finish is ended after the next health check', async () => {
  const { clock, tse, till, register } = await openScene()
  const sale = await meanwhile(clock, till.act('/v1/operations', saleBody(register, 1_000)))
  tse.inject('lost-request@finish#1-2')
  const path = `/v1/operations/${String(sale['id'])}/complete`
  const completed = await meanwhile(clock, till.act(path, { payments: paymentsOf('10.00', true) }, 1))
  // Two silences of 5 s take the whole deadline.
  expect(completed).toMatchObject({ status: 'completed', fiscal: { receipt_text: 'TSE ausgefallen' } })
  expect(await meanwhile(clock, tse.openTransactions())).toHaveLength(1)
  await meanwhile(clock, clock.sleep(61_000))
  expect(await meanwhile(clock, tse.openTransactions())).toEqual([])
})

test('a transaction that is being aborted is not aborted again while its outcome is unknown', async () => {
  const { clock, tse, life, register } = await openScene()
  const client = clientOf(life, register)
  await meanwhile(clock, tse.start(client))
  // The first abort never reaches the device, and for a while it does not say what is open.
  tse.inject('lost-request@finish#1')
  tse.inject('lost-answer@openTransactions#2-4')
  await meanwhile(clock, clock.sleep(600_000))
  expect(await meanwhile(clock, tse.openTransactions())).toEqual([])
  const kinds = life.journal.view.portionAfter(0, 10_000).map(({ kind }) => kind)
  const aborts = kinds.filter((kind) => kind.startsWith('transaction.abort'))
  const each = ['intended', 'failed', 'intended'].map((step) => `transaction.abort_${step}`)
  expect(aborts).toEqual([...each, 'transaction.aborted'])
})

test('the same completion twice in one turn of the event loop is one completion', async () => {
  const { clock, till, life, register } = await openScene()
  const sale = await meanwhile(clock, till.act('/v1/operations', saleBody(register, 1_000)))
  const path = `/v1/operations/${String(sale['id'])}/complete`
  const asked = { path, key: 'twice', ifMatch: 1, body: { payments: paymentsOf('10.00', true) } }
  const both = Promise.all([call(life.application, asked), call(life.application, asked)])
  const [first, second] = await meanwhile(clock, both)
  expect(first.status).toBe(200)
  expect(second).toEqual(first)
})

test('a lost start is not taken as a transaction that ended while the device listed the open ones', async () => {
  const { clock, tse, life } = await openScene()
  const client = life.journal.view.resources('register', {}, 0, 1).map(({ id }) => clientOf(life, id))[0] ?? ''
  const ended = (await meanwhile(clock, tse.start(client))).transaction
  const open = [ended]
  const unit: Tse = {
    ...tseLine(tse, clock, seeded(3)),
    openTransactions: async () => {
      const told = await tse.openTransactions(client)
      await tse.finish(ended, client, 'Kassenbeleg-V1', Buffer.from('AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^'))
      open.pop()
      return told
    },
  }
  const device = { unit, usable: true, identity: undefined, trouble: undefined, report: () => {}, worked: () => {} }
  const acts = new TseActs({ tseOf: () => device, journalledOpen: () => open, clock })
  expect(await meanwhile(clock, acts.askOutcome({ device: DEVICE, name: 'start' as const, client }))).toEqual({
    kind: 'absent',
  })
})

test('a lost start is not abandoned while the device names a transaction without its details', async () => {
  const { clock, tse, life } = await openScene()
  const client = life.journal.view.resources('register', {}, 0, 1).map(({ id }) => clientOf(life, id))[0] ?? ''
  const { transaction } = await meanwhile(clock, tse.start(client))
  let knows = false
  const unit: Tse = {
    ...tseLine(tse, clock, seeded(3)),
    openTransactions: () => tse.openTransactions(client),
    recall: async (number) => (knows ? tse.recall(number) : undefined),
  }
  const device = { unit, usable: true, identity: undefined, trouble: undefined, report: () => {}, worked: () => {} }
  const acts = new TseActs({ tseOf: () => device, journalledOpen: () => [], clock })
  const act = { device: DEVICE, name: 'start' as const, client }
  expect(await meanwhile(clock, acts.askOutcome(act))).toMatchObject({ kind: 'unknown', code: 'garbled' })
  knows = true
  expect(await meanwhile(clock, acts.askOutcome(act))).toMatchObject({ kind: 'done', result: { transaction } })
})

/** A unit that no agent looks at. */
async function openUnit(client: string): Promise<Pick<Scene, 'clock' | 'tse'>> {
  const directory = mkdtempSync(join(tmpdir(), 'unit-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const clock = new VirtualClock(Date.parse('2026-08-01T10:00:00Z'))
  const tse = new TseSimulator({ directory, clock })
  await meanwhile(clock, tse.registerClient(client))
  return { clock, tse }
}

test('a start whose answer is on its way is not the lost start of another act', async () => {
  const { clock, tse } = await openUnit('till-1')
  let arrive = (): void => undefined
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const unit: Tse = {
    ...tseLine(tse, clock, seeded(3)),
    start: async (of) => {
      const signature = await tse.start(of)
      await arrived
      return signature
    },
  }
  const device = { unit, usable: true, identity: undefined, trouble: undefined, report: () => {}, worked: () => {} }
  const acts = new TseActs({ tseOf: () => device, journalledOpen: () => [], clock })
  const act = { device: DEVICE, name: 'start' as const, client: 'till-1' }
  const started = acts.perform(act)
  await meanwhile(clock, clock.sleep(20))
  const settled = acts.askOutcome(act)
  await meanwhile(clock, clock.sleep(20))
  arrive()
  const outcomes = await meanwhile(clock, Promise.all([started, settled]))
  expect(outcomes).toMatchObject([{ kind: 'done' }, { kind: 'absent' }])
})

test('a device that does not say who it is has done nothing', async () => {
  const { clock, tse } = await openUnit('till-1')
  const unit: Tse = {
    ...tseLine(tse, clock, seeded(3)),
    identity: () => Promise.reject(new DeviceError('unavailable', 'none', 'the unit is not there')),
  }
  const device = { unit, usable: true, identity: undefined, trouble: undefined, report: () => {}, worked: () => {} }
  const acts = new TseActs({ tseOf: () => device, journalledOpen: () => [], clock })
  const outcome = await meanwhile(clock, acts.perform({ device: DEVICE, name: 'start' as const, client: 'till-1' }))
  expect(outcome).toMatchObject({ kind: 'failed', code: 'unavailable' })
  expect(await meanwhile(clock, tse.openTransactions())).toEqual([])
})

test('a merchant whose answer was lost is not created again', async () => {
  const { agent, url, key, state } = await agentHere()
  onTestFinished(() => rmSync(state, { recursive: true, force: true }))
  const line = httpLine({ url: () => url, key, back: async () => undefined })
  const address = { line1: 'Marktplatz 3', city: 'Lindenau', postal_code: '04177', country_code: 'DEU' }
  const body = { legal_name: 'Bäckerei Morgenrot GmbH', country_code: 'DEU', address }
  const first = await line.send({ path: '/v1/merchants', key: 'once', body })
  const again = await line.send({ path: '/v1/merchants', key: 'once', body })
  await agent.stop()
  expect(first?.status).toBe(201)
  expect(again).toEqual(first)
})
