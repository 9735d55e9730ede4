// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Line } from './insider.ts'
import { rewriteEvents, soldDay } from './insider.ts'

// Root lowers a sale, and adds an event by which a newer version wrote: this one judges nothing after it.

function lowered(lines: readonly Line[], sale: string): Line[] {
  const text = JSON.stringify(lines.filter(({ op }) => op === sale)).replaceAll('10.70', '1.07')
  const changed = JSON.parse(text) as Line[]
  return lines.map((line) => changed.find(({ seq }) => seq === line.seq) ?? line)
}

function claim(line: Line, boot: string): Line {
  const facts = { version: '90.0.0', schema: 5, oldest_safe_version: '0.1.0' }
  return { ...line, kind: 'program.changed', op: 'program', boot, body: { facts } }
}

test('a claim that a newer version wrote the journal makes it fail, and excuses no event before it', async () => {
  await using bench = await Bench.open({ edits: true })
  const { state } = bench.config
  const { id } = await soldDay(bench)
  await bench.stop()
  const errors = async () => (await verifyJournal(state)).codes.filter(({ level }) => level === 'error')
  expect(await errors()).toEqual([])
  const honest = (lines: readonly Line[]): Line => lines.at(-1) as Line
  await rewriteEvents(state, (lines) => [...lowered(lines, id), claim(honest(lines), randomUUID())])
  const before = await errors()
  expect(before.map(({ code }) => code)).toContain('bon_cash_differs')
  expect(before.at(-1)).toMatchObject({ code: 'version_too_old' })

  await rewriteEvents(state, (lines) => {
    const own = lines.filter(({ body }) => (body['facts'] as { version?: unknown })?.version !== '90.0.0')
    const [first, ...others] = own as [Line, ...Line[]]
    return [first, claim(first, first.boot), ...others]
  })
  const report = await verifyJournal(state)
  expect(report).toMatchObject({ valid: false, books: 'different' })
  expect(await errors()).toEqual([expect.objectContaining({ code: 'version_too_old', seq: 1 })])
})
