import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { OwnPart } from '../../../agent/journal/documents/own.ts'
import type { Members } from '../../../agent/journal/events.ts'
import { CardSimulator } from '../../../drivers/card-simulator/driver.ts'
import {
  cards,
  carry,
  clock,
  closing,
  closings,
  concluded,
  dep,
  directory,
  down,
  names,
  numberOf,
  register as pendingRegister,
  planned,
  rules,
  sale,
  shown,
  since,
  specials,
  start,
  units,
  useTill,
  verifiedDep,
  WORDS,
} from './rules-till.ts'

useTill()

describe('the units of an Austrian register come and go', () => {
  test('the first unit down: the second signs, and its serial is in the code', async () => {
    await start()
    cards.get('card-1')?.inject('unplugged@sign')
    const sold = await carry(sale(), 'completed')
    expect(shown(sold)['fiscal_information']).toMatchObject({
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
    expect(shown(sold)).toMatchObject({
      fiscal: { state: 'succeeded', receipt_text: WORDS },
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

  test('a receipt over 0.00 that no unit signs takes no number and is not a link of the chain; signed it is one', async () => {
    await start()
    const swap = () =>
      sale('0.00', {
        type: 'exchange',
        line_items: ['12.00', '-12.00'].map((total_amount) => ({ total_amount, taxes: [{ rate: '0.20' }] })),
      })
    expect(numberOf(await carry(swap(), 'completed'))).toBe('2')
    for (const id of units) down.add(id)
    const free = await carry(sale('0.00'), 'completed')
    expect(shown(free)).toMatchObject({ fiscal: { state: 'not_required' }, fiscal_information: null })
    expect(shown(await carry(swap(), 'completed'))).toMatchObject({ fiscal: { state: 'not_required' } })
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
    const { document: done } = concluded(signed, act, await rules.perform(act), 'completed')
    expect(numberOf(done)).toBe('2')
    const late = planned(sale('0.00'), 'completed')
    expect(late.name).toBe('sign')
    for (const id of units) cards.get(id)?.inject('busy@sign')
    const left = await carry(sale('0.00'), 'completed')
    expect(shown(left)).toMatchObject({ fiscal: { state: 'not_required' }, fiscal_information: null })
    expect(numberOf(await carry(sale(), 'completed'))).toBe('3')
  })

  test('the reversal of an omitted receipt is omitted too, if it takes nothing back', () => {
    const unrecorded = { original_unrecorded: true, counted_statuses: [] } as const
    const back = (total: string, more: Members = {}, own: OwnPart = unrecorded) =>
      sale(total, { type: 'return', payments: [], ...more }, own)
    expect(rules.records(back('0.00'), 'completed')).toBe(false)
    expect(rules.records(back('-1.00'), 'completed')).toBe(true)
    expect(rules.records(back('0.00', { training: true }), 'completed')).toBe(true)
    expect(rules.records(back('0.00', {}, { counted_statuses: [] }), 'completed')).toBe(true)
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
    expect(shown(sold)['fiscal_information']).toMatchObject({ receipt_number: '3', security_device_failed: true })
    down.clear()
    await carry(sale(), 'completed')
    expect(specials()).toEqual(['start', 'collective', 'monthly'])
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 6 })
  })

  test('a register that the second unit started is retired by its own', async () => {
    cards.get('card-1')?.inject('busy@sign')
    const register = await start()
    expect(shown(register)).toMatchObject({ fiscalization: { tse_serial: names.get('card-2')?.serial } })
    down.clear()
    down.add('card-2')
    expect(shown(await carry(register, 'decommissioned'))).toMatchObject({ fiscalization_status: 'decommissioned' })
    expect(await verifiedDep()).toMatchObject({ valid: true, signaturesVerified: 2 })
  })

  test('a unit that was never seen cannot start a register', async () => {
    names.clear()
    for (const id of units) down.add(id)
    expect(shown(await start())).toMatchObject({
      fiscalization_status: 'failed',
      fiscalization: { error: { code: 'unavailable' } },
    })
    expect(dep).toEqual([])
  })

  test('a silent unit is abandoned after 5 s, and its late signature is thrown away', async () => {
    await start()
    cards.get('card-1')?.inject('slow=7000@sign')
    const document = sale()
    const act = planned(document, 'completed')
    const outcome = rules.perform(act)
    await clock.advance(5000)
    expect(await outcome).toMatchObject({ kind: 'failed', code: 'timeout' })
    cards.get('card-2')?.inject('busy@sign')
    const { document: tried } = concluded(document, act, await outcome, 'completed')
    const sold = await carry(tried, 'completed')
    expect(shown(sold)['fiscal_information']).toMatchObject({ receipt_number: '2', security_device_failed: true })
    await clock.advance(2000)
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 2, outageReceipts: 1 })
  })

  test('a unit that is closed because the agent stops is not an outage: the receipt is signed after the next start', async () => {
    await start()
    const act = planned(sale(), 'completed')
    await cards.get('card-1')?.close()
    expect(await rules.perform(act)).toMatchObject({ kind: 'unknown', code: 'aborted' })
    expect(down.size).toBe(0)
  })

  test('a unit that is signing when the agent stops leaves the receipt open too', async () => {
    await start()
    cards.get('card-1')?.inject('slow=4000@sign')
    const act = planned(sale(), 'completed')
    const outcome = rules.perform(act)
    await cards.get('card-1')?.close()
    expect(await outcome).toMatchObject({ kind: 'unknown', code: 'aborted' })
  })

  test('after a crash the journalled plan is signed: the number is used once and the counter moves once', async () => {
    await start()
    const document = sale()
    const act = planned(document, 'completed')
    await rules.perform(act)
    expect(await rules.askOutcome()).toEqual({ kind: 'absent' })
    concluded(document, act, await rules.perform(act), 'completed')
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 2, turnoverCents: 1200n })
  })

  test('another card signs nothing that names the former one: the sale has the marker, a Startbeleg is asked for again', async () => {
    const exchange = async (name: string): Promise<void> => {
      const card = new CardSimulator({ directory: join(directory, name), clock })
      cards.set('card-1', card)
      names.set('card-1', await card.identity())
    }
    down.add('card-2')
    const pending = pendingRegister()
    const opening = planned(pending, 'fiscalized')
    await exchange('another')
    const outcome = await rules.perform(opening)
    expect(shown(concluded(pending, opening, outcome, 'fiscalized').document)).toMatchObject({
      fiscalization_status: 'failed',
      fiscalization: { error: { code: 'foreign' } },
    })
    expect(shown(await start())).toMatchObject({ fiscalization: { tse_serial: names.get('card-1')?.serial } })

    const document = sale()
    const act = planned(document, 'completed')
    await exchange('a-third')
    const { document: tried } = concluded(document, act, await rules.perform(act), 'completed')
    expect(shown(tried)['fiscal_information']).toMatchObject({ receipt_number: '2', security_device_failed: true })
    expect(down).toEqual(new Set(['card-2']))
    expect(numberOf(await carry(sale(), 'completed'))).toBe('4')
    expect(specials()).toEqual(['start', 'collective'])
  })

  test('nor does one whose identity was not read yet, and a receipt that names it already is signed', async () => {
    await start()
    down.add('card-2')
    const former = names.get('card-1')
    const document = sale()
    const act = planned(document, 'completed')
    const another = new CardSimulator({ directory: join(directory, 'another'), clock })
    cards.set('card-1', another)
    expect(await rules.perform(act)).toMatchObject({ kind: 'failed', code: 'foreign' })

    names.set('card-1', await another.identity())
    const named = planned(document, 'completed')
    if (former) names.set('card-1', former)
    expect(await rules.perform(named)).toMatchObject({ kind: 'done' })
    expect(down).toEqual(new Set(['card-2']))
  })
})
