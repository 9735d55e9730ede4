// @module-tag heavy
import { expect, test } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import type { Bench } from '../e2e/bench.ts'
import type { Operation } from '../e2e/client.ts'
import { event, pay } from '../e2e/goods.ts'
import { PrinterBeside } from '../e2e/italy/printer-beside.ts'
import { italianTill, movement, sell } from '../e2e/italy/shop.ts'
import { verifyJournal } from '../verified-journal.ts'
import { configOf } from './insider.ts'
import type { Shop } from './italian-insider.ts'
import { editEvents, openShop, reportOf } from './italian-insider.ts'

// The insider leaves every sum as it is and lowers the VAT: he moves amounts between rates and natura, and signs the
// journal with the machine's own key.

const SERIAL = '72IV6000001'
const TEA = { title: 'Tè', amount: '24.40' }
const BREAD = { title: 'Pane', amount: '24.40', rate: '0.04' }

function close({ register: { id, till } }: Pick<Shop, 'register'>): Promise<unknown> {
  return till.post(`/v1/registers/${id}/closings`, {})
}

async function sold({ register }: Shop, lines: Parameters<typeof movement>[2], more = {}): Promise<Operation> {
  const body = movement('sale', register, lines, more)
  const open = await register.till.create(body)
  return register.till.complete(open, [pay('card', String(body['total_amount']))])
}

/** Changes the text of each event of an operation, or of the closings. */
function edited(bench: Bench, op: string, change: (text: string) => string): Promise<void> {
  return editEvents(bench, (line) => line.op.startsWith(op), change)
}

function inLines(text: string, [from, to]: readonly [string, string], [tax, less]: readonly [string, string]): string {
  return text
    .replaceAll(`"rate":"${from}","tax_amount":"${tax}"`, to.replace('TAX', less))
    .replaceAll(`"tax_amount":"${tax}"`, `"tax_amount":"${less}"`)
}

async function told({ config: { state } }: Bench): Promise<unknown[]> {
  const { codes } = await verifyJournal(state)
  return codes.map((finding) => {
    if (!('facts' in finding)) return finding.code
    const { code, facts } = finding
    return [code, ...['z', 'document', 'rate', 'stated', 'counted', 'source'].map((name) => facts[name] ?? '')]
  })
}

function differs(document: string, rate: string, stated: string, counted: string, source = 'operazione'): string[] {
  return ['rt_rates_differ', '0142', document, rate, stated, counted, source]
}

test('a printed sale lowered from 22 to 4 % in the journal is not the one that the printer was asked for', () =>
  openShop(async (shop) => {
    const { bench, register, printer } = shop
    const { id } = await sell(register, '24.40')
    await sell(register, '2.00')
    await close(shop)
    await edited(bench, id, (text) =>
      text
        .replaceAll('"rate":"0.22"', '"rate":"0.04"')
        .replaceAll('"tax_amount":"4.40"', '"tax_amount":"0.94"')
        .replaceAll('"20.00"', '"23.46"'),
    )
    expect(await told(bench)).toEqual([
      differs('0142-0001', '22 %', '24.40', '0.00'),
      differs('0142-0001', '4 %', '0.00', '24.40'),
    ])
    const config = await configOf(bench, { devices: [printer.device()] })
    const verified = await fiskalEdge('journal', 'verify', '--config', config)
    expect(verified.code).toBe(1)
    expect(verified.out).toContain(
      `Printer ${SERIAL}, closing 0142: document 0142-0001 was asked for over 24.40 at 22 %, recorded is 0.00 (operazione). (rt_rates_differ)`,
    )
    const { code, report } = await reportOf(shop)
    expect(code).toBe(1)
    expect(report).toContain(
      `Stampante ${SERIAL}, chiusura 0142: il documento 0142-0001 è stato richiesto per 24,40 EUR al 22 %; è registrato 0,00 EUR (operazione). (rt_rates_differ)`,
    )
  }))

test.each(['N1', 'N2', 'N2.1', 'N4', 'N6', 'N7', 'VI'])('a printed sale cannot be made one of natura %s', (natura) =>
  openShop(async (shop) => {
    const { id } = await sell(shop.register, '24.40')
    await edited(shop.bench, id, (text) =>
      inLines(text, ['0.22', `"rate":"0","code":"${natura}","tax_amount":"TAX"`], ['4.40', '0.00']),
    )
    expect(await told(shop.bench)).toEqual([
      differs('0142-0001', '22 %', '24.40', '0.00'),
      differs('0142-0001', natura, '0.00', '24.40'),
    ])
  }),
)

