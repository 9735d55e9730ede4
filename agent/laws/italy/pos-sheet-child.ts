import { rmSync } from 'node:fs'
import { writeDurably } from '../../../base/durable-file.ts'
import { formatCents } from '../../../base/money.ts'
import { headSeq } from '../../journal/event-table.ts'
import { readingView } from '../../journal/projections/view.ts'
import { openReadOnly } from '../../journal/reader.ts'
import type { SheetAnswer, SheetTask } from './pos-exports.ts'
import { differenceOf, PosSheet } from './pos-sheet.ts'

let half: string | undefined

/** Removes the unfinished sheet. */
export function orphaned(): void {
  if (half !== undefined) rmSync(half, { force: true })
}

export async function work({ directory, path, from, to }: SheetTask): Promise<SheetAnswer> {
  half = `${path}.tmp`
  const db = openReadOnly(directory)
  try {
    const sheet = new PosSheet(readingView(db), { from, to }, headSeq(db))
    const { lines, operations, totals } = sheet
    const written = await writeDurably(path, lines, 0o600)
    const { pos, rt, piattaforma } = totals
    const sums = {
      ...{ pos: formatCents(pos), rt: formatCents(rt), piattaforma: formatCents(piattaforma) },
      differenza: formatCents(differenceOf(totals)),
    }
    return { operations, lines: lines.length - 1, ...sums, ...written }
  } finally {
    db.close()
  }
}
