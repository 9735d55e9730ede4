// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { matchPackages } from '../../agent/laws/germany/verify-together.ts'
import { audited } from '../cli/audited.ts'
import { Bench } from '../e2e/bench.ts'
import { CalendarClock } from '../e2e/calendar-clock.ts'
import type { Members } from '../e2e/client.ts'
import { elsewhere, event, trade } from '../e2e/goods.ts'
import { endShift } from '../e2e/shift.ts'
import { filesOf, inDirectory, zipOf } from '../laws/germany/dsfinvk/package.ts'

// The rate of a key is in vat.csv alone, and a package may have a rate that is newer than the program. The insider gives
// a key another one: what the closing and its bons recorded is in the journal.

const DAY = '2027-02-01'
const NEW_RATES = [
  { key: 3, rate: '0.08', from: '2027-01-01' },
  { key: 1, rate: '0.2', from: '2027-01-01' },
]
const STAMPS = { code: 'stamps', key: 1101, rate: '0.025', bucket: 2, description: 'Sammlermarken' }
const FILE = { kassensichv: { vatRates: NEW_RATES, vatKeys: [STAMPS] } }
const CODED = { taxes: [{ name: 'eigener Satz', rate: '0.025', tax_amount: '0.03', code: 'stamps' }] }

type Lines = Parameters<typeof trade>[2]

const SALE: Lines = [
  ['10.80', '0.08'],
  ['1.03', '0.025', CODED],
]

/** A closed day with a sale that is taken back and one that stays. */
async function closedDay(config: Members, lines: Lines): Promise<Bench> {
  const bench = await Bench.open({ clock: new CalendarClock(`${DAY}T10:00:00Z`), config })
  const register = await bench.till()
  const { id } = await trade(register, 'sale', lines)
  await register.till.create(event('void', register.id, { related_operation_id: id }))
  await trade(register, 'sale', lines)
  await endShift(register, DAY)
  return bench
}

/** A package with another rate of a key in vat.csv. */
async function edited(books: string, [key, rate]: readonly [key: string, rate: string], to: string): Promise<void> {
  const files = await filesOf(books)
  const lines = String(files.get('vat.csv'))
    .split('\r\n')
    .map((line) => {
      const cells = line.split(';')
      return cells[3] === key ? cells.with(4, rate).join(';') : line
    })
  await zipOf(new Map([...files, ['vat.csv', lines.join('\r\n')]]), to)
}

/** What differs between the journal and a package, and each edited one. */
async function findings(bench: Bench, edits: readonly (readonly [key: string, rate: string])[]) {
  return inDirectory(async (directory) => {
    const [books, spoiled, journal] = ['books.zip', 'spoiled.zip', 'journal.ndjson'].map((name) =>
      join(directory, name),
    ) as [string, string, string]
    await writeFile(books, await bench.exported('dsfinvk'))
    await writeFile(journal, await bench.exported('journal'))
    const verified = async (path: string) =>
      (await matchPackages(journal, [path], 'of')).findings.map(({ code, facts }) => {
        const { z, key, rate, recorded } = facts as Members
        return [code, z, key, rate, recorded]
      })
    const all = [await verified(books)]
    for (const edit of edits) {
      await edited(books, edit, spoiled)
      all.push(await verified(spoiled))
    }
    return all
  })
}

function gives(key: string, rate: string, recorded: string): readonly string[] {
  return ['package_rate_differs', '1', key, rate, recorded]
}

test('a rate in vat.csv that is not the one that its closing or its bons recorded is found', async () => {
  await using bench = await closedDay(FILE, SALE)
  expect(
    await findings(bench, [
      // A key without a bon, and one in use.
      ['1', '21,00'],
      ['3', '9,00'],
      ['1101', '0,00'],
      ['1101', '19,00'],
    ]),
  ).toEqual([
    [],
    [gives('1', '21 %', '20 %')],
    [gives('3', '9 %', '8 %')],
    [gives('1101', '0 %', '2.5 %')],
    [gives('1101', '19 %', '2.5 %')],
  ])
})

test('without rates of the file, a newer rate of a key in use must be that of a bon', async () => {
  await using bench = await closedDay({}, [['10.78', '0.078']])
  expect(
    await findings(bench, [
      ['3', '8,00'],
      // A newer program may have it.
      ['2', '8,00'],
    ]),
  ).toEqual([[], [gives('3', '8 %', '–')], []])
})

test('a closing whose file was lost has the rates of its bons, and those that came to be former ones', async () => {
  await using bench = await Bench.open({ clock: new CalendarClock(`${DAY}T10:00:00Z`), config: FILE })
  const register = await bench.till()
  await trade(register, 'sale', SALE)
  await trade(register, 'return', [['-10.78', '0.078']], elsewhere)
  await bench.restart(async () => void Object.assign(bench.config, { kassensichv: { vatRates: [], vatKeys: [] } }))
  await endShift(register, DAY)
  expect(await findings(bench, [['3', '9,00']])).toEqual([[], [gives('3', '9 %', '–')]])
})

test('the audit of an agent with rates of the file compares its package with them', async () => {
  await using bench = await closedDay(FILE, SALE)
  await inDirectory(async (directory) => {
    const { parts } = await audited(bench, directory)
    const { valid, findings: found } = parts.find(({ name }) => name === 'DSFinV-K / Journal') ?? {}
    expect([valid, found]).toEqual([true, []])
  })
})
