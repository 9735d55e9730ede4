// @module-tag heavy
import { expect, test } from 'vitest'
import type { Bon, BonLine } from '../../../agent/laws/germany/dsfinvk/bon.ts'
import { ClosingVat } from '../../../agent/laws/germany/dsfinvk/closing-vat.ts'
import { lostBon } from '../../../agent/laws/germany/dsfinvk/lost-bon.ts'
import { cashPayments } from '../../../agent/laws/germany/dsfinvk/payments.ts'
import { checkPackage } from '../../../agent/laws/germany/verify-files.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { articleLine } from '../../laws/germany/dsfinvk/bakery.ts'
import { inDirectory, packageOf } from '../../laws/germany/dsfinvk/package.ts'
import type { Draft } from '../../laws/germany/dsfinvk/signer.ts'
import { closingOf, Signer, sourceOf } from '../../laws/germany/dsfinvk/signer.ts'

const OPERATOR = { id: 'u7' }

type Made = { start: string; end?: string; lines: readonly BonLine[]; failed?: string; more?: Partial<Draft> }

/** The codes that a package of one closing has, and whether it is valid. */
async function finding(createdAt: string, { start, end = start, lines, failed, more }: Made) {
  const signer = new Signer('EDGE-000123')
  const cents = lines.flatMap(({ vat }) => vat).reduce((sum, share) => sum + share.cents, 0n)
  const draft: Draft = {
    ...{ id: 1, type: 'Beleg', start, end, operator: OPERATOR, lines, payments: cashPayments(cents, 'EUR') },
    ...more,
  }
  const bon: Bon =
    failed === undefined
      ? signer.sign(draft, Date.parse(start), Date.parse(end))
      : { ...draft, tse: { state: 'failed', reason: failed } }
  return inDirectory(async (directory) => {
    // The exporter hands over what only a rate contradicts.
    const path = await packageOf(sourceOf(closingOf({ number: 1, createdAt }, [bon], [signer])), directory)
    const codes: string[] = []
    const report = await verifyDsfinvk(path, { onNote: (code, { rate }) => void codes.push(`${code} ${rate}`) })
    const { valid, findings, codes: told = [] } = await checkPackage(path, {}, 'de')
    expect([report.findings, report.valid]).toEqual([[], valid])
    expect(told.filter(({ level }) => level === 'error')).toHaveLength(findings.length)
    return { valid, codes: codes.filter((code) => code.startsWith('tse_rate')), findings }
  })
}

const SOUND = { valid: true, codes: [], findings: [] }

function sold(key: number, cents = 1160n): BonLine[] {
  return [articleLine('Kaffee', 'KAFFEE', 1n, cents, key)]
}

function back(businessCase: BonLine['businessCase'], key: number, cents: bigint): BonLine {
  return { businessCase, text: 'zurück', vat: [{ key, cents }] }
}

test('a sale at a historical rate is found by its signed times, in the words of the report', async () => {
  const { valid, codes, findings } = await finding('2026-03-02T17:00:00+01:00', {
    start: '2026-03-02T08:00:00+01:00',
    lines: sold(21),
  })
  expect([valid, codes]).toEqual([false, ['tse_rate_implausible 16 %']])
  expect(findings).toEqual([
    'Kasse reg-abc123: Bon 1 vom 2026-03-02 08:00:00: 16 % galt damals nicht; die TSE hat nur die Summe abgesichert. (tse_rate_implausible)',
  ])
})

test('an ordinary sale of the last day of a rate, closed after midnight, has its historical key and is sound', async () => {
  const night = { start: '2020-12-31T23:00:00+01:00', end: '2020-12-31T23:10:00+01:00' }
  expect(await finding('2021-01-01T02:00:00+01:00', { ...night, lines: sold(21) })).toEqual(SOUND)
  const after = { start: '2021-01-01T23:59:00+01:00', end: '2021-01-01T23:59:30+01:00' }
  expect(await finding('2021-01-02T02:00:00+01:00', { ...after, lines: sold(21) })).toEqual(SOUND)
  const late = { start: '2021-01-02T00:01:00+01:00' }
  expect((await finding('2021-01-02T02:00:00+01:00', { ...late, lines: sold(21) })).valid).toBe(false)
})

