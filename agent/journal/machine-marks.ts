import { createHmac } from 'node:crypto'

/**
 * The machine of a state, as the journal keeps it: keyed hashes, base64url, from which no one without `seal.key` learns
 * a number. `key` marks that key: hashes under another one cannot be compared. Unreadable numbers are left out.
 */
export type MachineMarks = {
  readonly key: string
  /** The hash of the machine-id. */
  readonly id?: string
  /** The hashes of the board, the disks under the state, and the network ports. */
  readonly parts?: readonly string[]
}

/** The machine-id, and the numbers of the parts, each after its kind. */
type Numbers = { readonly id: string | undefined; readonly parts: readonly string[] }

const MARK_BYTES = 16

/** Undefined if the machine has no readable number. */
export function marksOf({ id, parts }: Numbers, key: Uint8Array): MachineMarks | undefined {
  if (id === undefined && parts.length === 0) return undefined
  const mark = (text: string): string =>
    createHmac('sha256', key).update(text).digest().subarray(0, MARK_BYTES).toString('base64url')
  return {
    key: mark('key'),
    ...(id !== undefined && { id: mark(`id ${id}`) }),
    ...(parts.length > 0 && { parts: parts.map(mark).sort() }),
  }
}

/**
 * Another machine-id; or the same one, or none, and parts on both sides that have nothing in common. So a new board, a
 * disk copied to a larger one and a moved virtual machine are the same machine.
 */
export function isOtherMachine(journalMarks: MachineMarks | undefined, present: MachineMarks | undefined): boolean {
  if (journalMarks === undefined || present === undefined || journalMarks.key !== present.key) return false
  if (journalMarks.id !== undefined && present.id !== undefined && journalMarks.id !== present.id) return true
  const [before = [], now = []] = [journalMarks.parts, present.parts]
  return before.length > 0 && now.length > 0 && !now.some((part) => before.includes(part))
}

/**
 * The marks to keep of the same machine, if it has any that are not known: parts are exchanged one after the other, and
 * each exchange leaves others by which it is recognised. Undefined if all are known.
 */
export function newMarks(
  journalMarks: MachineMarks | undefined,
  present: MachineMarks | undefined,
): MachineMarks | undefined {
  if (present === undefined) return undefined
  if (journalMarks?.key !== present.key) return present
  const before = journalMarks.parts ?? []
  const isKnown = (present.parts ?? []).every((part) => before.includes(part))
  if (isKnown && (present.id === undefined || present.id === journalMarks.id)) return undefined
  // A number that cannot be read today is kept: the machine-id may be on a disk that is not mounted yet.
  return { ...journalMarks, ...present }
}
