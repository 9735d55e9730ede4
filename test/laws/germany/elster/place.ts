import { onTestFinished } from 'vitest'
import type { KindWithoutFacts } from '../../../../agent/journal/event-facts.ts'
import type { Marks, Members } from '../../../../agent/journal/events.ts'
import type { Journal } from '../../../../agent/journal/journal.ts'
import type { Task } from '../../../../agent/laws/duty.ts'
import { noticeFiles } from '../../../../agent/laws/germany/elster/files.ts'
import { Notices } from '../../../../agent/laws/germany/elster/notices.ts'
import { noticeTasks } from '../../../../agent/laws/germany/tasks.ts'
import type { InParts } from '../../../../agent/laws/law.ts'
import type { LawNotices } from '../../../../agent/laws/notices.ts'
import { confirmTask } from '../../../../agent/till/technician/tasks.ts'
import { openJournal, temporaryDirectory } from '../../../journal/temporary-journal.ts'
import { ManualClock } from '../../../manual-clock.ts'

export const SERIALS = { a: 'a1'.repeat(32), b: 'b2'.repeat(32), c: 'c3'.repeat(32) }
export const MERCHANT = {
  id: 'merchant_1',
  legal_name: 'Bäckerei Muster GmbH',
  address: { line1: 'Am Markt 1', postal_code: '10115', city: 'Berlin', country_code: 'DEU' },
  fiscal_identities: [{ country_code: 'DEU', tax_number: '27/124/12345', vat_id: null }],
}
export const INVENTORY = {
  ...{ kind: 'pc', maker: 'Müller & Söhne', model: 'Typ 100', software: 'Acme POS', software_version: '4.2' },
  acquired_on: '2026-09-28',
}
export const TSE_INVENTORY = { bsi_id: '0412-2020', kind: 'usb' }

/** The journal of a shop with places, as its events have it. Each event is of the day that the clock shows. */
export class Place {
  readonly journal: Journal
  readonly clock: ManualClock
  #notices: Notices

  private constructor(journal: Journal, clock: ManualClock) {
    this.journal = journal
    this.clock = clock
    this.#notices = new Notices(journal.view)
  }

  static async open(day = '2026-10-01'): Promise<Place> {
    const clock = new ManualClock(Date.parse(`${day}T10:00:00Z`))
    const journal = await openJournal(await temporaryDirectory(), { clock })
    onTestFinished(() => journal.close())
    const place = new Place(journal, clock)
    const index = { kind: 'merchant' as const, merchant: MERCHANT.id }
    await place.append('merchant.created', MERCHANT.id, { index, set: MERCHANT })
    return place
  }

  append(kind: KindWithoutFacts, op: string, body: Marks): Promise<void> {
    return this.journal.record(() => [{ kind, op, body }])
  }

  async location(id: string, name = 'Filiale Mitte'): Promise<void> {
    const address = { line1: 'Hauptstraße 2', postal_code: '10117', city: 'Berlin', country_code: 'DEU' }
    const set = { id, merchant_id: MERCHANT.id, name, address }
    const index = { kind: 'location' as const, merchant: MERCHANT.id }
    await this.append('location.created', id, { index, set })
  }

  async tse(serial: string, inventory: Members | null = TSE_INVENTORY, more: Members = {}): Promise<void> {
    const certificate = Buffer.from('of a maker').toString('base64')
    const index = this.journal.view.tse(serial) === undefined && { index: { kind: 'tse' as const } }
    await this.append('tse.facts_recorded', `tse_${serial}`, {
      ...index,
      set: { device: 'tse-1', certificate, inventory, ...more },
    })
  }

  /** A till of the place that signs with the unit; `inventory`: null for one of an earlier program. */
  async till(
    id: string,
    location: string,
    serial: string,
    inventory: Members | null = {},
    clientId = id,
  ): Promise<void> {
    const index = { kind: 'register' as const, merchant: MERCHANT.id, location, register: id }
    const members = { id, merchant_id: MERCHANT.id, location_id: location, name: id, fiscalization: null }
    const facts = inventory === null ? {} : { inventory: { ...INVENTORY, ...inventory } }
    const set = { ...members, decommissionedAt: null, fiscalizedAt: null, ...facts }
    await this.append('register.created', id, { index, set })
    const fiscalization = { regime: 'KassenSichV', client_id: clientId, tse_serial: serial }
    const at = new Date(this.clock.now()).toISOString()
    await this.append('register.fiscalized', id, { set: { fiscalization, fiscalizedAt: at } })
  }

  async signsWith(id: string, serial: string): Promise<void> {
    const { fiscalization } = this.journal.view.register(id)?.shown ?? {}
    await this.append('register.tse_replaced', id, {
      set: { fiscalization: { ...fiscalization, tse_serial: serial } as Members },
    })
  }

  /** It left the business on the day of the clock. */
  leaves(id: string, reason: string): Promise<void> {
    const today = new Date(this.clock.now()).toISOString().slice(0, 10)
    return this.changes(id, { ended_on: today, end_reason: reason })
  }

  moves(id: string, location: string): Promise<void> {
    return this.append('register.updated', id, { set: { location_id: location } })
  }

  /** It is decommissioned, and kept. */
  async ends(id: string): Promise<void> {
    const at = new Date(this.clock.now()).toISOString()
    await this.append('register.decommissioned', id, { set: { decommissionedAt: at } })
  }

  async changes(id: string, inventory: Members): Promise<void> {
    const before = this.journal.view.register(id)?.shown.inventory
    await this.append('register.updated', id, { set: { inventory: { ...before, ...inventory } as Members } })
  }

  /** A change of the merchant or of a location. */
  updates(id: string, set: Members): Promise<void> {
    const event = { op: id, body: { set } }
    return this.journal.record(() => [
      id === MERCHANT.id ? { kind: 'merchant.updated', ...event } : { kind: 'location.updated', ...event },
    ])
  }

  on(day: string): void {
    this.clock.jump(Date.parse(`${day}T10:00:00Z`) - this.clock.now())
  }

  tasks(): Task[] {
    return [...this.parts()].filter((task) => task !== undefined)
  }

  /** As they are read: undefined between the parts of the reading. */
  parts(): InParts<Task> {
    return noticeTasks(this.journal.view, this.#notices)
  }

  /** Those that are not confirmed: of all places, or of one. */
  due(location?: string): Task[] {
    const open = this.tasks().filter(({ id }) => this.journal.view.confirmedTask(`confirmation_${id}`) === undefined)
    return open.filter(({ location_id: id }) => location === undefined || id === location)
  }

  /** Confirms the one that is due there, and returns its id. */
  async confirm(location?: string): Promise<string> {
    const [task] = this.due(location)
    await confirmTask({ ...this, laws: [] }, () => this.tasks(), task?.id ?? '')
    return task?.id ?? ''
  }

  files(location?: string, isTrial = false): LawNotices {
    const parts = [...noticeFiles(this.journal.view, new Notices(this.journal.view), location, isTrial)]
    return {
      notices: parts.flatMap((part) => part?.notices ?? []),
      missing: parts.flatMap((part) => part?.missing ?? []),
    }
  }

  /** Each duty again, from the journal alone. */
  rebuilt(): Task[] {
    return [...noticeTasks(this.journal.view, new Notices(this.journal.view))].filter((task) => task !== undefined)
  }
}
