import { createReadStream } from 'node:fs'
import type { StoredEvent } from '../../journal/events.ts'
import { beginning, isBackup } from '../files/beginning.ts'

/** An event as a journal, an export of one or a backup has it; `seq` in the numbers of the journal. */
export type ReadEvent = Pick<StoredEvent, 'seq' | 'kind' | 'op' | 'at' | 'body'>

/** Which events: of a document, of all documents with a prefix, of kinds from a number on, or with a text in the body. */
export type Wanted =
  | { readonly op: string }
  | { readonly prefix: string }
  | { readonly kinds: readonly string[]; readonly from: number }
  | { readonly text: string }

/** The events that are wanted, in their order. */
export type EventSource = (wanted: Wanted) => Promise<ReadEvent[]>

/** Runs a task on the journal of a state directory, which an agent may write at the same time. */
export async function withJournal<Result>(
  state: string,
  read: (source: EventSource) => Promise<Result>,
): Promise<Result> {
  const { withReadableState } = await import('../../journal/read-only-disk.ts')
  const { readJournal } = await import('../../journal/reader.ts')
  return await withReadableState(state, (readable) =>
    read(async (wanted) => {
      const { where, values } = conditionOf(wanted)
      const statement = `SELECT seq, kind, op, at, body FROM event WHERE ${where} ORDER BY seq`
      return readJournal(readable, (db) => db.prepare<(string | number)[], ReadEvent>(statement).all(...values))
    }),
  )
}

function conditionOf(wanted: Wanted): { where: string; values: (string | number)[] } {
  if ('op' in wanted) return { where: "op = ? AND op <> ''", values: [wanted.op] }
  if ('prefix' in wanted)
    return { where: "op >= ? AND op < ? || char(1114111) AND op <> ''", values: [wanted.prefix, wanted.prefix] }
  if ('text' in wanted) return { where: 'instr(body, ?)', values: [wanted.text] }
  const { kinds, from } = wanted
  const marks = kinds.map(() => '?').join(', ')
  return { where: `seq >= ? AND kind IN (${marks})`, values: [from, ...kinds] }
}

/** The events of a backup or of a journal export: the file is read once for each question. */
export function fileSource(file: string): EventSource {
  return async (wanted) => {
    const { eventsIn } = await import('../../journal/verify/chains.ts')
    const { lines, before } = await linesOf(file)
    const found: ReadEvent[] = []
    for await (const { seq, kind, op, at, body } of eventsIn(lines)) {
      const event = { seq: seq + before, kind, op, at, body }
      if (isWanted(wanted, event)) found.push(event)
    }
    return found
  }
}

function isWanted(wanted: Wanted, { seq, kind, op, body }: ReadEvent): boolean {
  if ('op' in wanted) return op === wanted.op
  if ('prefix' in wanted) return op.startsWith(wanted.prefix)
  if ('text' in wanted) return body.includes(wanted.text)
  return seq >= wanted.from && wanted.kinds.includes(kind)
}

/** `before`: how many events of the journal come before those of the file. */
type Lines = { readonly lines: AsyncIterable<Uint8Array>; readonly before: number }

/**
 * Throws RefillError for a file that is neither a backup nor an export, and for a backup that is cut or changed, after
 * its last line.
 */
async function linesOf(file: string): Promise<Lines> {
  const begin = await beginning(file)
  if (isBackup(begin)) return { lines: backupLines(file), before: 0 }
  const first = /^\{"t":"batch".*?"epoch":(\d+),"first":(\d+),/.exec(begin.toString())
  if (first === null) {
    const { RefillError } = await import('../../journal/refill.ts')
    throw new RefillError('backup_damaged', `${file} is neither a backup nor an export of a journal.`)
  }
  // An export may begin anywhere. A later epoch counts from its own beginning, and does not say where that is.
  const [, epoch, number] = first
  return { lines: createReadStream(file), before: epoch === '1' ? Number(number) - 1 : 0 }
}

async function* backupLines(file: string): AsyncGenerator<Uint8Array> {
  const { readBackup } = await import('../../backup/format.ts')
  for await (const line of readBackup(file)) if (line.t === 'ev') yield Buffer.from(`${JSON.stringify(line)}\n`)
}
