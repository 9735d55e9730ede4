// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { PrintAct } from '../../../agent/laws/italy/printer-act.ts'
import type { RtNonFiscal } from '../../../drivers/ports/rt-printer.ts'
import type { Members, Operation } from '../client.ts'
import { amending, completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { closed, movement } from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

const INVOICE = { description: 'Fattura', external_operation_id: 'RE-4711', kind: 'invoice' }
const CLAIM = { type: 'receivable', external_related_operation: INVOICE }
const CUSTOMER = { customer: { name: 'Bar Sport S.r.l.' } }

function claim(amount: string, more: Members = {}) {
  return { title: 'INCASSO', amount, rate: '0', more: { ...CLAIM, ...more } }
}

async function collected({ register }: Trade, amount: string, payments: readonly Members[]): Promise<Operation> {
  const open = await register.till.create(movement('sale', register, [claim(amount)]))
  return register.till.complete(open, payments)
}

/** The lines of each slip that the journal asked the printer for, without those of the drawer. */
function slips({ bench }: Trade): (readonly string[])[] {
  return bench.journal().flatMap(({ body }) => {
    const { act } = JSON.parse(body) as { act?: PrintAct }
    const document = act?.name === 'print' ? (act.document as unknown as RtNonFiscal | { kind: string }) : undefined
    return document?.kind === 'non_fiscal' ? [(document as RtNonFiscal).lines] : []
  })
}

describe.each(FAMILIES)('%s: money without goods', (family) => {
  test('is one slip with its payments, in no sum of the Z, and its void and return are slips with their signs', () =>
    atPrinter(family, async (trade) => {
      const { register, documents, bench } = trade
      const { till } = register
      const done = await collected(trade, '120.00', [pay('cash', '100.00'), pay('card', '20.00', { tid: '50123456' })])
      expect(done).toMatchObject({
        ...{ status: 'completed', fiscal: { state: 'succeeded' } },
        fiscal_information: { document_type: 'non_fiscal' },
      })
      const wrong = await collected(trade, '30.00', [pay('other', '30.00', { tender: 'assegni' })])
      await till.create(event('void', register.id, { related_operation_id: wrong.id }))
      const back = await till.create(movement('return', register, [claim('-20.00')]))
      await till.complete(back, [pay('cash', '-20.00')])
      expect(slips(trade)).toEqual([
        [
          'INCASSO - NON FISCALE',
          'RIF. RE-4711 120,00',
          'IMPORTO 120,00',
          'Contanti 100,00',
          'Carte elettroniche 20,00',
        ],
        ['INCASSO - NON FISCALE', 'RIF. RE-4711 30,00', 'IMPORTO 30,00', 'Assegni 30,00'],
        ['INCASSO - NON FISCALE', 'RIF. RE-4711 -30,00', 'IMPORTO -30,00', 'Assegni -30,00'],
        ['INCASSO - NON FISCALE', 'RIF. RE-4711 -20,00', 'IMPORTO -20,00', 'Contanti -20,00'],
      ])
      expect(documents()).toEqual([])
      await till.complete(await till.create(movement('sale', register, [{ title: 'CAFFE', amount: '1.00' }])), [
        pay('cash', '1.00'),
      ])
      const [session] = await bench.office.list(`/v1/sessions?register_id=${register.id}`)
      expect(session?.['expected_closing_amount']).toBe('181.00')
      expect((await closed(register))['totals']).toMatchObject({
        vat: [{ name: 'IVA 22 %', amount: '1.00' }],
        payments: [{ name: 'Contanti', amount: '1.00' }],
      })
      expect(await trade.findings()).toEqual([])
    }))

  test('goes once on a slip whose reply is lost', () =>
    atPrinter(family, async (trade) => {
      trade.inject('lost-answer@*')
      await collected(trade, '120.00', [pay('cash', '120.00')])
      expect(slips(trade)).toHaveLength(1)
      expect(trade.documents()).toEqual([])
      expect(await trade.findings()).toEqual([])
    }))
})

test('goods on account are not collected, and what pays for them names their document', () =>
  atPrinter('rch', async (trade) => {
    const { register, sent } = trade
    const { till } = register
    const goods = movement('sale', register, [{ title: 'CAFFE', amount: '90.00' }], CUSTOMER)
    const open = await till.create(goods)
    for (const more of [{}, { tender: 'elettronico' }])
      expect(await till.refused(completion(open, [pay('on_account', '90.00', more)]))).toMatchObject({
        ...{ status: 422, fiscal_effect: 'none' },
        code: 'tender' in more ? 'unprocessable_entity' : 'payment_method_not_supported',
      })
    const owed = await till.complete(open, [pay('on_account', '90.00', { tender: 'non_riscosso_beni' })])
    expect(sent()[0]).toContain('=T2/$9000')
    expect(owed.hints).toBeUndefined()
    const line = claim('40.00', { external_related_operation: undefined, related_operation_id: owed.id })
    const paid = await till.complete(await till.create(movement('sale', register, [line])), [pay('cash', '40.00')])
    expect(paid).toMatchObject({ fiscal_information: { document_type: 'non_fiscal' } })
    expect(slips(trade)[0]?.[1]).toMatch(/^RIF\. 0142-0001 \d\d-\d\d-\d{4} 40,00$/)
    expect(await till.read(owed.id)).toMatchObject({ on_account: { settled: '40.00', left: '50.00' } })
    const beyond = { ...line, amount: '50.01' }
    const refused = await till.refused({ path: '/v1/operations', body: movement('sale', register, [beyond]) })
    expect(refused).toMatchObject({ code: 'amount_exceeded', fiscal_effect: 'none' })
    const back = { title: 'CAFFE', amount: '-10.00' }
    const reso = await till.create(movement('return', register, [back], { ...CUSTOMER, related_operation_id: owed.id }))
    await till.complete(reso, [pay('on_account', '-10.00', { tender: 'non_riscosso_beni' })])
    expect(sent().at(-1)).toContain('=T2/$1000')
    expect((await closed(register))['totals']).toMatchObject({
      payments: [{ name: 'Non riscosso beni', amount: '80.00' }],
    })
    expect(await trade.findings()).toEqual([])
  }))

test('the class of what is on account may be that of the configuration, if it is not collected', async () => {
  const on = (tender: number, use: (trade: Trade, open: Operation) => Promise<void>) =>
    atPrinter(
      'rch',
      async (trade) => {
        const body = movement('sale', trade.register, [{ title: 'TAGLIO', amount: '12.00' }], CUSTOMER)
        await use(trade, await trade.register.till.create(body))
      },
      { rt: { tenders: { on_account: tender } } },
    )
  await on(6, async ({ register }, open) => {
    const done = await register.till.complete(open, [pay('on_account', '12.00')])
    expect(done.hints).toMatchObject([{ code: 'service_due_at_payment' }])
  })
  await on(4, async ({ register, documents }, open) => {
    expect(await register.till.refused(completion(open, [pay('on_account', '12.00')]))).toMatchObject({
      ...{ code: 'payment_method_not_supported', fiscal_effect: 'none' },
      details: { payment_index: 0, method: 'on_account', tender: 4 },
    })
    expect(documents()).toEqual([])
  })
})

test('a claim is alone: with goods or a tip it is refused, in training too, and nothing is printed', () =>
  atPrinter('rch', async (trade) => {
    const { register, bench } = trade
    const { till } = register
    const goods = { title: 'CAFFE', amount: '1.00' }
    const wrong = { status: 422, code: 'unprocessable_entity', fiscal_effect: 'none' }
    const head = bench.head()
    for (const more of [{}, { training: true }]) {
      const mixed = movement('sale', register, [goods, claim('5.00')], more)
      expect(await till.refused({ path: '/v1/operations', body: mixed })).toMatchObject({
        ...{ ...wrong, details: { pointer: '/line_items/1/type' } },
      })
      const tipped = movement('sale', register, [claim('5.00')], { ...more, tip_amount: '1.00' })
      expect(await till.refused({ path: '/v1/operations', body: tipped })).toMatchObject({
        ...{ ...wrong, details: { pointer: '/tip_amount' } },
      })
    }
    expect(bench.requestedSince(head)).toEqual([])
    const open = await till.create(movement('sale', register, [claim('5.00')]))
    const late = completion(open, [pay('cash', '6.00')], { tip_amount: '1.00' })
    expect(await till.refused(late)).toMatchObject({ ...wrong, details: { pointer: '/tip_amount' } })
    const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = movement('sale', register, [
      goods,
      claim('5.00'),
    ])
    const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
    expect(await till.refused(amending(open, last))).toMatchObject(wrong)
    expect(slips(trade)).toEqual([])
    await till.complete(open, [pay('cash', '5.00')])
    expect(slips(trade)).toHaveLength(1)
  }))

test('a claim gets no change out of meal vouchers or cards, and nothing is printed', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const open = await register.till.create(movement('sale', register, [claim('12.00')]))
    for (const method of ['voucher', 'card'])
      expect(await register.till.refused(completion(open, [pay(method, '16.00'), pay('cash', '-4.00')]))).toMatchObject(
        {
          ...{ status: 422, code: 'unprocessable_entity', fiscal_effect: 'none', details: { pointer: '/payments' } },
        },
      )
    expect(slips(trade)).toEqual([])
    const done = await register.till.complete(open, [pay('cash', '16.00'), pay('cash', '-4.00')])
    await register.till.create(event('void', register.id, { related_operation_id: done.id }))
    const rounded = await collected(trade, '12.98', [pay('voucher', '12.98')])
    const back = movement('return', register, [claim('-12.98')], { related_operation_id: rounded.id })
    await register.till.complete(await register.till.create(back), [pay('cash', '-13.00'), pay('rounding', '0.02')])
    expect(await trade.findings()).toEqual([])
  }))

