import { expect, test } from 'vitest'
import type { OperationDocument } from '../../../agent/journal/documents/document.ts'
import type { Members } from '../../../agent/journal/events.ts'
import { planResi } from '../../../agent/laws/italy/resi.ts'
import type { Reso } from '../../../agent/laws/italy/state.ts'
import { stateMembers } from '../../../agent/laws/italy/state.ts'
import { departments } from '../../contracts/printer-bench.ts'
import { fc } from '../../properties.ts'
import { documentOf } from '../../some-document.ts'

const RATES = ['0.22', '0.10'] as const
type Each = { goods: number; deposit: number; parts: readonly { share: number; again: number }[] }

function line(cents: number, rate: string, type = 'item') {
  const amount = `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`
  const taxes = [{ name: 'IVA', rate, tax_amount: '0.00' }]
  return {
    sku_identifier: rate,
    title: 'Sedia',
    type: type as 'item' | 'deposit',
    quantity: 1,
    unit_price: amount,
    total_amount: amount,
    taxes,
  }
}

/** A printed capture of a deposit, and the returns that it had. */
function shopOf(rates: readonly Each[]) {
  const facts = { rt_serial_number: '72IV6000001', document_type: 'sale', printed_at: '2026-03-02T08:00:00Z' }
  const lines = rates.flatMap(({ goods, deposit }, at) => [
    line(goods, RATES[at] ?? ''),
    line(-deposit, RATES[at] ?? '', 'deposit'),
  ])
  const set = {
    ...{ id: 'op_c', type: 'deposit_capture', status: 'completed', tip_amount: '0.00', line_items: lines },
    ...{ related_operation_id: 'op_d', fiscal_information: { regime: 'RT', ...facts, document_number: '0142-0002' } },
  }
  const returns = new Map<string, OperationDocument>()
  const operationOf = (id: string): OperationDocument | undefined =>
    id === 'op_c'
      ? documentOf('deposit_capture', { set: set as unknown as Members, own: { returns: [...returns.keys()] } })
      : returns.get(id)
  const settings = { departments, giftCardDepartment: 'N2', tipDepartment: 'N1', roundingDepartment: 'N2', operationOf }
  return {
    plan: (back: ReturnType<typeof line>[]): readonly Reso[] =>
      planResi({ related_operation_id: 'op_c', line_items: back, tip_amount: '0.00' }, settings) ?? [],
    record: (back: ReturnType<typeof line>[], resi: readonly Reso[]) => {
      const id = `op_r${returns.size}`
      const shown = { id, type: 'return', status: 'completed', tip_amount: '0.00', line_items: back }
      const law = { name: 'RT', ...stateMembers({ facts: { resi } }) }
      returns.set(id, documentOf('return', { set: shown as unknown as Members, law }))
    },
  }
}

function sumOf(resi: readonly Reso[], at: number, operation?: string): number {
  return resi
    .filter((reso) => operation === undefined || reso.operation === operation)
    .reduce((sum, { lines }) => sum + (lines[at] ?? 0), 0)
}

const each = fc
  .record({
    goods: fc.integer({ min: 1, max: 20_000 }),
    taken: fc.double({ min: 0, max: 1, noNaN: true }),
    parts: fc.array(
      fc.record({
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        again: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { minLength: 4, maxLength: 4 },
    ),
  })
  .map(({ goods, taken, parts }): Each => ({ goods, deposit: Math.floor(goods * taken), parts }))

test('all goods of a capture can come back in any parts, with any part of the deposit, and not one cent more', () => {
  fc.assert(
    fc.property(fc.tuple(each, each), (rates) => {
      const shop = shopOf(rates)
      const left = rates.map(({ goods, deposit }) => ({ goods, deposit, own: goods - deposit }))
      for (let part = 0; part < 4; part++) {
        const amounts = left.map((rest, at) => {
          const { share = 1, again = 0 } = rates[at]?.parts[part] ?? {}
          const goods = part === 3 ? rest.goods : Math.floor(rest.goods * share)
          return { goods, deposit: Math.floor(Math.min(goods, rest.deposit) * again) }
        })
        const back = amounts.flatMap(({ goods, deposit }, at) => [
          line(-goods, RATES[at] ?? ''),
          line(deposit, RATES[at] ?? '', 'deposit'),
        ])
        const resi = shop.plan(back)
        for (const [at, { goods, deposit }] of amounts.entries()) {
          const rest = left[at]
          if (rest === undefined) continue
          expect(sumOf(resi, 2 * at)).toBe(goods - deposit)
          const own = sumOf(resi, 2 * at, 'op_c')
          expect(own).toBeLessThanOrEqual(rest.own)
          Object.assign(rest, { goods: rest.goods - goods, deposit: rest.deposit - deposit, own: rest.own - own })
        }
        shop.record(back, resi)
      }
      for (const rate of RATES)
        expect(() => shop.plan([line(-1, rate)])).toThrow(
          expect.objectContaining({ code: 'related_operation_invalid' }),
        )
    }),
    { numRuns: 300 },
  )
})
