// @module-tag heavy
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as writersVat from '../../../agent/laws/germany/dsfinvk/closing-vat.ts'
import { indexXml } from '../../../agent/laws/germany/dsfinvk/index-xml.ts'
import { PackageWriter } from '../../../agent/laws/germany/dsfinvk/package-writer.ts'
import type { Column } from '../../../agent/laws/germany/dsfinvk/tables.ts'
import * as writer from '../../../agent/laws/germany/dsfinvk/tables.ts'
import { zipArchive } from '../../../agent/laws/germany/dsfinvk/zip.ts'
import { Findings } from '../../../verify/dsfinvk/findings.ts'
import { checkDtd, checkIndex } from '../../../verify/dsfinvk/index-check.ts'
import { KEY_COLUMNS, TABLE_NAMES, TABLES } from '../../../verify/dsfinvk/tables.ts'
import { rateOf, STANDING_KEYS } from '../../../verify/dsfinvk/vat.ts'
import type { PackageReport } from '../../../verify/dsfinvk/verify-package.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { bakeryDay } from '../../laws/germany/dsfinvk/bakery.ts'
import { filesOf, inDirectory, packageOf, zipOf } from '../../laws/germany/dsfinvk/package.ts'
import { closingOf, Signer, sourceOf } from '../../laws/germany/dsfinvk/signer.ts'

/** A folder with the published index.xml and gdpdu-01-09-2004.dtd, if there is one. */
const OFFICIAL = process.env['DSFINVK_OFFICIAL'] ?? ''
const AT = { number: 1, createdAt: '2026-03-02T17:05:02+01:00' }
const SERIAL = 'TERMINAL_SERIENNR'

type Columns = Column[]

/** Changes one column of the writer. */
function changed(name: string, members: Partial<Column>): (columns: Columns) => void {
  return (columns) => {
    const column = columns.find((one) => one.name === name)
    if (column === undefined) throw new Error(`no column ${name}`)
    Object.assign(column, members)
  }
}

function swapped(columns: Columns): void {
  columns.splice(3, 2, ...columns.slice(3, 5).reverse())
}

function withoutLast(columns: Columns): void {
  columns.pop()
}

function withAnother(columns: Columns): void {
  const [model] = columns.slice(-1)
  if (model !== undefined) columns.push({ ...model, name: 'MEHR' })
}

/** The verdict on a package that the writer makes with a mistake in one of its tables. */
async function verdictWith(table: writer.TableName, spoil: (columns: Columns) => void): Promise<PackageReport> {
  const columns = writer.TABLES[table].columns as Columns
  const before = columns.map((column) => ({ ...column }))
  return inDirectory(async (directory) => {
    const signer = new Signer('EDGE-000123')
    const packages = new PackageWriter(directory)
    const portions: Uint8Array[] = []
    try {
      spoil(columns)
      packages.open()
      await packages.add(closingOf(AT, bakeryDay(signer), [signer]), undefined)
      for await (const portion of zipArchive((await packages.close()).files)) portions.push(portion)
      const path = join(directory, 'package.zip')
      await writeFile(path, Buffer.concat(portions))
      return await verifyDsfinvk(path)
    } finally {
      columns.splice(0, columns.length, ...before)
    }
  })
}

test('the writer’s tables equal the published ones, column by column', () => {
  const written = (columns: readonly Column[]) =>
    columns.map(({ name, description, kind, size, usualSize = size, mandatory }) => ({
      name,
      description,
      kind: kind === 'number' ? kind : 'text',
      size: Math.max(size, usualSize),
      mandatory,
    }))
  const published = (columns: (typeof TABLES)['slaves']['columns']) =>
    columns.map(({ formerSize, ...column }) => column)
  expect(writer.TABLE_NAMES).toEqual(TABLE_NAMES)
  expect(written(writer.KEY_COLUMNS)).toEqual(published(KEY_COLUMNS))
  for (const name of TABLE_NAMES) {
    const { url, name: logical, columns } = TABLES[name]
    expect({ url, name: logical }).toEqual({ url: writer.TABLES[name].url, name: writer.TABLES[name].name })
    expect(written([...writer.KEY_COLUMNS, ...writer.TABLES[name].columns])).toEqual(published(columns))
  }
  expect(TABLE_NAMES.reduce((sum, name) => sum + TABLES[name].columns.length, 0)).toBe(219)
})

