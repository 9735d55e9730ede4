import { serveTask } from '../../../base/child/serve.ts'
import { writeDurably } from '../../../base/durable-file.ts'
import { formatCents } from '../../../base/money.ts'
import { readingView } from '../../journal/projections/view.ts'
import { openReadOnly } from '../../journal/reader.ts'
import type { SheetAnswer, SheetTask } from './pos-exports.ts'
import { PosSheet } from './pos-sheet.ts'

serveTask(write)

async function write({ directory, path, from, to }: SheetTask): Promise<SheetAnswer> {
  const db = openReadOnly(directory)
  try {
    const sheet = new PosSheet(readingView(db), { from, to })
    const { lines, operations, totals } = sheet
    const written = await writeDurably(path, lines, 0o600)
    const { pos, rt } = totals
    const sums = { pos: formatCents(pos), rt: formatCents(rt), differenza: formatCents(pos - rt) }
    return { operations, lines: lines.length - 1, ...sums, ...written }
  } finally {
    db.close()
  }
}
