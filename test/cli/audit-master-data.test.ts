// @module-tag heavy
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { masterDataPart } from '../../agent/cli/audit/master-data-part.ts'
import { MasterData } from '../../agent/journal/books/master-data.ts'
import { Bench, GERMAN_MERCHANT } from '../e2e/bench.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { audited, sellAndClose } from './audited.ts'

const EVER = [0, Number.MAX_SAFE_INTEGER] as const

test('an audit lists the changes of master data from the journal, with the reason of other tax numbers', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const [merchant] = await bench.office.list('/v1/merchants')
  const path = `/v1/merchants/${String(merchant?.['id'])}`
  await bench.office.patch(path, {
    legal_name: 'Neu; GmbH',
    fiscal_identities: [{ country_code: 'DEU', tax_number: '30/456/78901', vat_id: 'DE123456789' }],
    reason: 'new_office',
  })
  await sellAndClose(register)
  await bench.office.patch(path, { address: { ...GERMAN_MERCHANT.address, line1: '=1+1' } })
  await bench.office.patch(path, { metadata: { branch: 'north' }, legal_name: 'Neu; GmbH' })
  const terminals = [{ id: 'T1', serial_number: 'HG-1' }]
  await bench.office.patch(`/v1/registers/${register.id}`, { terminals })
  await bench.office.patch(`/v1/registers/${register.id}`, { terminals: [] })
  const { folder, parts } = await audited(bench, await temporaryDirectory())
  const [head = '', ...rows] = (await readFile(join(folder, 'stammdaten.csv'), 'utf8')).trimEnd().split('\n')
  expect(head).toBe('zeit;art;id;name;merkmal;vorher;nachher;grund;ereignis')
  const changed = rows.map((row) => row.split(';').slice(1, -1).join(';'))
  const id = path.slice('/v1/merchants/'.length)
  // What it began with is there, too.
  expect(changed).toContain(
    `Unternehmen;${id};${GERMAN_MERCHANT.legal_name};Steuernummern DEU tax_number;;27/123/45678;`,
  )
  expect(changed.slice(-5)).toEqual([
    `Unternehmen;${id};"Neu; GmbH";Steuernummern DEU tax_number;27/123/45678;30/456/78901;anderes Finanzamt`,
    `Unternehmen;${id};"Neu; GmbH";Name;${GERMAN_MERCHANT.legal_name};"Neu; GmbH";`,
    `Unternehmen;${id};"Neu; GmbH";Anschrift line1;Hauptstraße 1;'=1+1;`,
    ...[';HG-1;', 'HG-1;;'].map((values) => `Kasse;${register.id};Kasse;terminals T1 serial_number;${values}`),
  ])
  expect(rows.at(-1)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d;.*;\d+$/)
  const part = parts.find(({ name }) => name === 'Stammdaten')
  expect(part).toMatchObject({
    ...{ valid: true, note: true, summary: `${rows.length} Änderungen, jede einzeln: stammdaten.csv` },
    findings: [
      expect.stringMatching(
        /^\d{4}-\d\d-\d\d \d\d:\d\d Neu; GmbH: Steuernummern DEU tax_number 27\/123\/45678 → 30\/456\/78901 \(anderes Finanzamt\)$/,
      ),
    ],
  })
  expect(await readFile(join(folder, 'SHA256SUMS'), 'utf8')).toContain('  stammdaten.csv\n')
  expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toContain('(anderes Finanzamt)')
  // A range has its own changes alone.
  const before = await audited(bench, await temporaryDirectory(), '--to', '2026-01-01')
  expect(await readFile(join(before.folder, 'stammdaten.csv'), 'utf8')).toBe(`${head}\n`)
})

test('a correction is named when it is requested, and rates when a closing records them', () => {
  const data = new MasterData()
  const identities = (vat_id: string) => [{ country_code: 'AUT', vat_id }]
  const set = { legal_name: 'Edelweiß', fiscal_identities: identities('ATU12345678') }
  data.note({ seq: 2, op: 'merchant_1', atMs: 1000 }, { index: { kind: 'merchant' }, set })
  const pending = { shown: { fiscal_identities: identities('ATU87654321') }, until_closed: ['ses_1'] }
  data.note({ seq: 5, op: 'merchant_1', atMs: 2000 }, { own: { pending }, facts: { reason: 'correction' } })
  const closed = (vat_rates: readonly { key: number; rate: string }[]) => ({
    session: { id: 'ses_1', register: 'reg_1', own: { books: { vat_rates } } },
  })
  data.note({ seq: 6, op: 'op_1', atMs: 3000 }, closed([{ key: 1, rate: '0.19' }]))
  data.note({ seq: 7, op: 'merchant_1', atMs: 3000 }, { set: pending.shown, own: { pending: null } })
  data.note({ seq: 9, op: 'op_2', atMs: 4000 }, closed([{ key: 1, rate: '0.16' }]))
  data.note({ seq: 10, op: 'op_3', atMs: 5000 }, closed([{ key: 1, rate: '0.16' }]))
  const { part, csv } = masterDataPart(data, [1500, 4500], 'it')
  expect(part).toMatchObject({
    ...{ name: 'Dati anagrafici', note: true, summary: '3 modifiche, una per riga: dati-anagrafici.csv' },
    findings: ['1970-01-01 01:00 Edelweiß: codici fiscali AUT vat_id ATU12345678 → ATU87654321 (rettifica)'],
  })
  expect(csv.split('\n').slice(1)).toEqual([
    '1970-01-01T01:00:02;impresa;merchant_1;Edelweiß;codici fiscali AUT vat_id;ATU12345678;ATU87654321;rettifica;5',
    '1970-01-01T01:00:03;aliquote;vat_rates;;aliquote 1 rate;;0.19;;6',
    '1970-01-01T01:00:04;aliquote;vat_rates;;aliquote 1 rate;0.19;0.16;;9',
    '',
  ])
  // Its next change has no reason.
  data.note({ seq: 11, op: 'merchant_1', atMs: 6000 }, { set: { fiscal_identities: [] } })
  expect(data.changes.at(-1)).toMatchObject({ before: 'ATU87654321', after: '', reason: '' })
  expect(masterDataPart(new MasterData(), EVER, 'de').part).toEqual({
    ...{ name: 'Stammdaten', valid: true, findings: [], summary: '0 Änderungen, jede einzeln: stammdaten.csv' },
  })
})
