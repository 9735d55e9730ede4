import { describe, expect, test } from 'vitest'
import type { OperationKind } from '../../../agent/journal/documents/kind.ts'
import { CardActs } from '../../../agent/laws/austria/acts.ts'
import { AustrianRules } from '../../../agent/laws/austria/rules.ts'
import { documentOf } from '../../some-document.ts'
import {
  aesKey,
  cardOf,
  carry,
  clock,
  closing,
  closings,
  concluded,
  down,
  moment,
  names,
  numberOf,
  owedBy,
  planned,
  reports,
  rules,
  sale,
  shown,
  specials,
  start,
  units,
  useTill,
  verifiedDep,
} from './rules-till.ts'

useTill()

describe('the law of Austria at the till', () => {
  test('fiscalize makes the Startbeleg, sales are signed, decommission makes the Schlussbeleg', async () => {
    const register = await start()
    expect(register.shown).toMatchObject({ fiscalization_status: 'fiscalized' })
    expect(closings).toMatchObject([{ type: 'start', receipt: 1, fiscal_information: { document_type: 'start' } }])
    const sold = await carry(sale(), 'completed')
    expect(shown(sold)['fiscal']).toEqual({ state: 'succeeded' })
    expect(shown(sold)['fiscal_information']).toMatchObject({
      regime: 'RKSV',
      receipt_number: '2',
      document_type: 'standard',
      cash_box_id: 'BOX-1',
      security_device_failed: false,
    })
    expect(shown(await carry(register, 'decommissioned'))).toMatchObject({ status: 'inactive' })
    expect(specials()).toEqual(['start', 'final'])
    await expect(carry(sale(), 'completed')).rejects.toMatchObject({ code: 'register_decommissioned' })
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 3, signaturesVerified: 3, turnoverCents: 1200n })
  })

  test('a sale before the Startbeleg is refused', async () => {
    await expect(carry(sale(), 'completed')).rejects.toMatchObject({ code: 'register_not_fiscalized' })
  })

  test('nothing is signed when a sale begins or is cancelled, for the drawer, and online', () => {
    expect(rules.next(sale(), moment('open'))).toBeUndefined()
    const of = (type: OperationKind, source: string) => documentOf(type, { set: { type, source } })
    expect(rules.records(of('session_open', 'POS'), 'completed')).toBe(false)
    expect(rules.records(of('sale', 'ONLINE'), 'completed')).toBe(false)
    expect(rules.records(of('sale', 'POS'), 'voided')).toBe(false)
    expect(rules.records(of('sale', 'POS'), 'completed')).toBe(true)
  })

  test('a void is a Stornobeleg, practice a training receipt that wins over the void, each with its words', async () => {
    await start()
    const voided = await carry(sale('-12.00', { type: 'void' }), 'completed')
    expect(shown(voided)).toMatchObject({
      fiscal: { receipt_text: 'Stornobuchung' },
      fiscal_information: { document_type: 'void', encrypted_turnover: 'U1RP' },
    })
    const practised = await carry(sale('-12.00', { type: 'void', training: true }), 'completed')
    expect(shown(practised)).toMatchObject({
      fiscal: { receipt_text: 'Trainingsbuchung' },
      fiscal_information: { document_type: 'training', encrypted_turnover: 'VFJB' },
    })
    expect(await verifiedDep()).toMatchObject({ valid: true, turnoverCents: -1200n })
  })

  test('a requested closing is the due one, not an additional one', async () => {
    await start()
    await carry(sale(), 'completed')
    const asked = await carry(closing('monthly', '2026-02'), 'completed')
    expect(shown(asked)['fiscal_information']).toMatchObject({ document_type: 'monthly', receipt_number: '3' })
    clock.jump(30 * 86_400_000)
    await carry(sale(), 'completed')
    expect(specials()).toEqual(['start'])
    clock.jump(31 * 86_400_000)
    expect(numberOf(await carry(closing('monthly', '2026-03'), 'completed'))).toBe('5')
    expect(specials()).toEqual(['start'])
  })

  test('a register that ends in an outage has no Schlussbeleg with the marker, and owes it until a unit signs', async () => {
    const register = await start()
    for (const id of units) down.add(id)
    await carry(sale(), 'completed')
    const ended = await carry(register, 'decommissioned')
    expect(shown(ended)).toMatchObject({ fiscalization_status: 'decommissioned' })
    expect(specials()).toEqual(['start'])
    clock.jump(60 * 86_400_000)
    down.clear()
    const plans: unknown[] = []
    for (let due = owedBy(ended); due !== undefined; due = owedBy(ended)) {
      plans.push(due.set?.['type'])
      await carry(documentOf('closing', { set: { register_id: 'reg_1', ...due.set }, law: due.law ?? {} }), 'completed')
    }
    expect(plans).toEqual(['collective', 'final'])
    expect(await verifiedDep()).toMatchObject({ valid: true, receipts: 4, turnoverCents: 1200n })
  })

  test('a unit that answers and does not sign ends no register: the request is to be repeated', async () => {
    const register = await start()
    const act = planned(register, 'decommissioned')
    const busy = { kind: 'failed' as const, code: 'busy', message: 'busy' }
    expect(() => concluded(register, { ...act, more: false }, busy, 'decommissioned')).toThrowError(/busy/)
  })

  test('a clock that went back refuses the receipt and states the reason', async () => {
    await start()
    clock.jump(-2 * 3_600_000)
    await expect(carry(sale(), 'completed')).rejects.toMatchObject({
      code: 'fiscal_device_unavailable',
      details: { reason: 'clock_went_back' },
    })
  })

  test('rates are those of Austria at that date, with a reason next to a zero rate only', () => {
    expect(rules.knowsRate('0.20', undefined, '2026-02-03', false)).toBe(true)
    expect(rules.knowsRate('0', 'exempt', '2026-02-03', false)).toBe(true)
    expect(rules.knowsRate('0.20', 'exempt', '2026-02-03', false)).toBe(false)
    expect(rules.knowsRate('0.049', undefined, '2026-06-30', false)).toBe(false)
    expect(() => rules.checkGoods({ line_items: [{ taxes: [] }] } as never)).toThrowError(/exactly one tax/)
  })
})

test('a month that turns while a sale is planned: the sale is of the month whose receipts were looked for', async () => {
  await start()
  const looks = ['2026-02-28T22:59:59.999Z', '2026-02-28T23:00:00.000Z'].map((text) => Date.parse(text))
  const turning = { now: () => looks.shift() ?? 0, mono: () => 0n, after: () => () => undefined }
  const acts = new CardActs({ cardOf, clock })
  const keys = { aesKeyOf: () => aesKey, holdsKey: () => true, isPutBack: () => false, reports }
  const options = {
    ...keys,
    usableSinceMs: () => 0,
    isAwaited: () => false,
    unitsOf: () => units,
    acts,
    clock: turning,
  }
  const act = new AustrianRules({ ...options, unitNameOf: (id) => names.get(id) }).next(sale(), moment('completed'))
  expect(act).toMatchObject({ kind: 'standard', payload: expect.stringContaining('_2026-02-28T23:59:59_') })
})
