import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { describeFinding } from '../../../verify/dsfinvk/finding.ts'
import { rowsOf } from '../../../verify/dsfinvk/rows.ts'
import type { TableName } from '../../../verify/dsfinvk/tables.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { today } from '../../today.ts'
import { Bench, GERMAN_LOCATION, GERMAN_MERCHANT } from '../bench.ts'
import type { Client } from '../client.ts'
import type { Block, Section } from '../documented-page.ts'
import { compareReceipt, playExample, sectionsOf } from '../documented-page.ts'
import { event } from '../goods.ts'

const PAGE = new URL('../../../docs/germany.md', import.meta.url)
type Row = Readonly<Record<string, string>>

/** The sections of docs/germany.md that have examples. */
export function documentedSections(): Promise<Section[]> {
  return sectionsOf(PAGE)
}

/**
 * Plays the examples of a section at registers whose sessions have 100.00 in the drawer: each answer has the members that
 * the page shows. Then the shifts end, the package verifies, and its rows and the receipts are those of the page.
 */
export async function playSection({ blocks }: Section): Promise<void> {
  await using bench = await Bench.open()
  const { office } = bench
  const all = JSON.stringify(blocks)
  const registers = ['register-1', 'register-2'].filter((key) => key === 'register-1' || all.includes(`key:${key}`))
  await openShop(bench, registers)
  const of = (language: string): readonly Block[] => blocks.filter((block) => block.language === language)
  for (const block of of('http')) await playExample(block, office)
  for (const { about, content } of of('text')) await compareReceipt(office, about, content)
  for (const key of registers) await endShift(office, key)
  await compareBooks(bench, of('csv'))
}

async function openShop({ office }: Bench, registers: readonly string[]): Promise<void> {
  await office.call({ path: '/v1/merchants', body: GERMAN_MERCHANT, key: 'merchant-1' })
  await office.call({ path: '/v1/locations', body: GERMAN_LOCATION, key: 'location-1' })
  for (const key of registers) {
    await office.call({ path: '/v1/registers', body: { location_id: 'key:location-1', name: key }, key })
    await office.post(`/v1/registers/key:${key}/fiscalize`, {}, 202)
    await office.create(event('session_open', `key:${key}`, { opening_balance_amount: '100.00' }))
  }
}

async function endShift(office: Client, key: string): Promise<void> {
  const session = await office.call({ path: `/v1/registers/key:${key}/session` })
  if (session.json['state'] !== 'open') return
  const { expected_closing_amount: amount } = session.json
  await office.create(event('session_cash_count', `key:${key}`, { counted_closing_amount: amount }))
  await office.create(event('session_close', `key:${key}`, { business_date: today() }))
}

/** `about` is a file, and the key of an operation if only its rows are meant; the first line names the columns. */
async function compareBooks(bench: Bench, blocks: readonly Block[]): Promise<void> {
  await inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, await bench.exported('dsfinvk'))
    expect((await verifyDsfinvk(file)).findings.map(describeFinding)).toEqual([])
    const rows = async (name: string): Promise<Row[]> => {
      const found: Row[] = []
      for await (const row of rowsOf(file, name as TableName)) found.push(row)
      return found
    }
    const bons = await rows('transactions')
    for (const { about, content } of blocks) {
      const [name = '', key] = about.split(' ')
      const [columns = [], ...shown] = content
        .trim()
        .split('\n')
        .map((line) => line.split(';'))
      const bon = key === undefined ? undefined : bonOf(bons, (await bench.office.read(key)).id)
      const found = (await rows(name.replace('.csv', ''))).filter((row) => bon === undefined || isOf(row, bon))
      expect(
        found.map((row) => columns.map((column) => row[column])),
        about,
      ).toEqual(shown)
    }
  })
}

function bonOf(bons: readonly Row[], operation: string): Row {
  const bon = bons.find((row) => row['BON_NOTIZ']?.split(' ').includes(`op=${operation}`))
  if (bon === undefined) throw new Error(`the package has no bon of ${operation}`)
  return bon
}

function isOf(row: Row, bon: Row): boolean {
  return row['BON_ID'] === bon['BON_ID'] && row['Z_KASSE_ID'] === bon['Z_KASSE_ID']
}