test('a table of days has any rate of its days, and the key of the closing says nothing', async () => {
  const table = { start: '2020-06-28T20:00:00+02:00', end: '2020-07-03T20:00:00+02:00' }
  for (const key of [1, 2, 11, 12]) {
    expect(await finding('2020-07-03T22:00:00+02:00', { ...table, lines: sold(key) }), String(key)).toEqual(SOUND)
  }
  // 16 % is key 1 in the closing, and was not in force when the bon was made.
  const june = { start: '2020-06-10T20:00:00+02:00' }
  const { codes } = await finding('2020-07-03T22:00:00+02:00', { ...june, lines: sold(1) })
  expect(codes).toEqual(['tse_rate_implausible 16 %'])
})

test('goods that come back, a reversal, and what settles an earlier sale may have a former rate', async () => {
  const at = { start: '2026-03-02T08:00:00+01:00' }
  const created = '2026-03-02T17:00:00+01:00'
  expect(await finding(created, { ...at, lines: [articleLine('Kaffee', 'K', -1n, 1160n, 21)] })).toEqual(SOUND)
  expect(await finding(created, { ...at, lines: [back('Anzahlungsaufloesung', 21, 1160n)] })).toEqual(SOUND)
  const reference = { type: 'Transaktion', registerId: 'reg-other', closing: 1, bonId: '7', date: at.start } as const
  const more = { reversal: true, references: [reference] }
  expect(await finding(created, { ...at, lines: sold(21), more })).toEqual(SOUND)
  const exchange = [articleLine('Kaffee', 'K', -1n, 1160n, 21), ...sold(22, 1050n)]
  expect((await finding(created, { ...at, lines: exchange })).codes).toEqual(['tse_rate_implausible 5 %'])
})

test('a bon in an outage has its own times, unless its clock was suspect', async () => {
  const at = { start: '2026-03-02T08:00:00+01:00', lines: sold(21) }
  const created = '2026-03-02T17:00:00+01:00'
  const { codes, findings } = await finding(created, { ...at, failed: 'TSE ausgefallen: unavailable: away' })
  expect([codes, findings]).toEqual([
    ['tse_rate_implausible 16 %'],
    [expect.stringContaining('16 % galt damals nicht; keine TSE hat ihn abgesichert.')],
  ])
  const suspect = 'TSE ausgefallen, Uhrzeit nicht gesichert: clock_suspect: the clock went back'
  expect(await finding(created, { ...at, failed: suspect })).toEqual(SOUND)
  const moved = { note: 'op=op_1 Beginn laut Beleg 2024-01-01T00:00:00+01:00' }
  expect(await finding(created, { ...at, failed: 'TSE ausgefallen', more: moved })).toEqual(SOUND)
})

test('a lost sale that a closing takes over after a change of rates keeps the rate of the day when its TSE signed', () => {
  const log = (log_time: string) => ({ log_time, signature_counter: 4, signature: 's' })
  const told = {
    ...{ serial: 'aa', transaction: 2, process_type: 'Kassenbeleg-V1' },
    process_data: 'Beleg^11.60_10.50_0.00_0.00_0.00^22.10:Bar',
    ...{ started: log('2020-12-20T10:00:00Z'), finished: log('2020-12-20T10:01:00Z') },
  }
  const keysOn = (date: string): (number | undefined)[] => {
    const frame = {
      vat: new ClosingVat(date),
      leftCents: undefined,
      defaultOperator: 'POS',
      tseSerial: '',
      refer: () => undefined,
    }
    const { lines } = lostBon({ kind: 'lost', number: 3, told }, frame, () => ({ start: '', end: '' }))
    return lines.map(({ vat }) => vat[0]?.key)
  }
  expect(keysOn('2020-12-20')).toEqual([1, 2])
  expect(keysOn('2021-01-15')).toEqual([21, 22])
})