test('begun empty, amended and completed with its lines it is the same slip, rounded too', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const { till } = register
    const body = movement('sale', register, [claim('12.98')])
    const { line_items, ...amounts } = body
    const nothing = { pretax_amount: '0.00', tax_amount: '0.00', tip_amount: '0.00', total_amount: '0.00' }
    const open = await till.create({ ...amounts, ...nothing, line_items: [] })
    const { pretax_amount, tax_amount, tip_amount, total_amount } = body
    const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
    await till.complete(open, [pay('cash', '13.00'), pay('rounding', '-0.02')], last)
    expect(slips(trade)).toEqual([
      ['INCASSO - NON FISCALE', 'RIF. RE-4711 12,98', 'IMPORTO 12,98', 'Contanti 13,00', 'Arrotondamento -0,02'],
    ])
    expect(await trade.findings()).toEqual([])
  }))

test('a printer that is down takes no money for a claim: the operation stays open', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const open = await register.till.create(movement('sale', register, [claim('5.00')]))
    trade.inject('paper-out@*')
    const call = completion(open, [pay('cash', '5.00')])
    expect(await register.till.refused(call)).toMatchObject({ status: 503, fiscal_effect: 'none' })
    expect(await register.till.read(open.id)).toMatchObject({ status: 'open' })
  }))
