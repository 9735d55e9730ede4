import { unitId } from '../../journal/documents/records.ts'
import { registerIds } from '../../journal/documents/registers.ts'
import type { Members, StoredEvent } from '../../journal/events.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { FACTS } from './facts.ts'

export type HistoryReader = Pick<View, 'resources' | 'eventsOf' | 'firstOf'>

/** Matricola by register. */
export type Printers = ReadonlyMap<string, string>
type Change = Pick<StoredEvent, 'seq' | 'at'> & { readonly printers: Printers }
type Register = { device?: string | undefined; isOurs?: boolean; isFiscalized?: boolean }

const NONE: Printers = new Map()

/** The printer of each fiscalized register over time, from the events of registers and printers: they are few. */
export class PrinterHistory {
  readonly #changes: readonly Change[]

  constructor(view: HistoryReader) {
    const units = view.firstOf(unitId('')).map(({ op }) => op)
    const events = [...registerIds(view), ...units].flatMap((op) => view.eventsOf(op))
    this.#changes = changesBy(events.sort((one, other) => one.seq - other.seq))
  }

  /** After an event. */
  at(seq: number): Printers {
    return this.#changes.findLast((change) => change.seq <= seq)?.printers ?? NONE
  }

  after(seq: number): readonly Change[] {
    return this.#changes.filter((change) => change.seq > seq)
  }
}

function changesBy(events: readonly StoredEvent[]): Change[] {
  const registers = new Map<string, Register>()
  const enrolled = new Map<string, string | null>()
  const changes: Change[] = []
  for (const { seq, at, op, body } of events) {
    const { index, set, enrolled: unit } = bodyOf({ body })
    if (index?.kind === 'register') registers.set(op, {})
    if (unit !== undefined) enrolled.set(unit.device, unit.serial)
    const register = registers.get(op)
    // Most changes of a register are about something else.
    const isFollowed = register !== undefined && set !== undefined && follow(register, set)
    if (isFollowed || unit !== undefined) changes.push({ seq, at, printers: printersOf(registers, enrolled) })
  }
  return changes
}

/** False for members that say nothing about its printer. */
function follow(
  register: Register,
  { fiscal_device: device, fiscalization, fiscalization_status: status }: Members,
): boolean {
  if (device !== undefined) register.device = device === null ? undefined : String(device)
  if (fiscalization !== undefined) register.isOurs = Reflect.get(Object(fiscalization), 'regime') === FACTS.name
  if (status !== undefined) register.isFiscalized = status === 'fiscalized'
  return device !== undefined || fiscalization !== undefined || status !== undefined
}

function printersOf(registers: ReadonlyMap<string, Register>, enrolled: ReadonlyMap<string, string | null>): Printers {
  const printers = new Map<string, string>()
  for (const [id, { device, isOurs, isFiscalized }] of registers) {
    const serial = isOurs === true && isFiscalized === true ? enrolled.get(device ?? '') : undefined
    if (typeof serial === 'string') printers.set(id, serial)
  }
  return printers
}
