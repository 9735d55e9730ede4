// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { shiftedDate } from '../../../base/clock.ts'
import { today } from '../../today.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import type { FamilyName } from './printer-beside.ts'
import { closed, movement, receiptOf, traded, wordsOf } from './shop.ts'
import { atPrinter, FAMILIES } from './trade.ts'

const CUP = { title: 'TAZZA', amount: '-5.00' }
const ELSEWHERE = '0007-0012 24-11-2026 72IV6000009'

function on(evidence: string, more: Members = {}): Members {
  return { external_related_operation: { description: 'Scontrino POS', external_operation_id: evidence }, ...more }
}

/** `DD-MM-YYYY` of `YYYY-MM-DD`. */
function italian(day: string): string {
  return day.split('-').toReversed().join('-')
}

function opening(family: FamilyName, word: string, day: string): string {
  const [date = '', month = '', year = ''] = day.split('-')
  switch (family) {
    case 'rch':
      return `=r/&${date}${month}${year.slice(2)}/[0/]0/(${word})`
    case 'custom':
      return `7114R0${word.length}${word}${date}${month}${year.slice(2)}`
    case 'epson':
      return `<printRecMessage operator="1" messageType="4" message="REFUND 0000 0000 ${date}${month}${year} ${word}"/>`
  }
}

describe.each(FAMILIES)('%s: a return', (family) => {
  test.each([
    ['POS 24-11-2026', 'POS', '24-11-2026'],
    ['VR 24-11-2026', 'VR', '24-11-2026'],
    ['ND 24-11-2026', 'ND', '24-11-2026'],
    ['VR', 'VR', italian(today())],
    [' ND ', 'ND', italian(today())],
  ])('on "%s" names it instead of a document', (evidence, word, day) =>
    atPrinter(family, async (trade) => {
      const back = await traded(trade.register, 'return', [CUP], on(evidence))
      expect(receiptOf(back)).toMatchObject({ document_type: 'return', reference: `${word} ${day}` })
      const [sent = []] = trade.sent()
      expect(sent).toContain(opening(family, word, day))
      if (family === 'rch') expect(sent.slice(1)).toEqual(['=R1/$500/*1/(TAZZA)', '=T1/$500'])
      expect(trade.documents()).toMatchObject([{ kind: 'return', totalCents: 500, cashCents: -500 }])
      expect(wordsOf(trade.documents()[0]).join('\n')).toMatch(new RegExp(`RT ${word}|#RESO ${word} ${day}`))
      expect((await closed(trade.register))['totals']).toMatchObject({
        vat: [{ amount: '-5.00' }],
        business_cases: expect.arrayContaining([{ name: 'Resi', amount: '-5.00' }]),
      })
      expect(await trade.findings()).toEqual([])
    }),
  )

  test('on evidence has the tax code of the customer, by the command of the printer', () =>
    atPrinter(family, async (trade) => {
      const customer = { tax_number: 'RSSMRA80A01H501U' }
      await traded(trade.register, 'return', [CUP], on('POS 24-11-2026', { customer }))
      expect(trade.documents()).toMatchObject([{ taxCode: 'RSSMRA80A01H501U' }])
    }))

  test('on evidence is one side of an exchange', () =>
    atPrinter(family, async (trade) => {
      const lines = [CUP, { title: 'PIATTO', amount: '8.00' }]
      await traded(trade.register, 'exchange', lines, on('POS 24-11-2026'))
      expect(trade.documents().map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
        ['return', 500],
        ['sale', 800],
      ])
      expect(await trade.findings()).toEqual([])
    }))

  test('of a document of another printer has its lottery code', () =>
    atPrinter(family, async (trade) => {
      const customer = { lottery_code: 'ABCD1234' }
      await traded(trade.register, 'return', [CUP], on(ELSEWHERE, { customer }))
      expect(wordsOf(trade.documents()[0])).toContain('Codice Lotteria ABCD1234')
      if (family !== 'rch') return
      expect(trade.sent()).toEqual([
        ['=r/&241126/[7/]12/(72IV6000009)', '=R1/$500/*1/(TAZZA)', '="/?L/$1/(ABCD1234)', '=T1/$500'],
      ])
    }))
})

