// @module-tag heavy
import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LifetimeView } from '../../base/lifetime.ts'
import { lifetimes } from '../../base/lifetime.ts'
import { deviceStateIn } from '../device-state.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { Bench } from './bench.ts'
import { CalendarClock } from './calendar-clock.ts'
import { goods, pay, sell } from './goods.ts'

test('a month that two commands seal at once is sealed once, and the journal still verifies', async () => {
  const clock = new CalendarClock('2026-03-31T12:00:00Z')
  await using bench = await Bench.open({ clock })
  clock.jump('2026-04-01T12:00:00Z')
  const { administration } = bench.agent
  const [first, second] = await Promise.all([administration.seal(), administration.seal()])
  expect(first).toMatchObject({ seals: [{ first: 1 }] })
  expect(second).toEqual({ seals: [] })
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, seals: 1 })
})

test('an epoch that two commands ask for at once is begun once', async () => {
  await using bench = await Bench.open()
  const { administration } = bench.agent
  const [first, second] = await Promise.all([administration.beginEpoch(4), administration.beginEpoch(4)])
  expect([first, second]).toMatchObject([
    { epoch: 5, begun: true },
    { epoch: 5, begun: false },
  ])
})

const SLOW_ACT_MS = 200

/** Waits until the TSE is at the act that a fault slows down. */
async function untilSlowAct(bench: Bench): Promise<void> {
  const acts = (views: readonly LifetimeView[]): readonly LifetimeView[] =>
    views.flatMap((view) => [...(view.kind === 'act' ? [view] : []), ...acts(view.children)])
  await bench.until(() => acts(lifetimes()).some((act) => act.state === 'running' && act.since_ms > SLOW_ACT_MS))
}

/** An agent whose disk was set back, at a TSE that has signed one more sale since. */
async function behindItsTse(): Promise<Bench> {
  const folder = await temporaryDirectory()
  await using bench = await Bench.open()
  const register = await bench.till()
  await sell(register, '1.00')
  await bench.stop()
  const state = join(folder, 'state')
  await cp(bench.config.state, state, { recursive: true })
  await bench.start()
  await sell({ ...register, till: bench.client({ 'X-Register-Api-Key': register.key }) }, '2.00')
  await bench.stop()
  // The TSE is a device: it was not set back with the disk.
  await rm(join(state, 'devices'), { recursive: true })
  await cp(join(bench.config.state, 'devices'), join(state, 'devices'), { recursive: true })
  return Bench.open({ config: { state } })
}

test('signatures of a TSE that two commands adopt at once are adopted once, and each bon has one number', async () => {
  await using bench = await behindItsTse()
  const { administration } = bench.agent
  const adoptions = [administration.deviceAct('tse-1', 'adopt'), administration.deviceAct('tse-1', 'adopt')]
  const [first, second] = await Promise.allSettled(adoptions)
  expect(first).toMatchObject({ value: { state: 'ready', lost_transactions: [{ transaction: 3 }] } })
  expect(second).toMatchObject({ reason: { code: 'unprocessable_entity' } })
  expect(bench.journal().filter(({ kind }) => kind === 'transaction.lost')).toHaveLength(1)
})

test('no signature is adopted from a TSE that is retired at the same time', async () => {
  await using bench = await behindItsTse()
  const { administration } = bench.agent
  await bench.fault('slow=1000@recall')
  const adopting = administration.deviceAct('tse-1', 'adopt').catch((error: unknown) => error)
  await untilSlowAct(bench)
  await administration.retireTse('tse-1', 'zu langsam')
  expect(await adopting).toMatchObject({
    code: 'unprocessable_entity',
    message: expect.stringContaining('was retired'),
  })
  const device = join(bench.config.state, 'devices', 'tse-1')
  await bench.restart(() => rename(device, `${device}-retired`))
  await bench.untilDevice('ready')
})

test('a TSE that two commands retire at once is retired once: the second one took its successor out of use', async () => {
  await using bench = await Bench.open()
  await bench.till()
  await bench.loseTse()
  const { administration } = bench.agent
  const retirements = [administration.retireTse('tse-1', 'fell'), administration.retireTse('tse-1', 'fell')]
  const ended = await Promise.allSettled(retirements)
  expect(ended).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 'fiscalization_conflict' } }])
  expect(bench.journal().filter(({ kind }) => kind === 'tse.retired')).toHaveLength(1)
})

test('no sale begins on a TSE that is being retired: its successor was taken for one that was set back', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  await sell(register, '1.00')
  await bench.fault('slow=500@identity')
  const retiring = bench.agent.administration.retireTse('tse-1', 'Zertifikat läuft ab')
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'tse.retired'))
  const sale = await till.create(goods('sale', id, [['3.00', '0.07']]))
  expect(sale.fiscal).toMatchObject({ state: 'failed', error: { code: 'retired' } })
  await retiring
  const device = join(bench.config.state, 'devices', 'tse-1')
  await bench.restart(() => rename(device, `${device}-retired`))
  await bench.untilDevice('ready')
  expect((await till.complete(sale, [pay('cash', '3.00')])).fiscal.state).toBe('succeeded')
})

test('a TSE that comes back while it is retired is not used again, and not taken as its own successor', async () => {
  await using bench = await Bench.open()
  await sell(await bench.till(), '1.00')
  const { administration } = bench.agent
  await bench.fault('unplugged@*')
  await administration.deviceAct('tse-1', 'status')
  await bench.fault('clear', 'slow=1500@recall')
  const comesBack = administration.deviceAct('tse-1', 'status')
  await untilSlowAct(bench)
  expect(await administration.retireTse('tse-1', 'fell')).toMatchObject({ successor_serial: null })
  await comesBack
  expect(bench.agent.application.devices()).toMatchObject([{ state: 'foreign', warnings: [{ code: 'tse_retired' }] }])
  expect(bench.journal().filter((event) => deviceStateIn(event) === 'ready')).toHaveLength(1)
})

test('a TSE that is retired during the set-up of its registers gets none afterwards, and is not enrolled again', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  await bench.register(locationId)
  await bench.register(locationId)
  await bench.loseTse()
  const { administration } = bench.agent
  await bench.fault('slow=1000@registerClient#2')
  const takenOver = administration.retireTse('tse-1', 'lost').catch((error: unknown) => error)
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'register.tse_replaced'))
  await administration.retireTse('tse-1', 'the wrong one')
  await takenOver
  expect(bench.journal().filter(({ kind }) => kind === 'register.tse_replaced')).toHaveLength(1)
  const device = join(bench.config.state, 'devices', 'tse-1')
  await bench.restart(() => rename(device, `${device}-wrong`))
  await bench.untilDevice('ready')
})
