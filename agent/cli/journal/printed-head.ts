import { InvalidArgumentError } from 'commander'
import { headText } from '../../journal/chain.ts'
import { storedHashes } from '../../journal/event-table.ts'
import { readJournal } from '../../journal/reader.ts'
import type { Finding } from '../checks/finding.ts'
import { failure, ok } from '../checks/finding.ts'

/** The journal head as Z reports and the audit report print it. */
export type PrintedHead = { readonly seq: number; readonly text: string }

const FORM = /^([1-9]\d{0,14}):([0-9a-f]{16})$/i
const CHECK = 'paper'
const REMEDY =
  'keep this disk as it is and the paper too; find out who changed the journal, or which backup was restored since'

/** Throws InvalidArgumentError. */
export function printedHead(text: string): PrintedHead {
  const [, seq] = FORM.exec(text.trim()) ?? []
  if (seq === undefined) throw new InvalidArgumentError('Expected SEQ:HEX16, as a Z report prints it after "Journal".')
  return { seq: Number(seq), text: text.trim().toLowerCase() }
}

/**
 * Compares the event on a paper with the journal of `state`: a person who can rewrite the journal cannot rewrite the
 * paper.
 */
export function printedFinding(state: string, { seq, text }: PrintedHead): Finding {
  const hash = readJournal(state, (db) => storedHashes(db)(seq))
  if (hash === undefined) return failure(CHECK, `event ${seq} does not exist in this journal (witness_ahead)`, REMEDY)
  const own = headText(seq, hash)
  if (own === text) return ok(CHECK, `event ${seq} is the one that was printed, and all events before it are`)
  return failure(CHECK, `event ${seq} differs: printed ${text}, the journal has ${own} (witness_differs)`, REMEDY)
}
