import type { Json } from '../../../base/canonical.ts'
import type { Clock } from '../../../base/clock.ts'
import { parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import type { NewId } from '../../../base/ids.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import { registerIds } from '../../journal/documents/registers.ts'
import type { Act, NewEvent } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import type { AskedEmergency, Emergencies } from '../emergencies.ts'
import { outcomeOf } from '../outcome-of.ts'
import type { PrinterActs } from './acts.ts'
import { documentOf } from './document-json.ts'
import type { Emergency, PrinterEmergency } from './emergency.ts'
import { allEmergencies, closedEvent, openEmergency, openedEvent } from './emergency.ts'
import { entriesIn } from './emergency-entries.ts'
import { sheetsOf } from './emergency-sheet.ts'
import { calledEvents } from './emergency-tasks.ts'
import { waitsForPrinter } from './entries.ts'
import { foundEvents } from './found-documents.ts'
import type { PeriodSettings } from './period.ts'
import { printerActOf } from './printer-act.ts'
import { refusalOfPrinter } from './refusal.ts'
import { AWAY, printersInUse } from './register-end.ts'
import { sourceOf } from './source.ts'

export type EmergencyOptions = {
  journal: Journal
  /** Departments of tips and vouchers. */
  settings: PeriodSettings
  clock: Pick<Clock, 'now'>
  newId: NewId
  devices: ReadonlyMap<string, DeviceSupervisor>
  acts: PrinterActs
}

/** A technician's acts on the emergency register of a printer. */
export class EmergencyActs implements Emergencies {
  readonly #options: EmergencyOptions

  constructor(options: EmergencyOptions) {
    this.#options = options
  }

  list(device: string): ReturnType<Emergencies['list']> {
    return allEmergencies(this.#options.journal.view)
      .filter(({ emergency }) => emergency.device === device)
      .map(shownOf)
  }

  async sheets(device: string, date?: string): ReturnType<Emergencies['sheets']> {
    const { journal, settings } = this.#options
    const sheets: Json[] = []
    for (const each of allEmergencies(journal.view))
      if (each.emergency.device === device)
        sheets.push(...sheetsOf(each, await entriesIn(sourceOf(journal), each, settings), date))
    return sheets
  }

  isUndecided(act: Act): boolean {
    const asked = printerActOf(act)
    if (asked.name !== 'print') return false
    const { kind } = documentOf(asked.document)
    return kind !== 'non_fiscal' && kind !== 'cash'
  }

  opened(view: View, device: DeviceSupervisor, asked: AskedEmergency): ReturnType<Emergencies['opened']> {
    const { clock, newId } = this.#options
    const { id } = device
    const serial = view.enrolledSerial(id)
    if (serial === undefined || device.asPrinter === undefined)
      throw refused(id, `No printer of ${id} belongs to the shop: there is no register to enter its sales in.`)
    const before = openEmergency(view, serial)
    if (before !== undefined) throw refused(id, `Emergency ${before.id} of ${id} is open already.`)
    if (!printersInUse(view).has(serial)) throw refused(id, `No register in use sells with printer ${serial} (${id}).`)
    const calledAt = this.#calledAt(id, asked.calledAt)
    refuseWorking(device)
    if (asked.withOtherPrinter !== true) this.#refuseWithOther(view, id, serial)
    const emergency: Emergency = {
      id: newId('emg'),
      device: id,
      reason: asked.reason,
      opened_at: rfc3339(clock.now()),
      silent_since: rfc3339(device.since),
      ...(calledAt !== undefined && { called_at: calledAt }),
      ...(asked.withOtherPrinter === true && { with_other_rt: true as const }),
      days: [],
    }
    const events = [openedEvent(view, serial, emergency), ...calledEvents({ serial, emergency })]
    return { events, shown: { id: emergency.id, device: id } }
  }

  async printedMeanwhile(device: DeviceSupervisor): Promise<readonly NewEvent[]> {
    const { id } = device
    if (!device.usable) {
      const { message = 'It does not answer' } = device.trouble ?? {}
      throw refused(id, `The printer is not ready (${message}): the register stays open. If it never is: --for-good.`)
    }
    const outcome = await this.#options.acts.perform({ device: id, client: '', name: 'read', reads: true })
    if (outcome.kind === 'failed' || outcome.kind === 'unknown') {
      const { code, message, details } = refusalOfPrinter(outcome, { device: id }, undefined)
      throw new FiskalError(code, message, details)
    }
    if (outcome.kind === 'absent') throw new RangeError('a read is never absent')
    const { baseline, found = [] } = outcomeOf(outcome, 'read').result
    return foundEvents(baseline.serial, found)
  }

  closed(view: View, device: string, printed?: readonly NewEvent[]): ReturnType<Emergencies['closed']> {
    const open = this.#openOf(view, device)
    if (open === undefined) throw refused(device, `No emergency of ${device} is open.`)
    const { serial, emergency } = open
    const end = {
      closed_at: rfc3339(this.#options.clock.now()),
      ...(printed === undefined && { for_good: true as const }),
    }
    const events = [...(printed ?? []), closedEvent(view, serial, emergency, end)]
    return { events, shown: shownOf({ serial, emergency: { ...emergency, ...end } }) }
  }

  replaced(view: View, serial: string, at: string): readonly NewEvent[] {
    const open = openEmergency(view, serial)
    return open === undefined ? [] : [closedEvent(view, serial, open, { closed_at: at, for_good: true })]
  }

  refuseOpen(device: string): void {
    const open = this.#openOf(this.#options.journal.view, device)
    if (open !== undefined) throw waitsForPrinter(open.emergency.id)
  }

  #openOf(view: Pick<View, 'unit' | 'enrolledSerial'>, device: string): PrinterEmergency | undefined {
    const serial = view.enrolledSerial(device)
    const emergency = openEmergency(view, serial)
    return serial === undefined || emergency === undefined ? undefined : { serial, emergency }
  }

  #calledAt(device: string, text: string | undefined): string | undefined {
    if (text === undefined) return undefined
    const ms = parseRfc3339(text)
    if (ms === undefined) throw refused(device, `"${text}" is not a time: 2026-11-28T09:30:00+01:00.`)
    if (ms > this.#options.clock.now())
      throw refused(device, `${text} is in the future: when was the technician called?`)
    return rfc3339(ms)
  }

  /** The register is for a shop without another RT in service. */
  #refuseWithOther(view: View, device: string, serial: string): void {
    const registers = registerIds(view).flatMap((id) => view.register(id)?.shown ?? [])
    const locationsOf = (id: string): string[] =>
      registers.flatMap(({ fiscal_device: of, location_id: location }) => (of === id ? [location] : []))
    const here = locationsOf(device)
    const other = [...this.#options.devices.values()].find(({ id, asPrinter, usable }) => {
      const own = view.enrolledSerial(id)
      if (id === device || asPrinter === undefined || !usable || own === undefined || own === serial) return false
      const places = locationsOf(id)
      return places.length === 0 || places.some((place) => here.includes(place))
    })
    if (other === undefined) return
    const words = `Printer ${other.id} of the shop works, and the law allows the register only without one. Sell there, or open with --with-other-rt.`
    throw refused(device, words)
  }
}

/** A printer without paper is not an emergency. One that answers and refuses each sale is one, once it is switched off. */
function refuseWorking({ id, usable, trouble }: DeviceSupervisor): void {
  const isWorking = usable || trouble === undefined
  if (!isWorking && AWAY.has(trouble.code)) return
  const state = isWorking ? `${id} is ready.` : `${trouble.message} Help it to print.`
  const words = `The printer answers: ${state} If it refuses each sale, switch it off, and open then.`
  throw refused(id, words)
}

function refused(device: string, words: string): FiskalError {
  return new FiskalError('unprocessable_entity', words, { device_id: device })
}

function shownOf({ serial, emergency }: PrinterEmergency) {
  const { days, ...members } = emergency
  return { ...members, rt_serial_number: serial, days: [...days] }
}