test('goods cannot be made a voucher, nor a part of them a tip, in the journal', () =>
  openShop(async (shop) => {
    const { bench } = shop
    const first = await sold(shop, [TEA])
    const second = await sold(shop, [TEA])
    await edited(bench, first.id, (text) =>
      inLines(text, ['0.22', '"rate":"0","tax_amount":"TAX"'], ['4.40', '0.00']).replaceAll('"item"', '"gift_card"'),
    )
    await edited(bench, second.id, (text) =>
      text
        .replaceAll('"total_amount":"24.40","type":"item"', '"total_amount":"12.20","type":"item"')
        .replaceAll('"tax_amount":"4.40"', '"tax_amount":"2.20"')
        .replaceAll('"tip_amount":"0.00"', '"tip_amount":"12.20"'),
    )
    expect(await told(bench)).toEqual([
      differs('0142-0001', '22 %', '24.40', '0.00'),
      differs('0142-0001', 'gift_card', '0.00', '24.40'),
      differs('0142-0002', '22 %', '24.40', '12.20'),
      differs('0142-0002', 'MANCIA', '0.00', '12.20'),
    ])
  }))

test('two documents whose rates were exchanged are both found, though each sum of the closing is right', () =>
  openShop(async (shop) => {
    const { bench } = shop
    const first = await sold(shop, [TEA])
    const second = await sold(shop, [BREAD])
    await close(shop)
    await edited(bench, first.id, (text) =>
      inLines(text, ['0.22', '"rate":"0.04","tax_amount":"TAX"'], ['4.40', '0.94']),
    )
    await edited(bench, second.id, (text) =>
      inLines(text, ['0.04', '"rate":"0.22","tax_amount":"TAX"'], ['0.94', '4.40']),
    )
    expect(await told(bench)).toEqual([
      differs('0142-0001', '22 %', '24.40', '0.00'),
      differs('0142-0001', '4 %', '0.00', '24.40'),
      differs('0142-0002', '4 %', '24.40', '0.00'),
      differs('0142-0002', '22 %', '0.00', '24.40'),
    ])
  }))

test('a reso, an annullo and both sides of an exchange are compared rate by rate', () =>
  openShop(async (shop) => {
    const { bench, register } = shop
    const { till } = register
    const first = await sold(shop, [TEA, BREAD])
    const back = movement('return', register, [{ ...TEA, amount: '-24.40' }], { related_operation_id: first.id })
    const returned = await till.complete(await till.create(back), [pay('card', '-24.40')])
    const second = await sold(shop, [TEA])
    const voided = await till.create(event('void', register.id, { related_operation_id: second.id }))
    const lines = [
      { ...BREAD, amount: '-24.40' },
      { title: 'Teiera', amount: '30.00' },
    ]
    const exchange = movement('exchange', register, lines, { related_operation_id: first.id })
    const swapped = await till.complete(await till.create(exchange), [pay('card', '5.60')])
    await close(shop)
    expect(await told(bench)).toEqual([])
    const lowered = (text: string): string => text.replaceAll('"rate":"0.22"', '"rate":"0.1"')
    for (const { id } of [returned, voided, swapped]) await edited(bench, id, lowered)
    expect(await told(bench)).toEqual([
      differs('0142-0002', '22 %', '-24.40', '0.00'),
      differs('0142-0002', '10 %', '0.00', '-24.40'),
      differs('0142-0004', '22 %', '-24.40', '0.00'),
      differs('0142-0004', '10 %', '0.00', '-24.40'),
      differs('0142-0005, 0142-0006', '22 %', '30.00', '0.00'),
      differs('0142-0005, 0142-0006', '10 %', '0.00', '30.00'),
    ])
  }))

test('a tax that was lowered under its rate is not the tax within the amount', () =>
  openShop(async (shop) => {
    const { bench } = shop
    const [first, second] = [await sold(shop, [TEA]), await sold(shop, [TEA])]
    await edited(bench, first.id, (text) => text.replaceAll('"4.40"', '"0.94"').replaceAll('"20.00"', '"23.46"'))
    await edited(bench, second.id, (text) =>
      text.replaceAll('"tax_amount":"4.40","tip_amount"', '"tax_amount":"0.94","tip_amount"'),
    )
    expect(await told(bench)).toEqual([
      differs('0142-0001', '22 % (imposta)', '4.40', '0.94'),
      differs('0142-0002', 'totale (imposta)', '4.40', '0.94'),
    ])
  }))

/** A day of 24.40 at 22 % and at 4 %, and its chiusura; every event of the chiusura is edited. */
function closedDay(change: (text: string) => string, use: (shop: Shop) => Promise<void>): Promise<void> {
  return openShop(async (shop) => {
    await sold(shop, [TEA])
    await sold(shop, [BREAD])
    await close(shop)
    await edited(shop.bench, 'cls_', change)
    await use(shop)
  })
}

const ALL = '0142-0001 … 0142-0002'