test('other words and days are 422 with all forms, and nothing is journalled or printed', () =>
  atPrinter('rch', async (trade) => {
    const { register, bench } = trade
    const head = bench.head()
    const tomorrow = italian(shiftedDate(today(), 1))
    const forms = ['"ZZZZ-NNNN DD-MM-YYYY"', '"POS DD-MM-YYYY"', '"VR [DD-MM-YYYY]"', '"ND [DD-MM-YYYY]"']
    for (const evidence of [
      ...['POS', 'POS 30-02-2026', 'POS 24-11-1926', 'POS 2026-11-24', 'POS  24-11-2026', 'pos 24-11-2026'],
      ...['VR 31-04-2026', 'ND24-11-2026', 'AA 24-11-2026', 'ND 24-11-2026 72IV6000009', '0000-0001 24-11-2026'],
      ...['POS', 'VR', 'ND', '0007-0012'].map((word) => `${word} ${tomorrow}`),
    ]) {
      const body = movement('return', register, [CUP], on(evidence))
      const refusal = await register.till.refused({ path: '/v1/operations', body })
      expect(refusal, evidence).toMatchObject({
        ...{ code: 'related_operation_invalid', status: 422, fiscal_effect: 'none' },
        details: { pointer: '/external_related_operation/external_operation_id' },
      })
      for (const form of forms) expect(refusal.message).toContain(form)
    }
    expect(bench.requestedSince(head)).toEqual([])
    expect(trade.documents()).toEqual([])
  }))

test.each(['POS 24-11-2026', 'VR', 'ND'])(
  'a lottery code on a return on "%s" is 422, at the completion too',
  (evidence) =>
    atPrinter('rch', async (trade) => {
      const { register } = trade
      const customer = { lottery_code: 'ABCD1234' }
      const refusal = {
        ...{ code: 'unprocessable_entity', fiscal_effect: 'none' },
        details: { pointer: '/customer/lottery_code' },
      }
      const body = movement('return', register, [CUP], on(evidence, { customer }))
      expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject(refusal)
      const open = await register.till.create(movement('return', register, [CUP], on(evidence)))
      const completed = completion(open, [pay('cash', '-5.00')], { customer })
      expect(await register.till.refused(completed)).toMatchObject(refusal)
      expect(trade.documents()).toEqual([])
    }),
)

test('RCH: "zeros" sends a made-up serial number instead of the word', () =>
  atPrinter(
    'rch',
    async (trade) => {
      const back = await traded(trade.register, 'return', [CUP], on('POS 24-11-2026'))
      expect(receiptOf(back)).toMatchObject({ reference: 'POS 24-11-2026' })
      expect(wordsOf(trade.documents()[0])).toContain('RT 72IV6000000')
      expect(await trade.findings()).toEqual([])
    },
    { profile: { evidence: 'zeros' } },
  ))

test.each(['rch', 'epson'] as const)('%s: "none" refuses a return on evidence, and nothing is sent', (family) =>
  atPrinter(
    family,
    async (trade) => {
      const { register } = trade
      const open = await register.till.create(movement('return', register, [CUP], on('POS 24-11-2026')))
      const refusal = await register.till.refused(completion(open, [pay('cash', '-5.00')]))
      expect(refusal).toMatchObject({ code: 'unprocessable_entity', status: 422, fiscal_effect: 'none' })
      expect(refusal.message).toContain('profile.evidence')
      expect(trade.documents()).toEqual([])
    },
    { profile: { evidence: 'none' } },
  ),
)

test('a return that began without goods has the day of its creation', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const open = await register.till.create(movement('return', register, [], on('VR')))
    const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = movement('return', register, [CUP])
    const goods = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
    const done = await register.till.complete(open, [pay('cash', '-5.00')], goods)
    expect(receiptOf(done)).toMatchObject({ reference: `VR ${italian(today())}` })
  }))
