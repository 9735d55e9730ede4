import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../../base/clock.ts'
import { rfc3339 } from '../../../base/clock.ts'
import { Mutex } from '../../../base/mutex.ts'
import type { RtHealth } from '../../../drivers/ports/rt-printer.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import type { Journal } from '../../journal/journal.ts'
import { isRefused } from '../../journal/progress.ts'
import type { InParts, LawParts } from '../law.ts'
import type { TransmissionStatus } from '../transmission.ts'
import { transmissionEvents } from '../transmission.ts'
import { FACTS } from './facts.ts'
import { isOurs } from './shapes.ts'

type Z = { readonly serial: string; readonly z: number }
type Files = Pick<RtHealth, 'pendingFiles' | 'rejectedZ' | 'z'>

/** The tax office rejects a file soon after it was sent: later Zs until one is read no longer. */
const KEPT = 31
/** Closings read before yielding to other work. */
const ROWS_READ = 50

/**
 * The status of each Z, as its printer reports it. It is derived from the numbers of the printer at each look, so that a
 * crash, an outage or a restored backup needs no separate rule. Each closing is read once.
 */
export class Transmissions {
  readonly #journal: Journal
  readonly #clock: Pick<Clock, 'now'>
  readonly #fault: (point: string) => void
  readonly #looks = new Mutex()
  #readTo = 0
  /** The closings that were seen as rejected. */
  readonly #failed = new Set<string>()
  /** The closings whose status may change; undefined for one whose Z is not made yet. */
  readonly #open = new Map<string, Z | undefined>()

  constructor({ journal, clock, fault }: Pick<LawParts<unknown>, 'journal' | 'clock' | 'fault'>) {
    this.#journal = journal
    this.#clock = clock
    this.#fault = fault
  }

  /** Compares the Zs of a printer with the files that it holds, and journals only changes. */
  look({ lastReport }: Pick<DeviceSupervisor, 'lastReport'>): Promise<void> {
    return this.#looks.run(async () => {
      if (lastReport?.kind !== 'fiscal_printer' || lastReport.health.pendingFiles === undefined) return
      await this.#readOn()
      const { serial } = lastReport.identity
      const changes = [...this.#open.keys()].flatMap((id) => this.#changeOf(id, serial, lastReport.health))
      if (changes.length === 0) return
      this.#fault('transmission.seen')
      const at = rfc3339(this.#clock.now())
      await this.#journal.record((view) =>
        changes.flatMap(({ id, status }) => transmissionEvents(view, id, status, at)),
      )
      for (const { id, status } of changes) if (status === 'failed') this.#failed.add(id)
      this.#fault('transmission.noted')
    })
  }

  /** The end of the running look. */
  settled(): Promise<void> {
    return this.#looks.settled()
  }

  /** The closings whose files the tax office has rejected. */
  *rejected(): InParts<DocumentOf<'closing'>> {
    while (this.#readPortion()) yield undefined
    for (const id of this.#failed) {
      const closing = this.#journal.view.closing(id)
      if (closing?.shown.transmission_status === 'failed') yield closing
    }
  }

  async #readOn(): Promise<void> {
    while (this.#readPortion()) await setImmediate()
  }

  /** False after the last closing. */
  #readPortion(): boolean {
    const { view } = this.#journal
    const rows = view.resources('closing', {}, this.#readTo, ROWS_READ)
    for (const { id, seq } of rows) {
      const closing = view.closing(id)
      if (closing?.law?.name === FACTS.name) {
        this.#open.set(id, placeOf(closing))
        if (closing.shown.transmission_status === 'failed') this.#failed.add(id)
      }
      this.#readTo = seq
    }
    return rows.length === ROWS_READ
  }

  #changeOf(id: string, serial: string, files: Files): { id: string; status: TransmissionStatus }[] {
    const { view } = this.#journal
    const known = this.#open.get(id)
    if (known !== undefined && known.serial !== serial) return []
    const closing = view.closing(id)
    const place = closing && placeOf(closing)
    if (place === undefined) {
      if (isRefused(view.progress(id))) this.#open.delete(id)
      return []
    }
    this.#open.set(id, place)
    if (place.serial !== serial) return []
    const { transmission_status: before } = closing?.shown ?? {}
    const age = files.z - place.z
    const isFinal = before === undefined || (before === 'transmitted' && age > KEPT)
    if (isFinal) this.#open.delete(id)
    const status = statusOf(place.z, files)
    if (isFinal || status === undefined || status === before) return []
    // The file of the newest Z may appear later than the Z; a file that was sent may be rejected, and is not unsent again.
    return before === 'transmitted' && age > 0 && status === 'pending' ? [] : [{ id, status }]
  }
}

function placeOf({ shown }: DocumentOf<'closing'>): Z | undefined {
  const {
    fiscal_information: facts,
    z_numbers: [z],
  } = shown
  return isOurs(facts) && z !== undefined ? { serial: facts.rt_serial_number, z } : undefined
}

/** The printer holds its unsent files in the order of closing. Undefined for a Z that it has not counted. */
function statusOf(z: number, { z: count, pendingFiles, rejectedZ = [] }: Files): TransmissionStatus | undefined {
  if (pendingFiles === undefined || z > count) return undefined
  if (rejectedZ.includes(z)) return 'failed'
  const newer = count - z - rejectedZ.filter((rejected) => rejected > z).length
  return newer < pendingFiles - rejectedZ.length ? 'pending' : 'transmitted'
}
