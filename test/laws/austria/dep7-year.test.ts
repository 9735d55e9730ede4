// @module-tag heavy
import { createSecretKey, randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { verified, written } from './dep7-files.ts'
import type { SoftUnit } from './year.ts'
import { certificatesOf, SoftTill, sellForAYear, softUnit } from './year.ts'

describe('a year at one register', () => {
  const yearKey = createSecretKey(randomBytes(32))
  let units: SoftUnit[]
  let till: SoftTill

  beforeAll(() => {
    units = [softUnit(), softUnit()]
    const [first, second] = units
    if (!first || !second) throw new Error('two units were expected')
    till = new SoftTill('WIEN-1', yearKey, first)
    sellForAYear(till, second, 20_260)
  })

  const dep = () =>
    written(
      till.receipts.map((receipt) => receipt.jws),
      certificatesOf(units),
    )

  test('verifies: chain, signatures, counter, times and outages', async () => {
    const report = await verified(await dep(), { aesKey: yearKey, now: '2027-01-05T00:00:00' })
    expect(report.findings).toEqual([])
    const failed = till.receipts.filter((receipt) => receipt.failed).length
    expect(failed).toBeGreaterThan(30)
    expect(report).toMatchObject({
      valid: true,
      receipts: till.receipts.length,
      groups: 2,
      outageReceipts: failed,
      signaturesVerified: till.receipts.length - failed,
      turnoverCents: till.state.turnoverCents,
    })
  })

  test('has every special receipt at its due point', () => {
    const special = till.receipts.filter(({ kind }) => !['standard', 'void', 'training'].includes(kind))
    expect(special.map(({ kind, stamp }) => `${stamp.slice(0, 10)} ${kind}`)).toEqual([
      '2026-01-02 start',
      '2026-02-01 monthly',
      '2026-03-02 monthly',
      '2026-04-01 monthly',
      '2026-04-20 zero',
      '2026-05-01 monthly',
      '2026-06-01 monthly',
      '2026-06-16 collective',
      '2026-07-01 monthly',
      '2026-07-31 monthly',
      '2026-09-03 collective',
      '2026-09-03 monthly',
      '2026-10-01 monthly',
      '2026-12-01 monthly',
      '2027-01-01 annual',
      '2027-01-04 final',
    ])
  })

  test('takes no receipt after the Schlussbeleg', () => {
    expect(() => till.make(Date.parse('2027-01-05T09:00:00Z'), 'standard')).toThrowError(/Schlussbeleg/)
  })
})
