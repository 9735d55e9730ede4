// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Payment, Tender } from '../../../agent/contract/payment.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { closed, movement, traded } from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

const METHODS: Readonly<Record<Payment['method'], readonly Tender[] | 'any'>> = {
  cash: ['contanti'],
  card: ['elettronico'],
  mobile: ['elettronico'],
  online: ['elettronico'],
  digital_wallet: ['elettronico'],
  voucher: ['ticket', 'buono_celiachia', 'buono_multiuso'],
  gift_card: ['buono_multiuso'],
  bank_transfer: 'any',
  other: 'any',
  store_credit: 'any',
  on_account: ['non_riscosso_beni', 'non_riscosso_servizi', 'non_riscosso_fatture'],
  rounding: [],
}
/** As each printer gets 12.97 of the class, and the name of its row in a closing. */
const CLASSES: Readonly<Record<Tender, { rch: string; custom?: string; epson?: string; name: string }>> = {
  contanti: { rch: '=T1', custom: '0100', epson: '0" index="0', name: 'Contanti' },
  non_riscosso_beni: { rch: '=T2', custom: '0700', epson: '5" index="1', name: 'Non riscosso beni' },
  assegni: { rch: '=T3', custom: '0200', epson: '1" index="0', name: 'Assegni' },
  elettronico: { rch: '=T4', custom: '0300', epson: '2" index="1', name: 'Carte elettroniche' },
  ticket: { rch: '=T5', custom: '0501', epson: '3" index="1', name: 'Tickets' },
  non_riscosso_servizi: { rch: '=T6', custom: '5000', epson: '5" index="2', name: 'Non riscosso servizi' },
  non_riscosso_fatture: { rch: '=T7', custom: '5100', epson: '5" index="3', name: 'Non riscosso fatture' },
  non_riscosso_ssn: { rch: '=T8', custom: '5200', epson: '5" index="5', name: 'Non riscosso DCR SSN' },
  sconto_a_pagare: { rch: '=T9', custom: '5300', epson: '6" index="0', name: 'Sconto a pagare' },
  buono_multiuso: { rch: '=T10', epson: '6" index="1', name: 'Buoni multiuso' },
  buono_celiachia: { rch: '=T11', name: 'Buoni celiachia' },
}
const TENDERS = Object.keys(CLASSES) as Tender[]
/** Payments on account and a rounding have other rules, too. */
const MISMATCHES = Object.entries(METHODS)
  .filter(([method]) => method !== 'on_account' && method !== 'rounding')
  .flatMap(([method, classes]) => {
    const fits = (tender: Tender): boolean => (classes === 'any' ? tender !== 'contanti' : classes.includes(tender))
    return TENDERS.filter((tender) => !fits(tender)).map((tender) => [method, tender] as const)
  })
const REFUSED = { status: 422, fiscal_effect: 'none' }

function partOf(family: Trade['family'], tender: Tender): string | undefined {
  const { rch, custom, epson } = CLASSES[tender]
  if (family === 'rch') return `${rch}/$1297`
  if (family === 'custom') return custom && `3007${custom}00000001297`
  return epson && `payment="12,97" paymentType="${epson}"`
}

function openSale({ till, id }: Trade['register'], amount = '12.97', more: Members = {}) {
  return till.create(movement('sale', { id }, [{ title: 'ACQUA', amount, rate: '0.10' }], more))
}

/** The class with a method that it goes with. */
function paid(tender: Tender): Members {
  const methods: Partial<Record<Tender, string>> = { contanti: 'cash', elettronico: 'card', ticket: 'voucher' }
  return pay(methods[tender] ?? 'other', '12.97', { tender })
}

async function paymentsIn({ register }: Trade): Promise<unknown> {
  return ((await closed(register))['totals'] as Members)['payments']
}

