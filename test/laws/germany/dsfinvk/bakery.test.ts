// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { verifyDsfinvk } from '../../../../verify/dsfinvk/verify-package.ts'
import { bakeryDay } from './bakery.ts'
import { filesOf, packageOf } from './package.ts'
import { closingOf, Signer, sourceOf } from './signer.ts'

describe('the worked bakery day', () => {
  const signer = new Signer('EDGE-000123', 'brainpoolP384r1')
  let directory: string
  let path: string
  let files: Map<string, string>
  /** Records of a file without header and without the key that they all begin with. */
  const rows = (file: string): string[] => {
    const records = (files.get(file) ?? '').split('\r\n')
    expect(records.pop()).toBe('')
    return records.slice(1).map((record) => {
      const key = '"reg-abc123";"2026-03-02T17:05:02+01:00";1;'
      expect(record.startsWith(key)).toBe(true)
      return record.slice(key.length)
    })
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dsfinvk-'))
    const closing = closingOf({ number: 1, createdAt: '2026-03-02T17:05:02+01:00' }, bakeryDay(signer), [signer])
    path = await packageOf(sourceOf(closing), directory)
    files = await filesOf(path)
  })
  afterAll(() => rm(directory, { recursive: true }))

  test('verifies: every sum, processData and signature', async () => {
    expect(await verifyDsfinvk(path)).toMatchObject({ valid: true, closings: 1, bons: 6, signatures: 6, findings: [] })
  })

  test('master data are written once for the closing', () => {
    expect(rows('cashpointclosing.csv')).toEqual([
      ';"2.4";"1";"6";"Bäckerei Muster GmbH";"Hauptstraße 1";"10115";"Berlin";"DEU";"27/123/45678";"DE123456789";27,50;27,50',
    ])
    expect(rows('location.csv')).toEqual(['"Filiale Mitte";"Hauptstraße 1";"10115";"Berlin";"DEU";"DE123456789"'])
    expect(rows('cashregister.csv')).toEqual(['"Beispielkasse";"Edge 1";"EDGE-000123";"Edge Agent";"1.0.0";"EUR";"0"'])
    const vat = rows('vat.csv')
    expect(vat.slice(0, 2)).toEqual(['1;19,00;"Allgemeiner Steuersatz"', '2;7,00;"Ermäßigter Steuersatz"'])
    expect(vat.map((row) => row.split(';').slice(0, 2).join(';'))).toEqual([
      '1;19,00',
      '2;7,00',
      '3;7,80',
      '4;5,50',
      '5;0,00',
      '6;0,00',
    ])
    const { serial, publicKey, certificate } = signer.master
    expect(rows('tse.csv')).toEqual([
      `1;"${serial}";"ecdsa-plain-SHA384";"unixTime";"UTF-8";"${publicKey}";"${certificate.slice(0, 1000)}";` +
        (certificate.length > 1000 ? `"${certificate.slice(1000)}"` : ''),
    ])
  })

  test('the sums of the closing are those of its bons', () => {
    expect(rows('businesscases.csv')).toEqual([
      '"Anfangsbestand";;0;5;50,00000;50,00000;0,00000',
      '"Umsatz";;0;2;84,50000;78,98000;5,52000',
      '"Umsatz";;0;1;18,00000;15,13000;2,87000',
      '"Geldtransit";;0;5;-120,00000;-120,00000;0,00000',
      '"DifferenzSollIst";;0;5;-5,00000;-5,00000;0,00000',
    ])
    expect(rows('payment.csv')).toEqual(['"Bar";"Bargeld";27,50'])
    expect(rows('cash_per_currency.csv')).toEqual(['"EUR";27,50'])
  })

  test('every bon has its head, payment, lines and VAT', () => {
    const head = (id: number, start: string, end: string, total: string) =>
      `"${id}";${id};"Beleg";;;"0";"2026-03-02T${start}+01:00";"2026-03-02T${end}+01:00";"u7";"Erika Muster";${total};;;;;;;;;`
    expect(rows('transactions.csv')).toEqual([
      head(1, '08:00:00', '08:00:01', '50,00'),
      head(2, '08:14:00', '08:14:41', '4,50'),
      head(3, '10:30:00', '10:32:05', '98,00'),
      head(4, '12:00:00', '12:00:01', '-20,00'),
      head(5, '17:00:00', '17:00:01', '-5,00'),
      head(6, '17:05:00', '17:05:01', '-100,00'),
    ])
    expect(rows('datapayment.csv')).toEqual(
      ['50,00', '4,50', '98,00', '-20,00', '-5,00', '-100,00'].map(
        (amount, index) => `"${index + 1}";"Bar";"Bargeld";"EUR";;${amount}`,
      ),
    )
    expect(rows('lines.csv')).toEqual([
      '"1";"1";;"Anfangsbestand";;"Anfangsbestand";;;"0";0;;;;;;;;',
      '"2";"1";;"Roggenbrot";;"Umsatz";;;"0";0;"BROT-ROGGEN";;;;1,000;;;4,50000',
      '"3";"1";;"Kuchenplatte";;"Umsatz";;;"0";0;"PLATTE-K";;;;2,000;;;40,00000',
      '"3";"2";;"Kaffeekanne 2 l";;"Umsatz";;;"0";0;"KAFFEE-2L";;;;1,000;;;18,00000',
      '"4";"1";;"Abschöpfung Tresor";;"Geldtransit";;;"0";0;;;;;;;;',
      '"5";"1";;"Kassensturz: gezählt 127,50, Soll 132,50";;"DifferenzSollIst";;;"0";0;;;;;;;;',
      '"6";"1";;"Entnahme bei Sitzungsende";;"Geldtransit";;;"0";0;;;;;;;;',
    ])
    expect(rows('lines_vat.csv')).toEqual([
      '"1";"1";5;50,00000;;',
      '"2";"1";2;4,50000;;',
      '"3";"1";2;80,00000;;',
      '"3";"2";1;18,00000;;',
      '"4";"1";5;-20,00000;;',
      '"5";"1";5;-5,00000;;',
      '"6";"1";5;-100,00000;;',
    ])
    expect(rows('transactions_vat.csv')).toEqual([
      '"1";5;50,00000;50,00000;0,00000',
      '"2";2;4,50000;4,21000;0,29000',
      '"3";1;18,00000;15,13000;2,87000',
      '"3";2;80,00000;74,77000;5,23000',
      '"4";5;-20,00000;-20,00000;0,00000',
      '"5";5;-5,00000;-5,00000;0,00000',
      '"6";5;-100,00000;-100,00000;0,00000',
    ])
  })

  test('the TSE columns are the log times in UTC, the counters and the signed text', () => {
    const shown = rows('transactions_tse.csv').map((row) => row.replace(/"[A-Za-z0-9+/]{128}"/, '"<signature>"'))
    const row = (id: number, start: string, end: string, data: string) =>
      `"${id}";1;${id};"2026-03-02T${start}.000Z";"2026-03-02T${end}.000Z";"Kassenbeleg-V1";${2 * id};"<signature>";;"${data}"`
    expect(shown).toEqual([
      row(1, '07:00:00', '07:00:01', 'Beleg^0.00_0.00_0.00_0.00_50.00^50.00:Bar'),
      row(2, '07:14:00', '07:14:41', 'Beleg^0.00_4.50_0.00_0.00_0.00^4.50:Bar'),
      row(3, '09:30:00', '09:32:05', 'Beleg^18.00_80.00_0.00_0.00_0.00^98.00:Bar'),
      row(4, '11:00:00', '11:00:01', 'Beleg^0.00_0.00_0.00_0.00_-20.00^-20.00:Bar'),
      row(5, '16:00:00', '16:00:01', 'Beleg^0.00_0.00_0.00_0.00_-5.00^-5.00:Bar'),
      row(6, '16:05:00', '16:05:01', 'Beleg^0.00_0.00_0.00_0.00_-100.00^-100.00:Bar'),
    ])
  })

  test('files without rows have their header alone', () => {
    for (const file of ['slaves', 'pa', 'itemamounts', 'subitems', 'allocation_groups', 'references'])
      expect(rows(`${file}.csv`)).toEqual([])
  })
})

