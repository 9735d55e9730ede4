import type { Database } from 'better-sqlite3'
import type { EpochCause } from './event-facts.ts'
import type { NewEvent } from './events.ts'
import { factsOf } from './events.ts'
import type { MachineMarks } from './machine-marks.ts'
import { isOtherMachine } from './machine-marks.ts'

/** The machine to which the journal belongs, and the event that names it. */
export type KnownMachine = { readonly seq: number; readonly marks: MachineMarks }

const NOTED = { kind: 'machine.noted', op: 'machine' } as const
/** A task that asks whether this is the shop's machine; the event that names the known one follows. */
export const MACHINE_TASK = 'machine-'

/** Undefined if no event has marks: an older program wrote them all, or nothing of the machine could be read. */
export function knownMachine(db: Database): KnownMachine | undefined {
  const events = db.prepare<[string, string, string], { seq: number; kind: string; body: string }>(
    `SELECT seq, kind, body FROM event WHERE seq IN (
       SELECT seq FROM chain_start
       UNION ALL SELECT seq FROM event WHERE op = ? AND op <> ''
       UNION ALL SELECT seq FROM event WHERE op >= ? AND op < ? || char(1114111) AND op <> '')
     ORDER BY seq DESC`,
  )
  const task = `confirmation_${MACHINE_TASK}`
  for (const event of events.iterate(NOTED.op, task, task)) {
    const marks = factsOf(event, 'journal.opened', NOTED.kind, 'duty.confirmed')?.machine
    if (marks !== undefined) return { seq: event.seq, marks }
  }
  return undefined
}

/** The event that keeps these marks. */
export function machineNoted(machine: MachineMarks): NewEvent {
  return { ...NOTED, body: { facts: { machine } } }
}

/** The marks for a new epoch: none on another machine, which a person has to confirm, unless a person restored it there. */
export function marksToNote(
  db: Database,
  present: MachineMarks | undefined,
  { reason }: EpochCause,
): MachineMarks | undefined {
  return reason !== 'restore' && isOtherMachine(knownMachine(db)?.marks, present) ? undefined : present
}