describe.each(FAMILIES)('%s: the class that the till names', (family) => {
  test('is printed, in returns too, or refused before a byte is sent', () =>
    atPrinter(family, async (trade) => {
      const { register, documents, sent } = trade
      for (const tender of TENDERS) {
        const open = await openSale(register)
        const part = partOf(family, tender)
        const count = documents().length
        if (part === undefined) {
          expect(await register.till.refused(completion(open, [paid(tender)]))).toMatchObject({
            ...{ ...REFUSED, code: 'payment_method_not_supported' },
            message: expect.stringContaining(tender),
            details: { payment_index: 0, method: 'other', tender },
          })
          expect(documents()).toHaveLength(count)
          await register.till.complete(open, [pay('cash', '12.97')])
        } else {
          await register.till.complete(open, [paid(tender)])
          expect(sent().at(-1)).toContainEqual(expect.stringContaining(part))
        }
      }
      const [first] = trade.bench
        .journal()
        .flatMap(({ op, kind }) => (kind === 'operation.completion_requested' ? [op] : []))
      const body = movement('return', register, [{ title: 'ACQUA', amount: '-12.97', rate: '0.10' }], {
        related_operation_id: first,
      })
      await register.till.complete(await register.till.create(body), [pay('other', '-12.97', { tender: 'assegni' })])
      expect(sent().at(-1)).toContainEqual(expect.stringContaining(String(partOf(family, 'assegni'))))
      const rows = TENDERS.filter((tender) => partOf(family, tender) !== undefined).map((tender) => {
        const cash = tender === 'contanti' ? 1 + TENDERS.filter((each) => partOf(family, each) === undefined).length : 1
        const amount = tender === 'assegni' ? '0.00' : ((1297 * cash) / 100).toFixed(2)
        return { name: CLASSES[tender].name, amount }
      })
      expect(await paymentsIn(trade)).toEqual(rows.sort((one, other) => (one.name < other.name ? -1 : 1)))
      expect(await trade.findings()).toEqual([])
    }))
})

test('each class goes with its methods alone, and the operation can be completed otherwise', () =>
  atPrinter('rch', async (trade) => {
    const { register, documents } = trade
    const open = await openSale(register)
    const head = trade.bench.head()
    for (const [method, tender] of MISMATCHES) {
      const more = { tender, ...(method === 'gift_card' && { gift_card_id: 'GC-1' }) }
      expect(await register.till.refused(completion(open, [pay(method, '12.97', more)]))).toMatchObject({
        ...{ ...REFUSED, code: 'unprocessable_entity', details: { pointer: '/payments/0/tender' } },
      })
    }
    const odd = completion(open, [pay('other', '12.97', { tender: 'CARTA' })])
    expect(await register.till.refused(odd)).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(trade.bench.requestedSince(head)).toEqual([])
    expect(documents()).toEqual([])
    await register.till.complete(open, [pay('other', '2.97', { tender: 'assegni' }), pay('cash', '10.00')])
    expect(trade.sent()[0]).toEqual(expect.arrayContaining(['=T3/$297', '=T1/$1000']))
  }))

test('training and payments that are not counted have any class', () =>
  atPrinter('rch', async ({ register, documents }) => {
    const wrong = { tender: 'ticket' }
    await register.till.complete(await openSale(register, '5.00', { training: true }), [pay('card', '5.00', wrong)])
    const failed = pay('card', '5.00', { ...wrong, status: 'failed' })
    await register.till.complete(await openSale(register, '5.00'), [failed, pay('cash', '5.00')])
    expect(documents()).toHaveLength(1)
  }))

test('what both documents of an exchange come to passes in cash, the rest keeps its class', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const sold = await traded(register, 'sale', [{ title: 'TAZZA', amount: '20.00' }])
    const swap = [
      { title: 'TAZZA', amount: '-20.00' },
      { title: 'TEIERA', amount: '35.00' },
    ]
    const open = await register.till.create(movement('exchange', register, swap, { related_operation_id: sold.id }))
    await register.till.complete(open, [pay('other', '15.00', { tender: 'non_riscosso_servizi' })])
    const ends = trade.sent().map((parts) => parts.filter((part) => part.startsWith('=T')))
    expect(ends).toEqual([['=T1/$2000'], ['=T1/$2000'], ['=T6/$1500', '=T1/$2000']])
    const wrong = await traded(register, 'sale', [{ title: 'TAZZA', amount: '9.00' }])
    await register.till.create(event('void', register.id, { related_operation_id: wrong.id }))
    expect(await paymentsIn(trade)).toEqual([
      { name: 'Contanti', amount: '20.00' },
      { name: 'Non riscosso servizi', amount: '15.00' },
    ])
    expect(await trade.findings()).toEqual([])
  }))

test.each(FAMILIES)('%s: the number of a voucher that pays is a text of the document', (family) =>
  atPrinter(family, async (trade) => {
    const { register, documents, sent } = trade
    const voucher = { tender: family === 'custom' ? 'ticket' : 'buono_multiuso', gift_card_id: ' GC-7 ' }
    await register.till.complete(await openSale(register), [pay('voucher', '10.00', voucher), pay('cash', '2.97')])
    expect(documents()[0]?.lines).toContain('#BUONO GC-7')
    const parts = sent()[0] ?? []
    const at = (words: RegExp) => parts.findIndex((part) => words.test(part))
    expect(at(/BUONO GC-7/)).toBeLessThan(at(/^=T|^3007|printRecTotal/))
    expect(await trade.findings()).toEqual([])
  }),
)
