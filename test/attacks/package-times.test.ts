// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { filesOf, inDirectory, zipOf } from '../laws/germany/dsfinvk/package.ts'

// The insider hands out a package whose sums, numbers and signatures are right, and whose sales and closings bear other
// times. What a TSE signed is the end of a transaction; all else only the journal knows.

const TIME = /^"(\d{4}-[^"]+)"$/

/** A package with a time of one column moved. */
async function moved(books: string, file: string, column: string, seconds: number, to: string): Promise<void> {
  const files = await filesOf(books)
  const [head = '', ...lines] = String(files.get(file)).split('\r\n')
  const place = head.replaceAll('"', '').split(';').indexOf(column)
  const later = lines.map((line) => {
    const cells = line.split(';')
    const [, time = ''] = TIME.exec(cells[place] ?? '') ?? []
    if (time === '') return line
    const local = new Date(Date.parse(`${time.slice(0, 19)}Z`) + seconds * 1000).toISOString().slice(0, 19)
    return cells.map((cell, at) => (at === place ? `"${local}${time.slice(19)}"` : cell)).join(';')
  })
  await zipOf(new Map([...files, [file, [head, ...later].join('\r\n')]]), to)
}

test.for([
  ['transactions.csv', 'BON_START', -300, ['package_time_differs']],
  ['transactions.csv', 'BON_ENDE', 300, ['package_time_differs']],
  ['transactions_tse.csv', 'TSE_TA_START', -300, ['package_time_differs', 'bon_time_differs']],
  ['transactions.csv', 'BON_ENDE', 50, []],
  // A driver signs with a unit's clock that is up to a minute wrong, and both times drop their fraction.
  ['transactions_tse.csv', 'TSE_TA_START', -61, ['package_time_differs']],
  ['transactions_tse.csv', 'TSE_TA_START', -63, ['package_time_differs', 'bon_time_differs']],
] as const)('in %s %s that is moved by %d s is a note for each bon: %s', async ([file, column, seconds, codes]) => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sell(register, '3.00')
  await counted(register, '53.00')
  await register.till.create(closing(register, '0.00'))
  await inDirectory(async (directory) => {
    const [books, spoiled, journal] = ['books.zip', 'spoiled.zip', 'journal.ndjson'].map((name) =>
      join(directory, name),
    )
    await writeFile(String(books), await bench.exported('dsfinvk'))
    await writeFile(String(journal), await bench.exported('journal'))
    const codesOf = async (path: string | undefined): Promise<string[]> => {
      const { code, out } = await fiskalEdge('verify', String(path), String(journal), '--json')
      const verdicts = JSON.parse(out) as { valid: boolean; codes?: { code: string; facts: { column?: string } }[] }[]
      expect([code, verdicts.every(({ valid }) => valid)]).toEqual([0, true])
      const named = verdicts.flatMap(({ codes: all = [] }) => all)
      expect(named.every(({ facts }) => (facts.column ?? column) === column)).toBe(true)
      return [...new Set(named.map(({ code: one }) => one))].filter((one) => one !== 'bon_outside_closing').sort()
    }
    expect(await codesOf(books)).toEqual([])
    await moved(String(books), file, column, seconds, String(spoiled))
    expect(await codesOf(spoiled)).toEqual([...codes].sort())
  })
})
