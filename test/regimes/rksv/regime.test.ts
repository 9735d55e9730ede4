import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rfc3339 } from '../../../agent/clock.ts'
import { FiskalError } from '../../../agent/errors.ts'
import type { Act, Members } from '../../../agent/journal/events.ts'
import type { Goal, Moment, Outcome } from '../../../agent/regimes/regime.ts'
import { CardActs } from '../../../agent/regimes/rksv/acts.ts'
import type { CardAct } from '../../../agent/regimes/rksv/card-act.ts'
import { writeDep7 } from '../../../agent/regimes/rksv/dep7.ts'
import { Rksv } from '../../../agent/regimes/rksv/regime.ts'
import { verifyDep7 } from '../../../agent/regimes/rksv/verify-dep7.ts'
import { CardSimulator } from '../../../drivers/card-simulator/driver.ts'
import type { SignatureCardIdentity } from '../../../drivers/ports/signature-card.ts'
import { ManualClock } from '../../manual-clock.ts'
import { usableCard } from './usable-card.ts'

const aesKey = createSecretKey(randomBytes(32))
const units = ['card-1', 'card-2']
/** Asked by the till alone. */
const reports = { types: [], report: () => Promise.resolve(undefined) }
const words = 'Sicherheitseinrichtung ausgefallen'

let directory: string
let clock: ManualClock
let cards: Map<string, CardSimulator>
let names: Map<string, SignatureCardIdentity>
let down: Set<string>
/** When a unit last came or went, where that is not now. */
let since: Map<string, number>
let chain: Members | undefined
let closings: Members[]
let dep: string[]
let regime: Rksv

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rksv-regime-'))
  clock = new ManualClock(Date.parse('2026-02-03T09:00:00Z'))
  cards = new Map(
    units.map((id) => [id, new CardSimulator({ directory: join(directory, id), clock, replyMs: 60_000 })]),
  )
  names = new Map()
  for (const [id, card] of cards) names.set(id, await card.identity())
  down = new Set()
  since = new Map()
  chain = undefined
  closings = []
  dep = []
  const acts = new CardActs({ cardOf, clock })
  const unitsOf = () => units
  const usableSinceMs = (id: string) => (down.has(id) ? undefined : (since.get(id) ?? clock.now()))
  const keys = { aesKeyOf: () => aesKey, holdsKey: () => true, reports }
  regime = new Rksv({ ...keys, usableSinceMs, unitsOf, unitNameOf: (id) => names.get(id), acts, clock })
})
afterEach(async () => {
  for (const card of cards.values()) await card.close()
  await rm(directory, { recursive: true })
})

const cardOf = (id: string) => usableCard(id, cards, down, names.get(id))

const moment = (goal: Goal): Moment => ({
  at: rfc3339(clock.now()),
  receiptNumber: 1,
  goal,
  device: 'card-1',
  clientId: 'BOX-1',
  registerId: 'reg_1',
  merchantId: 'merchant_1',
  chain,
  newId: () => `cls_${dep.length}`,
})
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

const concluded = (document: Members, act: Act, outcome: Outcome, goal: Goal): Members => {
  const { set, chain: after, documents: born = [], refusal } = regime.conclude(document, act, outcome, moment(goal))
  if (refusal) throw new FiskalError(refusal.code, refusal.message, refusal.details)
  if (after) chain = stored(after)
  for (const closing of born) closings.push({ ...closing.set, receipt: closing.receipt })
  for (const made of [...born.map((one) => one.set), set]) if (typeof made['$jws'] === 'string') dep.push(made['$jws'])
  return { ...document, ...set }
}

/** The first act, as the journal keeps it. */
const planned = (document: Members, goal: Goal): CardAct => {
  const act = regime.next(document, moment(goal))
  if (!act) throw new Error('an act was expected')
  return stored(act)
}

/** As the till carries a document to its goal: plan, keep, act, conclude, until nothing is left to do. */
const carry = async (document: Members, goal: Goal): Promise<Members> => {
  let current = document
  for (let steps = 0; steps < 12; steps += 1) {
    const act = regime.next(current, moment(goal))
    if (!act) return current
    const outcome = down.has(act.device)
      ? { kind: 'failed' as const, code: 'unavailable', message: 'out' }
      : await regime.perform(stored(act))
    current = concluded(current, stored(act), outcome, goal)
  }
  throw new Error('the goal was not reached')
}

