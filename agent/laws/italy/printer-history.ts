import { unitId } from '../../journal/documents/records.ts'
import { registerIds } from '../../journal/documents/registers.ts'
import type { Members, StoredEvent } from '../../journal/events.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { FACTS } from './facts.ts'

export type HistoryReader = Pick<View, 'resources' | 'eventsOf' | 'firstOf'>

/** A register has another printer from that event on, or none, or is at another location with it. */
type PrinterChange = Pick<StoredEvent, 'seq' | 'at'> & {
  readonly register: string
  readonly serial: string | undefined
  readonly location: string
  /** It had a printer before. */
  readonly ends: boolean
}
type Register = {
  device?: string | undefined
  location?: string
  isOurs?: boolean
  isFiscalized?: boolean
  readonly changes: PrinterChange[]
}

/** Printer and place of each fiscalized register over time, from the events of registers and printers: they are few. */
export class PrinterHistory {
  readonly #registers = new Map<string, Register>()
  readonly #enrolled = new Map<string, string | null>()

  constructor(view: HistoryReader) {
    const units = view.firstOf(unitId('')).map(({ op }) => op)
    const events = [...registerIds(view), ...units].flatMap((op) => view.eventsOf(op))
    for (const event of events.sort((one, other) => one.seq - other.seq)) this.#note(event)
  }

  /** Matricola of the printer of a register after an event. */
  serialAt(register: string, seq: number): string | undefined {
    return this.stateAt(register, seq)?.serial
  }

  /** The last change of a register up to an event. */
  stateAt(register: string, seq: number): PrinterChange | undefined {
    return this.#registers.get(register)?.changes.findLast((change) => change.seq <= seq)
  }

  /** The changes of registers after an event. */
  after(seq: number, registers: Iterable<string>): PrinterChange[] {
    return [...registers].flatMap((id) => this.#registers.get(id)?.changes.filter((change) => change.seq > seq) ?? [])
  }

  #note(event: StoredEvent): void {
    const { index, set, enrolled } = bodyOf(event)
    if (index?.kind === 'register') this.#registers.set(event.op, { changes: [] })
    const register = this.#registers.get(event.op)
    if (register !== undefined && set !== undefined) {
      follow(register, set)
      this.#compare(event.op, register, event)
    }
    if (enrolled === undefined) return
    const { device, serial } = enrolled
    this.#enrolled.set(device, serial)
    for (const [id, each] of this.#registers) if (each.device === device) this.#compare(id, each, event)
  }

  #compare(
    register: string,
    { device, location = '', isOurs, isFiscalized, changes }: Register,
    { seq, at }: StoredEvent,
  ): void {
    const serial =
      isOurs === true && isFiscalized === true ? (this.#enrolled.get(device ?? '') ?? undefined) : undefined
    const before = changes.at(-1)
    const hasMoved = serial !== undefined && location !== before?.location
    if (serial === before?.serial && !hasMoved) return
    changes.push({ seq, at, register, serial, location, ends: before?.serial !== undefined })
  }
}

function follow(
  register: Register,
  { location_id: location, fiscal_device: device, fiscalization, fiscalization_status: status }: Members,
): void {
  if (location !== undefined) register.location = String(location)
  if (device !== undefined) register.device = device === null ? undefined : String(device)
  if (fiscalization !== undefined) register.isOurs = Reflect.get(Object(fiscalization), 'regime') === FACTS.name
  if (status !== undefined) register.isFiscalized = status === 'fiscalized'
}