test('the published index.xml and DTD pass the check', () => {
  const findings = new Findings()
  const index = join(OFFICIAL, 'index.xml')
  // The published files may not be redistributed: without them the writer's index.xml, which equals them, is checked.
  const isAtHand = OFFICIAL !== '' && existsSync(index)
  const text = isAtHand
    ? readFileSync(index, 'utf8').replace(/^\uFEFF/, '')
    : indexXml({ name: '', location: '', comment: '' }, 0)
  checkIndex(text, findings)
  if (isAtHand) checkDtd(readFileSync(join(OFFICIAL, 'gdpdu-01-09-2004.dtd'), 'latin1'), findings)
  expect(findings.first).toEqual([])
})

test('the writer’s tables as they are make a valid package', async () => {
  expect(await verdictWith('lines', () => undefined)).toMatchObject({ valid: true, bons: 6, signatures: 6 })
})

test.each<[string, writer.TableName, (columns: Columns) => void]>([
  ['two columns in the wrong order', 'lines', swapped],
  ['a column too few', 'transactions', withoutLast],
  ['a column too many', 'vat', withAnother],
  ['a wrong name', 'payment', changed('ZAHLART_NAME', { name: 'ZAHLART' })],
  ['a text that is too short', 'location', changed('LOC_ORT', { size: 4 })],
  ['a text that is too long', 'cashpointclosing', changed('NAME', { size: 600 })],
  ['text for a number', 'references', changed('REF_Z_NR', { kind: 'text' })],
  ['too many decimals', 'datapayment', changed('BASISWAEH_BETRAG', { size: 3 })],
  ['a wrong description', 'subitems', changed('ZI_GTIN', { description: 'EAN' })],
])('a package is invalid if the writer’s table has %s', async (_what, table, spoil) => {
  const { valid, findings } = await verdictWith(table, spoil)
  expect(valid).toBe(false)
  expect(findings.map(({ what }) => what).join('\n')).toContain(`table ${table}.csv`)
})

test('each VAT key has the same rate for the writer and the verifier, on each day around a change', () => {
  const days = [1983, 2007, 2020, 2021, 2022, 2023, 2024, 2025, 2026].flatMap((year) =>
    ['01-01', '06-30', '07-01', '12-05', '12-06', '12-31'].map((day) => `${year}-${day}`),
  )
  const keys = Array.from({ length: 1001 }, (_, key) => key)
  for (const day of days) {
    const vat = new writersVat.ClosingVat(day)
    expect(keys.map((key) => rateOf(key, day))).toEqual(keys.map((key) => vat.rateOf(key)))
  }
  expect(STANDING_KEYS).toEqual(writersVat.STANDING_KEYS)
})

test.each([
  ['the index.xml of version 2.2', 50, 50, true],
  ['the index.xml of version 2.4', 70, 70, true],
  ['a serial number longer than its index.xml allows', 50, 51, false],
  ['a length that no version has', 60, 50, false],
])('a package with %s gets the right verdict', async (_what, declared, characters, valid) => {
  await inDirectory(async (directory) => {
    const signer = new Signer('EDGE-000123')
    const files = await filesOf(await packageOf(sourceOf(closingOf(AT, bakeryDay(signer), [signer])), directory))
    const index = files.get('index.xml') ?? ''
    const at = index.indexOf('<MaxLength>', index.indexOf(SERIAL))
    files.set('index.xml', index.slice(0, at) + index.slice(at).replace('>50<', `>${declared}<`))
    const key = (files.get('location.csv') ?? '').split('\r\n')[1]?.split(';').slice(0, 3).join(';')
    files.set('slaves.csv', `${files.get('slaves.csv')}${key};"T1";;;"${'9'.repeat(characters)}";;\r\n`)
    const path = join(directory, 'changed.zip')
    await zipOf(files, path)
    const report = await verifyDsfinvk(path)
    expect(report.findings.map(({ column, what }) => column ?? what)).toEqual(
      valid ? [] : [declared === 60 ? expect.stringContaining(SERIAL) : SERIAL],
    )
  })
})