test.each([
  ['utcTime', { version: 2, timeFormat: 'utcTimeWithSeconds' }],
  ['utcTimeWithSeconds', { version: 2, timeFormat: 'utcTime' }],
  ['unixTime', { version: 3, timeFormat: 'unixTime' }],
] as const)(
  'a TSE that names %s and writes %j has signed nothing wrongly, and one bad signature is found',
  async (told, written) => {
    const directory = await mkdtemp(join(tmpdir(), 'dsfinvk-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const signer = new Signer('EDGE-000123', 'P-256', told, written)
    const bons = bakeryDay(signer)
    const at = { number: 1, createdAt: '2026-03-02T17:05:02+01:00' }
    const good = await packageOf(sourceOf(closingOf(at, bons, [signer])), directory)
    expect(await verifyDsfinvk(good)).toMatchObject({ valid: true, signatures: 6, findings: [] })
    const spoilt = bons.map((bon, index) =>
      index === 4 && bon.tse?.state === 'signed'
        ? { ...bon, tse: { ...bon.tse, counter: bon.tse.counter + 100 } }
        : bon,
    )
    await expect(packageOf(sourceOf(closingOf(at, spoilt, [signer])), directory)).rejects.toThrow(
      /bon 5, TSE_TA_SIG: the signature does not fit the columns \(§ 12.7\)$/,
    )
  },
)