test('VAT of a chiusura that was moved between rates is not that of its documents', () =>
  closedDay(
    (text) =>
      text
        .replaceAll('"amount":"24.40","name":"IVA 22 %"', '"amount":"4.40","name":"IVA 22 %"')
        .replaceAll('"amount":"24.40","name":"IVA 4 %"', '"amount":"44.40","name":"IVA 4 %"'),
    async (shop) => {
      expect(await told(shop.bench)).toEqual([
        differs(ALL, '22 %', '24.40', '4.40', 'chiusura'),
        differs(ALL, '4 %', '24.40', '44.40', 'chiusura'),
      ])
      const { code, report } = await reportOf(shop)
      expect(code).toBe(1)
      expect(report).toContain(
        `chiusura 0142: il documento ${ALL} è stato richiesto per 24,40 EUR al 22 %; è registrato 4,40 EUR (chiusura). (rt_rates_differ)`,
      )
    },
  ))

test('a rate of a chiusura cannot be made a natura or take the name of another rate', () =>
  closedDay(
    (text) => text.replaceAll('"name":"IVA 22 %","rate":"0.22"', '"name":"IVA 4 %","rate":"0.22"'),
    async ({ bench }) =>
      expect(await told(bench)).toEqual([
        differs(ALL, '22 %', '24.40', '0.00', 'chiusura'),
        differs(ALL, 'IVA 4 % (0.22)', '0.00', '24.40', 'chiusura'),
      ]),
  ))

test('a tax of a chiusura that was lowered is not the tax within the amount of its rate', () =>
  closedDay(
    (text) => text.replaceAll('"tax_amount":"4.40"', '"tax_amount":"0.94"'),
    async ({ bench }) =>
      expect(await told(bench)).toEqual([differs(ALL, '22 % (imposta)', '4.40', '0.94', 'chiusura')]),
  ))

test('a document keyed in at the printer does not hide rates that were moved in the chiusura', () =>
  openShop(async (shop) => {
    await sold(shop, [TEA, BREAD])
    shop.printer.simulator.keyInSale(100)
    await close(shop)
    await edited(shop.bench, 'cls_', (text) => text.replaceAll('"IVA 22 %","rate":"0.22"', '"IVA 10 %","rate":"0.1"'))
    expect(await told(shop.bench)).toEqual([
      expect.arrayContaining(['rt_document_by_hand']),
      differs(ALL, '22 %', '24.40', '0.00', 'chiusura'),
      differs(ALL, '10 %', '0.00', '24.40', 'chiusura'),
    ])
  }))

test('the sums of a Z that the printer made itself are compared, too', () =>
  openShop(async (shop) => {
    await sold(shop, [TEA, BREAD])
    shop.printer.simulator.closeByItself()
    await sold(shop, [TEA])
    await edited(shop.bench, 'cls_', (text) => text.replaceAll('"IVA 22 %","rate":"0.22"', '"N4"'))
    expect(await told(shop.bench)).toEqual([
      differs('0142-0001', '22 %', '24.40', '0.00', 'chiusura'),
      differs('0142-0001', 'N4', '0.00', '24.40', 'chiusura'),
    ])
  }))

/** A day of 24.40 on the default department of 22 % and on that of services. */
async function serviceDay(
  change: (text: string) => string,
  isHis: (op: string) => boolean,
  use: (shop: Shop) => Promise<void>,
): Promise<void> {
  await using printer = await PrinterBeside.open()
  const devices = [{ ...printer.device(), departments: { '0.22': 1, '0.22/servizi': 12 } }]
  await using bench = await printer.agent({ devices })
  const shop = { printer, bench, register: await italianTill(bench, '0.00') }
  await sold(shop, [TEA])
  await sold(shop, [{ ...TEA, more: { department: 'servizi' } }])
  await close(shop)
  expect(await told(bench)).toEqual([])
  await editEvents(bench, ({ op }) => isHis(op), change)
  await use(shop)
}

test('an operation cannot leave the department that its document has', () =>
  serviceDay(
    (text) => text.replaceAll('"department":"servizi",', ''),
    (op) => op.startsWith('op_'),
    async ({ bench }) =>
      expect(await told(bench)).toEqual([
        differs('0142-0002', '22 % servizi', '24.40', '0.00'),
        differs('0142-0002', '22 %', '0.00', '24.40'),
      ]),
  ))

test('a row of a chiusura cannot leave its department or take the name of another one', () =>
  serviceDay(
    (text) => text.replaceAll('"department":"servizi",', '"department":"merce",'),
    (op) => op.startsWith('cls_'),
    async ({ bench }) =>
      expect(await told(bench)).toEqual([
        differs(ALL, '22 % servizi', '24.40', '0.00', 'chiusura'),
        differs(ALL, 'IVA 22 % servizi (0.22)', '0.00', '24.40', 'chiusura'),
      ]),
  ))