let documents = 0
const sale = (total = '12.00', more: Members = {}): Members => {
  documents += 1
  const line = { total_amount: total, type: 'item', taxes: [{ rate: '0.20' }] }
  return {
    id: `op_${documents}`,
    register_id: 'reg_1',
    type: 'sale',
    line_items: [line],
    fiscal_information: null,
    ...more,
  }
}
const closing = (kind: string, period = ''): Members => ({
  register_id: 'reg_1',
  type: 'closing',
  $receipt_kind: kind,
  $period: period,
})
const start = (): Promise<Members> =>
  carry({ id: 'reg_1', fiscalization_status: 'pending', fiscalization: { regime: 'RKSV' } }, 'fiscalized')
/** Kinds of the receipts that came into being beside operations. */
const specials = (): unknown[] => closings.map((one) => one['type'])
const numberOf = (document: Members): string =>
  String((document['fiscal_information'] as Members | undefined)?.['receipt_number'])

const verifiedDep = async () => {
  const certificates: Uint8Array[] = []
  for (const card of cards.values()) certificates.push(...(await card.identity()).certificates.slice(0, 1))
  const file = writeDep7(dep, () => ({ certificate: undefined, issuers: [] }))
  return await verifyDep7(file, { aesKey, certificates })
}

describe('the law of Austria at the till', () => {
  test('fiscalize makes the Startbeleg, sales are signed, decommission makes the Schlussbeleg', async () => {
    const register = await start()
    expect(register).toMatchObject({ fiscalization_status: 'fiscalized' })
    expect(closings).toMatchObject([{ type: 'start', receipt: 1, fiscal_information: { document_type: 'start' } }])
    const sold = await carry(sale(), 'completed')
    expect(sold['fiscal']).toEqual({ state: 'succeeded' })
    expect(sold['fiscal_information']).toMatchObject({
      regime: 'RKSV',
      receipt_number: '2',
      document_type: 'standard',
      cash_box_id: 'BOX-1',
      security_device_failed: false,
    })
    expect(await carry(register, 'decommissioned')).toMatchObject({ status: 'inactive' })
    expect(specials()).toEqual(['start', 'final'])
    await expect(carry(sale(), 'completed')).rejects.toMatchObject({ code: 'register_decommissioned' })
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 3, signaturesVerified: 3, turnoverCents: 1200n })
  })

  test('a sale before the Startbeleg is refused', async () => {
    await expect(carry(sale(), 'completed')).rejects.toMatchObject({ code: 'register_not_fiscalized' })
  })

  test('nothing is signed when a sale begins or is given up, for the drawer, and online', () => {
    expect(regime.next(sale(), moment('open'))).toBeUndefined()
    expect(regime.records({ type: 'session_open', source: 'POS' }, 'completed')).toBe(false)
    expect(regime.records({ type: 'sale', source: 'ONLINE' }, 'completed')).toBe(false)
    expect(regime.records({ type: 'sale', source: 'POS' }, 'voided')).toBe(false)
    expect(regime.records({ type: 'sale', source: 'POS' }, 'completed')).toBe(true)
  })

  test('a void is a Stornobeleg, practice a training receipt that wins over the void, each with its words', async () => {
    await start()
    const voided = await carry(sale('-12.00', { type: 'void' }), 'completed')
    expect(voided).toMatchObject({
      fiscal: { receipt_text: 'Stornobuchung' },
      fiscal_information: { document_type: 'void', encrypted_turnover: 'U1RP' },
    })
    const practised = await carry(sale('-12.00', { type: 'void', training: true }), 'completed')
    expect(practised).toMatchObject({
      fiscal: { receipt_text: 'Trainingsbuchung' },
      fiscal_information: { document_type: 'training', encrypted_turnover: 'VFJB' },
    })
    expect(await verifiedDep()).toMatchObject({ valid: true, turnoverCents: -1200n })
  })

  test('the first unit out: the second signs, and its serial stands in the code', async () => {
    await start()
    cards.get('card-1')?.inject('unplugged@sign')
    const sold = await carry(sale(), 'completed')
    expect(sold['fiscal_information']).toMatchObject({
      receipt_number: '2',
      certificate_serial: names.get('card-2')?.serial,
      security_device_failed: false,
    })
    expect(down).toEqual(new Set(['card-1']))
    expect(await verifiedDep()).toMatchObject({ valid: true, signaturesVerified: 2 })
  })

  test('all units out: the marker at once, and the Sammelbeleg first when one is back', async () => {
    await start()
    for (const id of units) down.add(id)
    const sold = await carry(sale(), 'completed')
    expect(sold).toMatchObject({
      fiscal: { state: 'succeeded', receipt_text: words },
      fiscal_information: { receipt_number: '2', security_device_failed: true },
    })
    clock.jump(600_000)
    expect(numberOf(await carry(sale(), 'completed'))).toBe('3')
    clock.jump(3_600_000)
    down.clear()
    expect(numberOf(await carry(sale(), 'completed'))).toBe('5')
    const [began_at, ended_at] = ['2026-02-03T10:00:00', '2026-02-03T11:10:00']
    expect(closings[1]).toMatchObject({ type: 'collective', receipt: 4 })
    expect(closings[1]?.['outage']).toEqual({ first_number: '2', last_number: '3', receipts: 2, began_at, ended_at })
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 5, outageReceipts: 2 })
  })

  test('a receipt over 0.00 that no unit signs takes no number and is no link of the chain; signed it is one', async () => {
    await start()
    const swap = () =>
      sale('0.00', {
        type: 'exchange',
        line_items: ['12.00', '-12.00'].map((total_amount) => ({ total_amount, taxes: [{ rate: '0.20' }] })),
      })
    expect(numberOf(await carry(swap(), 'completed'))).toBe('2')
    for (const id of units) down.add(id)
    const free = await carry(sale('0.00'), 'completed')
    expect(free).toMatchObject({ fiscal: { state: 'not_required' }, fiscal_information: null })
    expect(await carry(swap(), 'completed')).toMatchObject({ fiscal: { state: 'not_required' } })
    expect(dep).toHaveLength(2)
    const mixed = sale('0.00', {
      line_items: [
        { total_amount: '12.00', taxes: [{ rate: '0.20' }] },
        { total_amount: '-12.00', taxes: [{ rate: '0.10' }] },
      ],
    })
    expect(numberOf(await carry(mixed, 'completed'))).toBe('3')
    expect(numberOf(await carry(sale('0.00', { type: 'void' }), 'completed'))).toBe('4')
    expect(numberOf(await carry(sale('0.00', { training: true }), 'completed'))).toBe('5')
    down.clear()
    expect(numberOf(await carry(sale('0.00'), 'completed'))).toBe('7')
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 7, outageReceipts: 3, turnoverCents: 0n })
  })

  test('a receipt over 0.00 is left out when no unit has signed it, not when it is planned', async () => {
    await start()
    const signed = sale('0.00')
    const act = planned(signed, 'completed')
    expect(act.name).toBe('sign')
    const done = concluded(signed, act, await regime.perform(act), 'completed')
    expect(numberOf(done)).toBe('2')
    const late = planned(sale('0.00'), 'completed')
    expect(late.name).toBe('sign')
    for (const id of units) cards.get(id)?.inject('busy@sign')
    const left = await carry(sale('0.00'), 'completed')
    expect(left).toMatchObject({ fiscal: { state: 'not_required' }, fiscal_information: null })
    expect(numberOf(await carry(sale(), 'completed'))).toBe('3')
  })

  test('what reverses a receipt that was left out is left out too, where it takes nothing back', () => {
    const back = (total: string, more: Members = {}) =>
      sale(total, { type: 'return', $original_unrecorded: true, $signed_statuses: [], payments: [], ...more })
    expect(regime.records(back('0.00'), 'completed')).toBe(false)
    expect(regime.records(back('-1.00'), 'completed')).toBe(true)
    expect(regime.records(back('0.00', { training: true }), 'completed')).toBe(true)
    expect(regime.records(back('0.00', { $original_unrecorded: false }), 'completed')).toBe(true)
  })

  test('an outage ends when the first unit was back, though the Sammelbeleg came later; not before its last receipt', async () => {
    await start()
    for (const id of units) down.add(id)
    await carry(sale(), 'completed')
    clock.jump(60_000)
    await carry(sale(), 'completed')
    const hourMs = 3_600_000
    since.set('card-1', clock.now() + 2 * hourMs)
    since.set('card-2', clock.now() + hourMs)
    down.clear()
    clock.jump(3 * hourMs)
    await carry(sale(), 'completed')
    expect(closings[1]).toMatchObject({ outage: { receipts: 2, ended_at: '2026-02-03T11:01:00' } })

    // Ready all along, and too busy to sign: back when the Sammelbeleg is signed.
    for (const card of cards.values()) card.inject('busy@sign')
    await carry(sale(), 'completed')
    clock.jump(hourMs)
    down.clear()
    await carry(sale(), 'completed')
    expect(closings[2]).toMatchObject({ outage: { receipts: 1, ended_at: '2026-02-03T14:01:00' } })
  })

  test('the first sale of a month comes after its Monatsbeleg; one that no unit signs waits and takes no number', async () => {
    await start()
    await carry(sale(), 'completed')
    for (const id of units) down.add(id)
    clock.jump(30 * 86_400_000)
    expect(numberOf(await carry(sale(), 'completed'))).toBe('3')
    await expect(carry(closing('monthly', '2026-02'), 'completed')).rejects.toMatchObject({
      code: 'fiscal_device_unavailable',
    })
    down.clear()
    expect(numberOf(await carry(sale(), 'completed'))).toBe('6')
    expect(specials()).toEqual(['start', 'collective', 'monthly'])
    expect(closings[2]).toMatchObject({ period: '2026-02', document_number: '5' })
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 6 })
  })

  test('a due receipt that fails in every unit leaves the sale with the marker, and is made before the next', async () => {
    await start()
    await carry(sale(), 'completed')
    clock.jump(30 * 86_400_000)
    for (const card of cards.values()) card.inject('unplugged@sign#1')
    const sold = await carry(sale(), 'completed')
    expect(sold['fiscal_information']).toMatchObject({ receipt_number: '3', security_device_failed: true })
    down.clear()
    await carry(sale(), 'completed')
    expect(specials()).toEqual(['start', 'collective', 'monthly'])
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 6 })
  })

  test('a closing that is asked for is the one that is due, not one beside it', async () => {
    await start()
    await carry(sale(), 'completed')
    const asked = await carry(closing('monthly', '2026-02'), 'completed')
    expect(asked['fiscal_information']).toMatchObject({ document_type: 'monthly', receipt_number: '3' })
    clock.jump(30 * 86_400_000)
    await carry(sale(), 'completed')
    expect(specials()).toEqual(['start'])
    clock.jump(31 * 86_400_000)
    expect(numberOf(await carry(closing('monthly', '2026-03'), 'completed'))).toBe('5')
    expect(specials()).toEqual(['start'])
  })

  test('a register is retired only with a signed Schlussbeleg', async () => {
    const register = await start()
    for (const id of units) down.add(id)
    await expect(carry(register, 'decommissioned')).rejects.toMatchObject({ code: 'fiscal_device_unavailable' })
    down.clear()
    expect(await carry(register, 'decommissioned')).toMatchObject({ fiscalization_status: 'decommissioned' })
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 2 })
  })

  test('a register that the second unit started is retired by its own', async () => {
    cards.get('card-1')?.inject('busy@sign')
    const register = await start()
    expect(register).toMatchObject({ fiscalization: { tse_serial: names.get('card-2')?.serial } })
    down.clear()
    down.add('card-2')
    expect(await carry(register, 'decommissioned')).toMatchObject({ fiscalization_status: 'decommissioned' })
    expect(await verifiedDep()).toMatchObject({ valid: true, signaturesVerified: 2 })
  })

  test('a unit that was never seen cannot start a register', async () => {
    names.clear()
    for (const id of units) down.add(id)
    expect(await start()).toMatchObject({
      fiscalization_status: 'failed',
      fiscalization: { error: { code: 'unavailable' } },
    })
    expect(dep).toEqual([])
  })

  test('a silent unit is given up after 5 s, and its late signature is thrown away', async () => {
    await start()
    cards.get('card-1')?.inject('slow=7000@sign')
    const document = sale()
    const act = planned(document, 'completed')
    const outcome = regime.perform(act)
    await clock.advance(5000)
    expect(await outcome).toMatchObject({ kind: 'failed', code: 'timeout' })
    cards.get('card-2')?.inject('busy@sign')
    const tried = concluded(document, act, await outcome, 'completed')
    const sold = await carry(tried, 'completed')
    expect(sold['fiscal_information']).toMatchObject({ receipt_number: '2', security_device_failed: true })
    await clock.advance(2000)
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 2, outageReceipts: 1 })
  })

  test('a unit that is closed because the agent stops is no outage: the receipt is signed after the next start', async () => {
    await start()
    const act = planned(sale(), 'completed')
    await cards.get('card-1')?.close()
    expect(await regime.perform(act)).toMatchObject({ kind: 'unknown', code: 'aborted' })
    expect(down.size).toBe(0)
  })

  test('a unit that is signing when the agent stops leaves the receipt open too', async () => {
    await start()
    cards.get('card-1')?.inject('slow=4000@sign')
    const act = planned(sale(), 'completed')
    const outcome = regime.perform(act)
    await cards.get('card-1')?.close()
    expect(await outcome).toMatchObject({ kind: 'unknown', code: 'aborted' })
  })

  test('after a crash the journalled plan is signed: the number is used once and the counter moves once', async () => {
    await start()
    const document = sale()
    const act = planned(document, 'completed')
    await regime.perform(act)
    expect(await regime.settle()).toEqual({ kind: 'absent' })
    concluded(document, act, await regime.perform(act), 'completed')
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 2, turnoverCents: 1200n })
  })

  test('another card signs nothing that names the former one: the sale has the marker, a Startbeleg is asked for again', async () => {
    const exchange = async (name: string): Promise<void> => {
      const card = new CardSimulator({ directory: join(directory, name), clock })
      cards.set('card-1', card)
      names.set('card-1', await card.identity())
    }
    down.add('card-2')
    const pending = { id: 'reg_1', fiscalization_status: 'pending', fiscalization: { regime: 'RKSV' } }
    const begun = planned(pending, 'fiscalized')
    await exchange('another')
    const outcome = await regime.perform(begun)
    expect(concluded(pending, begun, outcome, 'fiscalized')).toMatchObject({
      fiscalization_status: 'failed',
      fiscalization: { error: { code: 'foreign' } },
    })
    expect(await start()).toMatchObject({ fiscalization: { tse_serial: names.get('card-1')?.serial } })

    const document = sale()
    const act = planned(document, 'completed')
    await exchange('a-third')
    const tried = concluded(document, act, await regime.perform(act), 'completed')
    expect(tried['fiscal_information']).toMatchObject({ receipt_number: '2', security_device_failed: true })
    expect(down).toEqual(new Set(['card-2']))
    expect(numberOf(await carry(sale(), 'completed'))).toBe('4')
    expect(specials()).toEqual(['start', 'collective'])
  })

  test('nor does one whose identity nobody has read yet, and a receipt that names it already is signed', async () => {
    await start()
    down.add('card-2')
    const former = names.get('card-1')
    const document = sale()
    const act = planned(document, 'completed')
    const another = new CardSimulator({ directory: join(directory, 'another'), clock })
    cards.set('card-1', another)
    expect(await regime.perform(act)).toMatchObject({ kind: 'failed', code: 'foreign' })

    names.set('card-1', await another.identity())
    const named = planned(document, 'completed')
    if (former) names.set('card-1', former)
    expect(await regime.perform(named)).toMatchObject({ kind: 'done' })
    expect(down).toEqual(new Set(['card-2']))
  })

  test('a clock that went back refuses the receipt and says why', async () => {
    await start()
    clock.jump(-2 * 3_600_000)
    await expect(carry(sale(), 'completed')).rejects.toMatchObject({
      code: 'fiscal_device_unavailable',
      details: { reason: 'clock_went_back' },
    })
  })

  test('rates are those of Austria at that date, with a reason beside a zero rate only', () => {
    expect(regime.knowsRate('0.20', undefined, '2026-02-03', false)).toBe(true)
    expect(regime.knowsRate('0', 'exempt', '2026-02-03', false)).toBe(true)
    expect(regime.knowsRate('0.20', 'exempt', '2026-02-03', false)).toBe(false)
    expect(regime.knowsRate('0.049', undefined, '2026-06-30', false)).toBe(false)
    expect(() => regime.checkGoods({ line_items: [{ taxes: [] }] } as never)).toThrowError(/exactly one tax/)
  })
})

test('a month that turns while a sale is planned: the sale is of the month whose receipts were looked for', async () => {
  await start()
  const looks = ['2026-02-28T22:59:59.999Z', '2026-02-28T23:00:00.000Z'].map((text) => Date.parse(text))
  const turning = { now: () => looks.shift() ?? 0, mono: () => 0n, after: () => () => undefined }
  const acts = new CardActs({ cardOf, clock })
  const keys = { aesKeyOf: () => aesKey, holdsKey: () => true, reports }
  const options = { ...keys, usableSinceMs: () => 0, unitsOf: () => units, acts, clock: turning }
  const act = new Rksv({ ...options, unitNameOf: (id) => names.get(id) }).next(sale(), moment('completed'))
  expect(act).toMatchObject({ kind: 'standard', payload: expect.stringContaining('_2026-02-28T23:59:59_') })
})
