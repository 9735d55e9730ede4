import { describe, expect, test } from 'vitest'
import { planDocument, printable } from '../../../drivers/rt-rch/document-commands.ts'
import { defaultProfile } from '../../../drivers/rt-rch/profile.ts'
import { coffee, departments } from '../../contracts/printer-bench.ts'

const settings = { departments, profile: defaultProfile, serial: '72IV6000001' }

function plan(document: Parameters<typeof planDocument>[0]) {
  return planDocument(document, settings)
}

describe('the commands of an RCH document', () => {
  test('a sale: lines, reference, payments, end', () => {
    expect(plan(coffee({ reference: 'A1B2C3D4', texts: ['Cassa 2'], lotteryCode: 'ABCD1234' }))).toEqual({
      totalCents: 1250n,
      commands: [
        "=R1/$500/*2/(Caffe' in grani)",
        '=R2/$250/*1/(Acqua [0,5-l])',
        '="/?A/(Cassa 2)',
        '="/?A/(REF A1B2C3D4)',
        '="/?L/$1/(ABCD1234)',
        '=T4/$1250',
        '=c',
      ],
    })
  })

  test('adjustments follow their line, deductions the lines; both count in the total', () => {
    const { commands, totalCents } = plan(
      coffee({
        lines: [
          {
            vat: '0.22',
            unitPriceCents: 333n,
            quantity: '1.5',
            text: 'x',
            adjustments: [
              { kind: 'discount', amountCents: 100n, text: 'Buono' },
              { kind: 'surcharge', amountCents: 20n, text: '' },
            ],
          },
        ],
        deductions: [
          { reason: 'gift', vat: '0.22', amountCents: 10n, text: 'Omaggio' },
          { reason: 'advance', vat: '0.22', amountCents: 20n, text: '' },
          { reason: 'single_use_voucher', vat: '0.22', amountCents: 30n, text: '' },
        ],
        payments: [{ tender: 5, amountCents: 360n, count: 2 }],
      }),
    )
    expect(totalCents).toBe(500n - 100n + 20n - 60n)
    expect(commands.slice(0, 6)).toEqual([
      '=R1/$333/*1.5/(x)',
      '=V-/*100/(Buono)',
      '=V+/*20',
      '=R1/$10/&1/(Omaggio)',
      '=R1/$20/&2',
      '=R1/$30/&3',
    ])
    expect(commands).toContain('=T5/$360/&2')
  })

  test('a total of nothing is closed without an amount', () => {
    const line = { vat: '0.22', unitPriceCents: 100n, quantity: '1', text: 'x' }
    const gift = { reason: 'gift', vat: '0.22', amountCents: 100n, text: '' } as const
    const { commands } = plan(coffee({ lines: [line], deductions: [gift], payments: [] }))
    expect(commands.slice(-2)).toEqual(['=T1', '=c'])
  })

  test('returns and voids name closure, number, date and, of another printer, its serial', () => {
    const original = { z: 142, number: 1, date: '2026-09-14' }
    const { lines, payments, reference } = coffee()
    const back = { kind: 'return', reference, lines, payments, original } as const
    expect(plan(back).commands[0]).toBe('=r/&140926/[142/]1')
    expect(plan({ ...back, original: { ...original, serial: '72IV6000002' } }).commands[0]).toBe(
      '=r/&140926/[142/]1/(72IV6000002)',
    )
    expect(plan({ kind: 'void', original: { ...original, number: 2 } }).commands).toEqual(['=k/&140926/[142/]2'])
  })

  test.each([
    ['POS', '=r/&241126/[0/]0/(POS)'],
    ['VR', '=r/&241126/[0/]0/(VR)'],
    ['ND', '=r/&241126/[0/]0/(ND)'],
  ] as const)('a return on other evidence names that: %s', (evidence, command) => {
    const original = { evidence, date: '2026-11-24' }
    expect(plan({ ...coffee(), kind: 'return', original }).commands[0]).toBe(command)
  })

  test('"zeros" sends five characters of the serial number of the printer and zeros, and "none" refuses', () => {
    const back = { ...coffee(), kind: 'return', original: { evidence: 'POS', date: '2026-11-24' } } as const
    const as = (evidence: 'zeros' | 'none') =>
      planDocument(back, { ...settings, profile: { ...defaultProfile, evidence } })
    expect(as('zeros')).toMatchObject({ evidence: 'zeros' })
    expect(as('zeros').commands[0]).toBe('=r/&241126/[0/]0/(72IV6000000)')
    expect(() => as('none')).toThrow('profile.evidence')
  })

  test('a return names the customer before its payments', () => {
    const line = { vat: '0.22', unitPriceCents: 500n, quantity: '1', text: 'TAZZA' }
    const back = {
      kind: 'return',
      ...{ reference: 'A1B2C3D4', lines: [line], payments: [{ tender: 1, amountCents: 500n }] },
      original: { z: 7, number: 12, date: '2026-11-24', serial: '72IV6000009' },
    } as const
    expect(plan({ ...back, lotteryCode: 'ABCD1234' }).commands).toEqual([
      '=r/&241126/[7/]12/(72IV6000009)',
      '=R1/$500/*1/(TAZZA)',
      '="/?A/(REF A1B2C3D4)',
      '="/?L/$1/(ABCD1234)',
      '=T1/$500',
      '=c',
    ])
    const { commands } = plan({ ...back, customerTaxCode: '12345678903' })
    expect(commands.slice(3)).toEqual(['="/?C/(12345678903)', '=T1/$500', '=c'])
  })

  test('slips and cash', () => {
    expect(plan({ kind: 'non_fiscal', lines: ['a', 'b'] }).commands).toEqual(['=o', '="/(a)', '="/(b)', '=o'])
    expect(plan({ kind: 'cash', amountCents: 5000n }).commands).toEqual(['=e/$5000'])
    expect(plan({ kind: 'cash', amountCents: -1n }).commands).toEqual(['=p/$1'])
  })

  test('a text is never what the grammar would refuse', () => {
    expect(printable('Totale (IVA) 10/22 €', 36)).toBe('TOT. [IVA] 10-22 EUR')
    expect(printable('x'.repeat(50), 36)).toHaveLength(36)
    expect(printable('漢字 a\u0007', 36)).toBe('a')
  })

  test('a gap in the payments, a payment too many, a discount too large: refused', () => {
    const line = { vat: '0.22', unitPriceCents: 100n, quantity: '1', text: 'x' }
    const discount = { kind: 'discount', amountCents: 101n, text: '' } as const
    for (const changes of [
      { payments: [] },
      {
        payments: [
          { tender: 1, amountCents: 2000n },
          { tender: 1, amountCents: 1n },
        ],
      },
      {
        payments: [
          { tender: 4, amountCents: 1250n },
          { tender: 1, amountCents: 1n },
        ],
      },
      { lines: [{ ...line, adjustments: [discount] }] },
      { lines: [] },
      { reference: 'short' },
      { lotteryCode: 'ABCD1234', customerTaxCode: '12345678901' },
    ])
      expect(() => plan(coffee(changes))).toThrow(expect.objectContaining({ code: 'refused', effect: 'none' }))
  })
})
