import { describe, expect, test } from 'vitest'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import { CANCEL_COMMAND, planDocument } from '../../../drivers/rt-custom/document-commands.ts'
import { encodeFrame } from '../../../drivers/rt-custom/frame.ts'
import { defaultTimeouts, profileWith, replyMsOf } from '../../../drivers/rt-custom/profile.ts'
import { coffee, departments } from '../../contracts/printer-bench.ts'

function plan(document: RtDocument, profile = profileWith()) {
  return planDocument(document, { departments, profile, serial: '2CISF000001' })
}

function commandsOf(document: RtDocument, profile = profileWith()) {
  return plan(document, profile).steps.map(({ command }) => command)
}

/** Two coffees of 5.00 and a water of 2.50. */
const lines = ["3301100000200000115Caffe' in grani00000050000", '3301100000100000213Acqua (0,5/l)00000025000']
const marked = { ...coffee(), reference: 'A1B2C3D4' }
const END = ['3002113#REF A1B2C3D4', '1003', '3007030000000001250', '3011', '3013']
const original = { z: 142, number: 1, date: '2026-09-14' }

describe('the commands of a Custom document', () => {
  test('are those of the manual, to the check sum of their frames', () => {
    const checked = [
      ['1008', '46'],
      ['3301100000200000114CAFFE IN GRANI00000050000', '31'],
      ['3002113#REF A1B2C3D4', '47'],
      ['3010B1112345678903', '81'],
      ['301908ABCD1234', '22'],
      ['3007030000000001250', '78'],
      ['7101R014200011409269', '87'],
      ['7114R03POS241126', '77'],
      ['4003113ADDESTRAMENTO', '64'],
      ['7106D000005000', '56'],
    ] as const
    for (const [body, check] of checked)
      expect(encodeFrame({ counter: 1, body }).toString('latin1').slice(-3, -1)).toBe(check)
    expect(CANCEL_COMMAND).toBe('330180000000000000000000000000')
  })

  test('a sale: lottery, lines, texts, reference, total, payments, end, ejection', () => {
    const sale = { ...marked, texts: ['Cassa 2'], lotteryCode: 'ABCD1234' }
    expect(commandsOf(sale)).toEqual(['301908ABCD1234', ...lines, '3002108#Cassa 2', ...END])
    expect(plan(sale)).toMatchObject({
      opensAt: 1,
      steps: [
        {},
        {},
        {},
        {},
        {},
        { expects: { of: 'total', cents: 1250n } },
        { expects: { of: 'rest', cents: 0n } },
        {},
        {},
      ],
    })
  })

  test('a discount follows its line, without a separate rate', () => {
    const adjustments = [{ kind: 'discount', amountCents: 100n, text: 'SCONTO' }] as const
    const one = { vat: '0.22', unitPriceCents: 500n, quantity: '2', text: 'CAFFE IN GRANI', adjustments }
    const sale = { ...marked, lines: [one], payments: [{ tender: 4, amountCents: 900n }] }
    expect(commandsOf(sale).slice(0, 2)).toEqual([
      '3301100000200000114CAFFE IN GRANI00000050000',
      '3301300000000000106SCONTO00000010000',
    ])
  })

  test('a gift follows the line that it gives away, an advance comes last with the index of its rate', () => {
    const [given, kept] = coffee().lines
    const sale = {
      ...marked,
      lines: [given, kept].filter((line) => line !== undefined),
      deductions: [
        { reason: 'advance', vat: '0.10', amountCents: 50n, text: 'Acconto' },
        { reason: 'gift', vat: '0.22', amountCents: 1000n, text: 'Omaggio' },
      ],
      payments: [{ tender: 4, amountCents: 200n }],
    } as const
    expect(commandsOf(sale).slice(0, 4)).toEqual([
      lines[0],
      '3301G00000000000107Omaggio00000100000',
      lines[1],
      // The index follows: the printer is asked for it.
      '3301F00000000000207Acconto000000050',
    ])
    expect(plan(sale).steps[3]?.vat).toBe('0.10')
    const part = { ...sale, deductions: [{ ...sale.deductions[1], amountCents: 500n }] }
    expect(() => plan(part)).toThrow('whole lines only')
  })

  test.each([
    ['POS', '7114R03POS241126'],
    ['VR', '7114R02VR241126'],
    ['ND', '7114R02ND241126'],
  ] as const)('a return on other evidence names that: %s, and takes no lottery code', (evidence, command) => {
    const back = { ...marked, kind: 'return', original: { evidence, date: '2026-11-24' } } as const
    expect(commandsOf(back)).toEqual([command, ...lines, END[0], '1021', ...END.slice(1)])
    expect(() => plan({ ...back, lotteryCode: 'ABCD1234' })).toThrow('another printer only')
  })

  test('a return of a document of this printer is asked for, then opened, and is a return before it is paid', () => {
    const back = { ...marked, kind: 'return', original } as const
    const opening = ['7101R014200011409269', '7101R014200011409268']
    expect(commandsOf(back)).toEqual([...opening, ...lines, END[0], '1021', ...END.slice(1)])
    expect(commandsOf({ ...back, original: { ...original, serial: '2CISF000001' } })).toEqual(commandsOf(back))
  })

  test('a return of another printer names its serial and lottery code; either flag opens it', () => {
    const elsewhere = { z: 7, number: 12, date: '2026-11-24', serial: '2CISF000009' }
    const back = { ...marked, kind: 'return', original: elsewhere } as const
    expect(commandsOf(back)[0]).toBe('7101R000700122411268112CISF000009')
    expect(commandsOf({ ...back, lotteryCode: 'ABCD1234' })[0]).toBe('7101R000700122411268112CISF00000908ABCD1234')
    expect(plan(back).steps[0]?.expects).toMatchObject({ flags: '01' })
    expect(() => plan({ kind: 'void', original: elsewhere })).toThrow(
      expect.objectContaining({ code: 'document_unknown', effect: 'none' }),
    )
  })

  test('a void has no lines: it is asked for, opened, printed as a whole, and ejected', () => {
    expect(commandsOf({ kind: 'void', original })).toEqual([
      '7101A014200011409269',
      '7101A014200011409268',
      '7101A014200011409261',
      '1012',
      '3013',
    ])
  })

  test('a lost answer is noticed soon after a question, and late after a command that consolidates', () => {
    const waits = commandsOf({ kind: 'void', original }).map((command) => replyMsOf(command, defaultTimeouts))
    const { replyMs, printMs, longMs } = defaultTimeouts
    expect(waits).toEqual([replyMs, longMs, longMs, replyMs, printMs])
  })

  test('the tax code of a customer has its command, and its check digit is computed before anything is sent', () => {
    expect(commandsOf({ ...marked, customerTaxCode: '12345678903' })).toContain('3010B1112345678903')
    for (const customerTaxCode of ['12345678901', 'RSSMRA80A01H501A'])
      expect(() => plan({ ...marked, customerTaxCode })).toThrow('was expected')
  })

  test('goods that are given away in full are paid with 0,00', () => {
    const adjustments = [{ kind: 'discount', amountCents: 1000n, text: 'Omaggio' }] as const
    const gift = { vat: '0.22', unitPriceCents: 500n, quantity: '2', text: 'Caffe', adjustments }
    const steps = commandsOf({ ...marked, lines: [gift], payments: [] })
    expect(steps.slice(2)).toEqual([END[0], '1003', '3007010000000000000', '3011', '3013'])
  })

  test('tickets have their number and the sum, one if it is not said', () => {
    const payment = (count?: number) => ({ tender: 5, amountCents: 1250n, ...(count !== undefined && { count }) })
    expect(commandsOf({ ...marked, payments: [payment(5)] })).toContain('3007050500000001250')
    expect(commandsOf({ ...marked, payments: [payment()] })).toContain('3007050100000001250')
  })

  test('a preset of the shop is added to the usual ones', () => {
    const payments = [
      { tender: 10, amountCents: 500n },
      { tender: 1, amountCents: 750n },
    ]
    const steps = commandsOf({ ...marked, payments }, profileWith({ tenderCodes: { 10: '20' } }))
    expect(steps.filter((command) => command.startsWith('3007'))).toEqual([
      '3007200000000000500',
      '3007010000000000750',
    ])
  })

  test('texts have the lengths of their commands, and not the word TOTALE', () => {
    const text = 'Totale '.repeat(10)
    const sale = { ...marked, lines: [{ vat: '0.22', unitPriceCents: 1250n, quantity: '1', text }], texts: [text] }
    const [line = '', below = ''] = commandsOf(sale)
    expect(line.slice(17)).toMatch(/^44(TOT\. ){8}TOT\.000001250/)
    expect(below).toBe(`3002132#${'TOT. '.repeat(6)}T`)
    expect(commandsOf({ kind: 'non_fiscal', lines: [text] })).toEqual([
      '400110',
      `4003142${'TOT. '.repeat(8)}TO`,
      '4004',
    ])
  })
})
