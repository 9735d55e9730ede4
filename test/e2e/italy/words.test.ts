// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import type { FamilyName } from './printer-beside.ts'
import { printerOf } from './printer-beside.ts'
import { italianTill, movement, wordsOf } from './shop.ts'

type Use = (register: Register, paper: () => string[]) => Promise<void>

async function atPrinter(family: FamilyName, use: Use): Promise<void> {
  await using printer = await printerOf(family)
  await using bench = await printer.agent()
  await use(await italianTill(bench), () => wordsOf(printer.documents.at(-1)))
}

function of(title: string, amount: string, more: Members = {}) {
  return { title, amount, more }
}

describe.each<FamilyName>(['rch', 'custom', 'epson'])('%s: the name of an article', (family) => {
  test('is its number if the title has no letter or digit that the printer has, else the number of its line', () =>
    atPrinter(family, async (register, paper) => {
      const lines = [
        of(' \u200b', '1.00', { sku_identifier: 'PANE-1' }),
        of('拉麵', '2.00', { sku_identifier: 'RAMEN' }),
        of('Борщ', '3.00', { sku_identifier: 'суп', quantity: 3, unit_price: '1.00' }),
        of('* - *', '0.80', {
          sku_identifier: '7',
          unit_price: '1.00',
          discounts: [{ description: '折扣', amount: '0.20' }],
        }),
        of('拉麵 piccante', '4.00'),
      ]
      const open = await register.till.create(movement('sale', register, lines))
      await register.till.complete(open, [pay('cash', '10.80')])
      const sold = paper()
      for (const words of ['PANE-1', 'RAMEN', 'ART. 3', '7', 'SCONTO', 'piccante'])
        expect(
          sold.filter((line) => line.startsWith(words)),
          words,
        ).toHaveLength(1)
      expect(sold.join()).not.toMatch(/\?|REPARTO/)
      const back = movement('return', register, [of('拉麵', '-2.00', { sku_identifier: 'RAMEN' })], {
        related_operation_id: open.id,
      })
      await register.till.complete(await register.till.create(back), [pay('cash', '-2.00')])
      expect(paper().some((line) => line.startsWith('RAMEN'))).toBe(true)
    }))

  test('is on the slip of a training, too', async () => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench)
    const lines = [of('拉麵', '2.00', { sku_identifier: 'RAMEN' })]
    const open = await register.till.create(movement('sale', register, lines, { training: true }))
    await register.till.complete(open, [pay('cash', '2.00')])
    const slips = printer.simulator.records().filter(({ type }) => type === 'slip')
    expect(JSON.stringify(slips)).toContain('1 RAMEN 2,00')
    expect(await register.till.get(`/v1/operations/${open.id}`)).toMatchObject({ line_items: [{ title: '拉麵' }] })
  })
})

const REFUSED: [string, Members, string][] = [
  ['a partita IVA with a wrong check digit', { tax_number: '12345678901' }, 'tax_number'],
  ['a codice fiscale with a wrong check letter', { tax_number: 'RSSMRA80A01H501A' }, 'tax_number'],
  ['16 characters of another form', { tax_number: 'DE12345678901234' }, 'tax_number'],
  ['IT before a wrong number', { vat_id: 'IT12345678901' }, 'vat_id'],
  ['IT before too few digits', { vat_id: 'IT123' }, 'vat_id'],
  ['words', { tax_number: 'nessuno' }, 'tax_number'],
  ['digits without a country', { vat_id: '29/815/08155' }, 'vat_id'],
  ['a wrong vat_id next to a tax number', { tax_number: '12345678903', vat_id: '123' }, 'vat_id'],
  ['a lottery code of 7', { lottery_code: 'ABC1234' }, 'lottery_code'],
]

test('an invalid tax code is refused at create and at completion, of sold and of returned goods', () =>
  atPrinter('rch', async (register, paper) => {
    const sale = (more: Members = {}) => movement('sale', register, [of('Pane', '5.00')], more)
    const external_operation_id = '0007-0012 24-11-2026 72IV6000009'
    const external = { external_related_operation: { description: 'x', external_operation_id } }
    const back = movement('return', register, [of('Pane', '-5.00')], external)
    const [opened, returned] = [await register.till.create(sale()), await register.till.create(back)]
    for (const [what, customer, member] of REFUSED) {
      const refusal = {
        ...{ status: 422, code: 'unprocessable_entity', fiscal_effect: 'none' },
        details: { pointer: `/customer/${member}` },
      }
      for (const call of [
        { path: '/v1/operations', body: sale({ customer }) },
        { path: '/v1/operations', body: { ...back, customer } },
        completion(opened, [pay('card', '5.00')], { customer }),
        completion(returned, [pay('cash', '-5.00')], { customer }),
      ])
        expect(await register.till.refused(call), what).toMatchObject(refusal)
    }
    await register.till.complete(opened, [pay('card', '5.00')], { customer: { vat_id: ' it 1234567 8903 ' } })
    expect(paper()).toContain('Codice Fiscale 12345678903')
    await register.till.complete(returned, [pay('cash', '-5.00')], { customer: { tax_number: 'rssmra 85t10 a56nh' } })
    expect(paper()).toContain('Codice Fiscale RSSMRA85T10A56NH')
  }))
