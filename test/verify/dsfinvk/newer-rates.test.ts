// @module-tag heavy
import { expect, test } from 'vitest'
import type { Bon, BonLine } from '../../../agent/laws/germany/dsfinvk/bon.ts'
import { ClosingVat } from '../../../agent/laws/germany/dsfinvk/closing-vat.ts'
import { cashPayments } from '../../../agent/laws/germany/dsfinvk/payments.ts'
import type { VatMeaning } from '../../../agent/laws/germany/vat.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { articleLine } from '../../laws/germany/dsfinvk/bakery.ts'
import { inDirectory, packageOf } from '../../laws/germany/dsfinvk/package.ts'
import type { Draft } from '../../laws/germany/dsfinvk/signer.ts'
import { closingOf, Signer, sourceOf } from '../../laws/germany/dsfinvk/signer.ts'

const DAY = '2027-02-01'
const IN_FORCE = [
  { key: 1, rate: '0.19', from: '2021-01-01' },
  { key: 2, rate: '0.07', from: '2021-01-01' },
  { key: 3, rate: '0.08', from: '2027-01-01' },
  { key: 4, rate: '0.055', from: '2007-01-01' },
] as const
const STAMPS: VatMeaning = { code: 'stamps', rate: '0.025', key: 1101, bucket: 2, description: 'Sammlermarken' }

type Sold = { lines: readonly BonLine[]; signed: string }

/** The findings and notes of a package that is refused by neither; the refusal of its writer if it is. */
async function checked(vat: ClosingVat, sold: readonly Sold[], day = DAY) {
  const signer = new Signer('EDGE-000123')
  const at = `${day}T08:00:00+01:00`
  const ms = Date.parse(at)
  const bons = sold.map(({ lines, signed }, index): Bon => {
    const cents = lines.flatMap((line) => line.vat).reduce((sum, share) => sum + share.cents, 0n)
    const payments = cashPayments(cents, 'EUR')
    const draft: Draft = { id: index + 1, type: 'Beleg', start: at, end: at, operator: { id: 'u7' }, lines, payments }
    return { ...draft, tse: signer.finish(signed, 'Kassenbeleg-V1', ms, ms) }
  })
  const facts = { number: 1, createdAt: `${day}T17:00:00+01:00`, vat }
  return inDirectory(async (directory) => {
    const notes: unknown[] = []
    const written = await packageOf(sourceOf(closingOf(facts, bons, [signer])), directory).catch(String)
    if (!written.endsWith('.zip')) return { refused: written, notes }
    const { findings } = await verifyDsfinvk(written, {
      onNote: (code, { key, rate }) => notes.push([code, key, rate]),
    })
    return { refused: findings.map(({ what }) => what).join('; '), notes }
  })
}

function coffee(key: number, text: string): Sold {
  return { lines: [articleLine('Kaffee', 'K', 1n, 1080n, key)], signed: `Beleg^${text}^10.80:Bar` }
}

test('a newer rate of a key is taken from the package, with a note', async () => {
  const sold = coffee(3, '0.00_0.00_10.80_0.00_0.00')
  expect(await checked(new ClosingVat(DAY, IN_FORCE), [sold])).toEqual({
    refused: '',
    notes: [['vat_rate_newer', 3, '8 %']],
  })
})

test('another rate is a fault on the day of the newest one, and a note from the day after it', async () => {
  const sold = coffee(3, '0.00_0.00_10.80_0.00_0.00')
  const vat = () => new ClosingVat(DAY, IN_FORCE)
  expect((await checked(vat(), [sold], '2025-01-01')).refused).toContain('is not the rate of key 3, 7.8 %')
  expect(await checked(vat(), [sold], '2025-01-02')).toMatchObject({
    refused: '',
    notes: [['vat_rate_newer', 3, '8 %']],
  })
})

test('a former rate without an official key is in the amount of its kind', async () => {
  const vat = new ClosingVat(DAY, IN_FORCE)
  const key = vat.keyOf({ rate: '0.078' }, []) ?? 0
  expect([key, vat.describe(key), vat.kindOf(key)]).toEqual([1780, 'Historischer Steuersatz 7,80 %', 3])
  expect((await checked(vat, [coffee(key, '0.00_0.00_10.80_0.00_0.00')])).refused).toBe('')
  expect((await checked(vat, [coffee(key, '0.00_10.80_0.00_0.00_0.00')])).refused).toContain('is not what the rows say')
})

test('a key of the company has one amount of the signed text, the same in each bon', async () => {
  const vat = new ClosingVat(DAY)
  const key = vat.keyOf(STAMPS, [STAMPS]) ?? 0
  expect([key, vat.describe(key)]).toEqual([1101, 'Sammlermarken'])
  const signed = coffee(key, '0.00_10.80_0.00_0.00_0.00')
  expect((await checked(vat, [signed, signed])).refused).toBe('')
  expect((await checked(vat, [signed, coffee(key, '10.80_0.00_0.00_0.00_0.00')])).refused).toContain(
    'is not what the rows say',
  )
})

test('a code of rate 0 is in the amount without VAT', async () => {
  for (const code of ['reverse_charge', 'margin_scheme_travel', 'small_business']) {
    const vat = new ClosingVat(DAY)
    const key = vat.keyOf({ rate: '0', code }, []) ?? 0
    expect((await checked(vat, [coffee(key, '0.00_0.00_0.00_0.00_10.80')])).refused, code).toBe('')
    expect((await checked(vat, [coffee(key, '10.80_0.00_0.00_0.00_0.00')])).refused, code).toContain('rows say')
  }
})

test('two meanings of one key in a closing get two keys', () => {
  const vat = new ClosingVat(DAY)
  expect(vat.keyOf(STAMPS, [STAMPS])).toBe(1101)
  const later = { ...STAMPS, rate: '0.03' }
  expect([vat.keyOf(later, [later]), vat.keyOf(STAMPS, [STAMPS]), vat.keyOf(later, [later])]).toEqual([
    1102, 1101, 1102,
  ])
})

test('a former rate whose official key is another kind has a key of the company', () => {
  const vat = new ClosingVat(DAY, [...IN_FORCE])
  const meaning = { rate: '0.09', key: 2, bucket: 2 } as const
  expect([vat.keyOf({ rate: '0.09' }, []), vat.keyOf({ rate: '0.09' }, [meaning])]).toEqual([33, 1900])
})
