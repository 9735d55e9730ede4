// @module-tag heavy
import { cpSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { DeviceAct } from '../../agent/till/administration.ts'
import type { Json } from '../../base/canonical.ts'
import type { Call, Members, Operation } from '../e2e/client.ts'
import { event, pay } from '../e2e/goods.ts'
import { until } from '../e2e/italy/killed-shop.ts'
import { PrinterBeside } from '../e2e/italy/printer-beside.ts'
import { movement } from '../e2e/italy/shop.ts'
import { verifyJournal } from '../verified-journal.ts'
import { ArmedShop } from './armed-shop.ts'
import { administer } from './daemon.ts'
import { brokenEntries } from './italian-entries.ts'

const POINTS = ['journal.before-commit', 'journal.after-commit']
const STEPS_MAX = 40

type Shop = { armed: ArmedShop; printer: PrinterBeside }

function technician({ armed }: Shop, asked: DeviceAct): Promise<Json> {
  return administer(armed.state, 'deviceAct', 'rt-1', asked)
}

/** Repeats the request until its final answer, like a till. */
async function answered({ armed }: Shop, call: Call): Promise<string> {
  let text = ''
  await until(async () => {
    const answer = await armed.office.call(call)
    text = answer.text
    return answer.status < 300
  })
  return text
}

/** A sale under fixed keys. */
async function sold(shop: Shop, amount: string, name: string): Promise<Operation> {
  const body = movement('sale', { id: shop.armed.register }, [{ title: 'Caffè', amount }])
  const open = JSON.parse(await answered(shop, { path: '/v1/operations', body, key: `${name}-begin` })) as Operation
  // The id of a payment is drawn: a repeated request has the same.
  const payments = [pay('cash', amount, { payment_id: name })]
  const path = `/v1/operations/${open.id}/complete`
  return JSON.parse(await answered(shop, { path, body: { payments }, key: name, ifMatch: 1 })) as Operation
}

/** The emergencies of the printer that are open. */
async function openOnes(shop: Shop): Promise<readonly Members[]> {
  const all = (await technician(shop, { act: 'emergencies' })) as unknown as readonly Members[]
  return all.filter((each) => each['closed_at'] === undefined)
}

/**
 * Kills the agent at each commit of the work in turn, each time from the same state; the next life does it again, and
 * `check` judges what came of it. The state stays that of the last one.
 */
async function killedAtEachStep(
  shop: Shop,
  work: (shop: Shop) => Promise<unknown>,
  check: () => Promise<void>,
): Promise<number> {
  const { armed } = shop
  const before = `${armed.state}-before`
  cpSync(armed.state, before, { recursive: true, filter: (source) => !source.endsWith('.sock') })
  let kills = 0
  for (let isOver = false; !isOver && kills < STEPS_MAX; ) {
    rmSync(armed.state, { recursive: true, force: true })
    cpSync(before, armed.state, { recursive: true })
    await armed.live({ points: POINTS, hit: kills + 1, from: 'ready' })
    const ended = armed.ended()
    const found = await Promise.race([work(shop).then(() => 'done', String), ended])
    armed.kill()
    isOver = (await ended) !== null && found === 'done'
    if (!isOver) kills += 1
    await armed.live()
    await work(shop)
    await check()
    armed.kill()
    await armed.ended()
  }
  rmSync(before, { recursive: true, force: true })
  return kills
}

/** A printed sale, then the printer dies in its Z, and a slip waits for it. */
async function deadInItsZ(shop: Shop): Promise<void> {
  const { armed, printer } = shop
  await sold(shop, '2.00', 'printed')
  printer.simulator.inject('unplugged=60000@=C10')
  const path = `/v1/registers/${armed.register}/closings`
  expect((await armed.office.call({ path, body: {}, key: 'z' })).status).toBe(503)
  await printer.unplug()
  await armed.office.create(event('session_cash_adjustment', armed.register, { cash_amount: '5.00' }))
  armed.kill()
  await armed.ended()
}

test('killed at each commit of an emergency, nothing is printed, each entry exists once, and no number is skipped', async () => {
  await using printer = await PrinterBeside.open()
  const { timeouts: _fast, ...device } = printer.device()
  await using armed = await ArmedShop.open(device)
  const shop = { armed, printer }
  await deadInItsZ(shop)
  // The printer notes that it was switched on.
  const paper = () => printer.simulator.records().filter(({ type }) => type !== 'restore')
  const printed = paper().length
  const isUntouched = async (): Promise<void> => {
    const sheets = (await technician(shop, { act: 'emergency-sheet' })) as readonly Json[]
    expect(brokenEntries(armed.state, 'rt-1', sheets, printer.documents)).toEqual([])
    expect(paper()).toHaveLength(printed)
    expect(await verifyJournal(armed.state)).toMatchObject({ valid: true, codes: [] })
  }
  const opening = async (): Promise<unknown> =>
    (await openOnes(shop)).length > 0 || technician(shop, { act: 'emergency-open', reason: 'Guasta' })
  // The slip, the Z in doubt, and the opening.
  expect(await killedAtEachStep(shop, opening, isUntouched)).toBeGreaterThanOrEqual(6)
  const answers = new Map<string, Operation>()
  const entry = (name: string) => async (): Promise<unknown> => {
    const done = await sold(shop, '12.20', name)
    expect(done.fiscal_information).toMatchObject({ document_type: 'emergency' })
    // The old bytes.
    expect(await sold(shop, '12.20', name)).toEqual(done)
    return answers.set(name, done)
  }
  // It begins a day.
  expect(await killedAtEachStep(shop, entry('first'), isUntouched)).toBeGreaterThanOrEqual(4)
  await armed.live()
  await entry('second')()
  armed.kill()
  await armed.ended()
  const body = event('void', armed.register, { related_operation_id: answers.get('second')?.id })
  const reversal = () => answered(shop, { path: '/v1/operations', body, key: 'void' })
  expect(await killedAtEachStep(shop, reversal, isUntouched)).toBeGreaterThanOrEqual(2)

  await printer.plugIn()
  const ending = async (): Promise<unknown> => {
    await until(async () => (await armed.office.list('/v1/devices'))[0]?.['state'] !== 'down')
    return (await openOnes(shop)).length === 0 || technician(shop, { act: 'emergency-close' })
  }
  expect(await killedAtEachStep(shop, ending, isUntouched)).toBeGreaterThanOrEqual(2)
  await armed.live()
  for (const name of ['first', 'second']) expect(await sold(shop, '12.20', name)).toEqual(answers.get(name))
  const after = await sold(shop, '4.00', 'after')
  expect(after.fiscal_information).toMatchObject({ document_type: 'sale' })
  expect(printer.documents.map(({ cashCents }) => cashCents)).toEqual([200, 400])
  armed.kill()
  await armed.ended()
  expect(await verifyJournal(armed.state)).toMatchObject({ valid: true, codes: [] })
})
