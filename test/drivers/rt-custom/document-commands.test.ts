import { describe, expect, test } from 'vitest'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import { planDocument, restAfter, restIn } from '../../../drivers/rt-custom/document-commands.ts'
import { profileWith } from '../../../drivers/rt-custom/profile.ts'
import { coffee, departments } from '../../contracts/printer-bench.ts'

function plan(document: RtDocument, profile = profileWith()) {
  return planDocument(document, { departments, profile, serial: '2CISF000001' })
}

/** Two coffees of 5.00 and a water of 2.50. */
const lines = ["3301100000200000115Caffe' in grani00000050001", '3301100000100000213Acqua (0,5/l)00000025002']

describe('the commands of a Custom document', () => {
  test('a sale: lines, lottery, subtotal, payments, reference, end', () => {
    const sale = coffee({ reference: 'A1B2C3D4', texts: ['Cassa 2'], lotteryCode: 'ABCD1234' })
    expect(plan(sale)).toEqual({
      totalCents: 1250n,
      commands: [...lines, '3019ABCD1234', '3003', '300703000001250', '301208#Cassa 2', '301213#REF A1B2C3D4', '3011'],
    })
  })

  test.each([
    ['POS', '7114R03POS241126'],
    ['VR', '7114R02VR241126'],
    ['ND', '7114R02ND241126'],
  ] as const)('a return on other evidence names that: %s', (evidence, command) => {
    const original = { evidence, date: '2026-11-24' }
    expect(plan({ ...coffee(), kind: 'return', original }).commands[0]).toBe(command)
  })

  test('a return names the customer: lottery before its payments, tax code as a line after them', () => {
    const original = { z: 142, number: 1, date: '2026-09-14' }
    const back = { ...coffee({ reference: 'A1B2C3D4' }), kind: 'return', original } as const
    expect(plan({ ...back, lotteryCode: 'ABCD1234' }).commands.slice(3, 5)).toEqual(['3019ABCD1234', '3003'])
    const { commands } = plan({ ...back, customerTaxCode: '12345678903' })
    expect(commands.slice(3)).toEqual([
      '3003',
      '300703000001250',
      '301217#C.F. 12345678903',
      '301213#REF A1B2C3D4',
      '3011',
    ])
  })

  test('goods that are given away in full are paid with 0,00: trailing lines follow a payment', () => {
    const adjustments = [{ kind: 'discount', amountCents: 1000n, text: 'Omaggio' }] as const
    const gift = { vat: '0.22', unitPriceCents: 500n, quantity: '2', text: 'Caffe', adjustments }
    const { commands, totalCents } = plan(coffee({ reference: 'A1B2C3D4', lines: [gift], payments: [] }))
    expect(totalCents).toBe(0n)
    expect(commands.slice(2)).toEqual(['3003', '300701000000000', '301213#REF A1B2C3D4', '3011'])
  })

  test('a preset of the shop is added to the usual ones', () => {
    const payments = [
      { tender: 10, amountCents: 500n },
      { tender: 1, amountCents: 750n },
    ]
    const { commands } = plan(coffee({ payments }), profileWith({ tenders: { 10: '20' } }))
    expect(commands.filter((command) => command.startsWith('3007'))).toEqual(['300720000000500', '300701000000750'])
  })

  test.each([
    ['own, where none is told', {}, '11', '2CISF000001'],
    ['of another printer', { serial: '72IV6000001' }, '11', '72IV6000001'],
  ])('the document that comes back is named with its matricola: %s', (_, told, length, serial) => {
    const original = { z: 142, number: 1, date: '2026-09-14', ...told }
    const { commands } = plan({ ...coffee(), kind: 'return', original })
    expect(commands[0]).toBe(`7114R${length}${serial}14092601420001`)
    expect(plan({ kind: 'void', original }).commands).toEqual([`7114A${length}${serial}14092601420001`])
  })
})

test('the amount left to pay, by the plan and by the printer', () => {
  const commands = ['3003', '300703000000250', '300701000002000', '3011']
  let rest = 1250n
  const planned = commands.map((command) => {
    rest = restAfter(command, rest)
    return rest
  })
  expect(planned).toEqual([1250n, 1000n, -1000n, -1000n])
  const told = ['000001250', '+000001000', '-000001000', '']
  expect(commands.map((command, index) => restIn(command, told[index] ?? ''))).toEqual([
    1250n,
    1000n,
    -1000n,
    undefined,
  ])
  expect(restIn('3003', '')).toBeUndefined()
  expect(restIn('300701000002000', '000001000')).toBeUndefined()
})
