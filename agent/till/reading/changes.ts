import type { ChangeKind } from '../../contract/change.ts'
import { chainAt } from '../../journal/chains.ts'
import { membersIn, textIn } from '../../journal/checked.ts'
import type { Document, DocumentOf, OperationDocument } from '../../journal/documents/document.ts'
import {
  asDocument,
  isOperation,
  kindOf,
  NO_PARTS,
  partsAfter,
  StoredDocument,
} from '../../journal/documents/document.ts'
import type { Kind } from '../../journal/documents/kind.ts'
import { isOperationKind } from '../../journal/documents/kind.ts'
import { partsOf, sessionPartsOf } from '../../journal/documents/parts.ts'
import type { EventKind } from '../../journal/event-kinds.ts'
import type { EventBody, Members, StoredEvent } from '../../journal/events.ts'
import { bodyOf, factsOf } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Application, Change } from '../application.ts'
import type { Access } from '../requests.ts'

/** A change and its owner; undefined for a change without one (a device). */
type OwnedChange = Change & { merchant: string | undefined; register: string | undefined }
type Stored = { seq: number; kind: string; op: string; body: EventBody }

const FIRST_EPOCH = 1
/**
 * Size of the events read per portion, about 3 ms, since each operation is read, too; a single long sale may exceed it.
 */
const PORTION_LENGTH = 128 * 1024
/** Closings that are requested, reported again or refused do not exist yet. */
const CLOSED: ReadonlySet<string> = new Set<EventKind>(['closing.recorded', 'closing.report_made'])

const TRANSMITTED = 'closing.transmission_changed' satisfies EventKind

/** Facts about a completed operation, which stays what was signed. */
const ISSUED = 'receipt.issued' satisfies EventKind
const AMENDED = 'operation.amended' satisfies EventKind & ChangeKind

/** Changes of resources, from the journal and in addition to it. */
export class Changes {
  readonly #journal: Journal
  readonly #listeners = new Set<(unjournalled?: Change) => void>()
  #unsubscribe: (() => void) | undefined

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** In the form of the HTTP layer. */
  asStream(): Application['changes'] {
    return {
      head: () => this.#journal.headSeq,
      placeOf: (seq) => this.#placeOf(seq),
      seqOf: (place) => this.#seqOf(place),
      after: (access, seq, limit) => this.#after(access, seq, limit),
      onChange: (listener) => this.#onChange(listener),
    }
  }

  /** A sync target changed its state, which the journal does not record. */
  tellSync(target: string, state: string, code: string | undefined): void {
    const data = { seq: this.#journal.headSeq, id: target, state, ...(code !== undefined && { code }) }
    for (const listener of this.#listeners) listener({ kind: 'sync.changed', data, seq: undefined })
  }

  /** A device changed to a state that is not journalled: it has just fallen silent, or is back within its window. */
  tellDevice(device: string, state: string, code: string | undefined): void {
    const data = { seq: this.#journal.headSeq, id: device, state, ...(code !== undefined && { code }) }
    for (const listener of this.#listeners) listener({ kind: 'device.changed', data, seq: undefined })
  }

  /** In the first epoch the number alone, later with the epoch before it. */
  #placeOf(seq: number): string {
    const { epoch } = chainAt(this.#journal.chains, seq)
    return epoch === FIRST_EPOCH ? String(seq) : `${epoch}-${seq}`
  }

  #seqOf(place: string): number | undefined {
    const [, epoch = String(FIRST_EPOCH), number = ''] = /^(?:(\d+)-)?(\d+)$/.exec(place) ?? []
    const seq = Number(number)
    if (number === '' || seq > this.#journal.headSeq) return undefined
    return seq === 0 || chainAt(this.#journal.chains, seq).epoch === Number(epoch) ? seq : undefined
  }

  /** Listens to the journal only while there are subscribers. */
  #onChange(listener: (unjournalled?: Change) => void): () => void {
    this.#listeners.add(listener)
    this.#unsubscribe ??= this.#journal.onAppend(() => {
      for (const notify of this.#listeners) notify()
    })
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#unsubscribe?.()
      this.#unsubscribe = undefined
    }
  }

  #after(access: Access, seq: number, limit: number): ReturnType<Application['changes']['after']> {
    const { view } = this.#journal
    const events = view.portionAfter(seq, limit, PORTION_LENGTH)
    const changes: Change[] = []
    const followed = new Followed(view)
    for (const event of events) {
      const body = bodyOf(event)
      if (body.revoked === access.caller.keyId) return { upTo: event.seq, changes, revoked: true }
      for (const change of changesOf(followed, event, body)) {
        const { merchant, register, ...visible } = change
        if (isVisible(access, change)) changes.push(visible)
      }
    }
    return { upTo: events.at(-1)?.seq ?? seq, changes, revoked: false }
  }
}

/**
 * Resources after each event of a portion, in order. Resources of the shop may be years old: each is read once and
 * followed from there. Operations have few events and may be large: they are not kept, so that reading an old journal
 * does not displace cached ones.
 */
class Followed {
  readonly #view: View
  readonly #documents = new Map<string, Document>()
  readonly #kinds = new Map<string, Kind | undefined>()

  constructor(view: View) {
    this.#view = view
  }

  /** Advances to this event of the portion. */
  pass({ op, body }: Stored): void {
    const before = this.#documents.get(op)
    if (before !== undefined) this.#documents.set(op, before.with(body))
  }

  kindOf({ op, body: { index } }: Stored): Kind | undefined {
    if (index !== undefined) return kindOf(index)
    if (!this.#kinds.has(op)) this.#kinds.set(op, this.#view.kindOf(op))
    return this.#kinds.get(op)
  }

  /** The document after the last advanced event. */
  after({ seq, op, body }: Stored): Document | undefined {
    const { index } = body
    if (index !== undefined) return asDocument(new StoredDocument(kindOf(index), op, partsAfter(NO_PARTS, body)))
    const document = this.#documents.get(op) ?? this.#view.document(op, seq)
    if (document !== undefined && !isOperation(document)) this.#documents.set(op, document)
    return document
  }

  before({ seq, op }: Stored): OperationDocument | undefined {
    return this.#view.operation(op, seq - 1)
  }
}

/** A register's key sees its own register and the devices, a platform key the resources of the named merchant. */
function isVisible({ caller, merchantId }: Access, { kind, merchant, register }: OwnedChange): boolean {
  if (kind === 'device.changed') return true
  if (caller.kind === 'register') return register === caller.registerId
  return merchantId === undefined || merchant === undefined || merchant === merchantId
}

function changesOf(followed: Followed, { seq, kind, op }: StoredEvent, body: EventBody): OwnedChange[] {
  const event = { seq, kind, op, body }
  followed.pass(event)
  if (kind.startsWith('device.')) return deviceChanges(event)
  const of = followed.kindOf(event)
  if (of === undefined) return []
  if (isOperationKind(of)) return operationChanges(followed, event)
  const document = followed.after(event)
  if (document?.kind === 'duty' || document?.kind === 'confirmation') return dutyChanges(document, event)
  const changed = document && resourceChange(document, kind)
  if (document === undefined || changed === undefined) return []
  const { merchant, register } = ownerOf(document, body)
  const owner = registerMember(document.kind === 'register' ? undefined : register)
  const { kind: reported, ...change } = changed
  return [{ kind: reported, data: { seq, id: op, ...change, ...owner }, seq, merchant, register }]
}

type ResourceChange = { kind: ChangeKind; state: string | null; type?: string }

/** Undefined if clients are not notified of the change, or are notified by the operation. */
function resourceChange(document: Document, kind: string): ResourceChange | undefined {
  switch (document.kind) {
    case 'closing':
      if (kind === TRANSMITTED) return { kind: 'closing.changed', state: document.shown.transmission_status ?? null }
      return CLOSED.has(kind)
        ? { kind: 'closing.created', state: document.shown.fiscal.state, type: document.shown.type }
        : undefined
    case 'drawer_opening':
      return { kind: 'drawer.opened', state: null }
    case 'register':
      return { kind: 'register.changed', state: document.shown.fiscalization_status }
    case 'merchant':
      return { kind: 'merchant.changed', state: document.shown.status }
    case 'location':
      return { kind: 'location.changed', state: null }
    case 'export':
      return { kind: 'export.changed', state: document.shown.status }
    default:
      return undefined
  }
}

/** A confirmation by the authority is the change of its duty already. */
function dutyChanges(document: DocumentOf<'duty' | 'confirmation'>, { seq, kind, body }: Stored): OwnedChange[] {
  const change =
    document.kind === 'duty' ? progressChange(document, { kind, body }) : confirmationChange(document, body)
  if (change === undefined) return []
  const { id, state, register } = change
  const data = { seq, id, state, ...registerMember(register) }
  return [{ kind: 'duty.changed', data, seq, merchant: undefined, register }]
}

type DutyChange = { readonly id: string; readonly state: string; readonly register: string | undefined }

function progressChange({ shown }: DocumentOf<'duty'>, event: Pick<Stored, 'kind' | 'body'>): DutyChange | undefined {
  const { mode } = factsOf(event, 'duty.sent', 'duty.answered', 'duty.changed') ?? {}
  const progress = mode === undefined ? undefined : shown[mode]
  return progress && { id: shown.id, state: progress.state, register: shown.duty?.register_id }
}

function confirmationChange({ shown }: DocumentOf<'confirmation'>, { index }: EventBody): DutyChange | undefined {
  if (index === undefined || shown.by !== undefined) return undefined
  return { id: shown.duty, state: 'confirmed', register: shown.register_id }
}

function deviceChanges({ seq, kind, op, body }: Stored): OwnedChange[] {
  const { state, code } = factsOf({ kind, body }, 'device.changed') ?? {}
  if (state === undefined) return []
  const data = { seq, id: op, state, ...(code != null && { code }) }
  return [{ kind: 'device.changed', data, seq, merchant: undefined, register: undefined }]
}

function operationChanges(followed: Followed, event: Stored): OwnedChange[] {
  const { body } = event
  const fiscal = membersIn(partsOf(body).shown['fiscal'])?.['state']
  const kinds: { kind: ChangeKind; state: string }[] = []
  const status = body.status ?? (body.index === undefined ? undefined : 'open')
  // A session event is completed by its first event, and keeps that status when it is recorded.
  if (status !== undefined && (body.index !== undefined || followed.before(event)?.shown.status !== status))
    kinds.push({ kind: changeTo(status), state: status })
  if (event.kind === AMENDED) kinds.push({ kind: AMENDED, state: 'open' })
  if (event.kind === ISSUED) kinds.push({ kind: 'operation.changed', state: 'completed' })
  if (fiscal === 'succeeded' || fiscal === 'failed') kinds.push({ kind: 'operation.fiscal', state: fiscal })
  const moved = sessionChange(event)
  if (kinds.length === 0 && moved === undefined) return []
  const document = followed.after(event)
  if (document === undefined) return []
  const owner = ownerOf(document, body)
  const changes = kinds.map(({ kind, state }) => {
    const data = { seq: event.seq, id: event.op, state, type: document.kind, ...registerMember(owner.register) }
    return { kind, data, seq: event.seq, merchant: owner.merchant, register: owner.register }
  })
  return moved === undefined ? changes : [...changes, { ...moved, merchant: owner.merchant }]
}

function changeTo(status: string): ChangeKind {
  if (status === 'open') return 'operation.created'
  return status === 'voided' ? 'operation.voided' : 'operation.completed'
}

/** Members of the session that change with every sale are not reported: the operation reports them. */
function sessionChange({ seq, kind, body }: Stored): Omit<OwnedChange, 'merchant'> | undefined {
  const { session } = body
  if (session === undefined) return undefined
  const set = sessionPartsOf(body)?.shown['state']
  const state = typeof set === 'string' ? set : kind === 'session.cash_adjusted' ? 'open' : undefined
  if (state === undefined) return undefined
  const data = { seq, id: session.id, state, register_id: session.register }
  return { kind: 'session.changed', data, seq, register: session.register }
}

function registerMember(register: string | undefined): { register_id?: string } {
  return register === undefined ? {} : { register_id: register }
}

function ownerOf(
  document: Document,
  { index }: EventBody,
): { merchant: string | undefined; register: string | undefined } {
  const { kind, id, shown } = document
  const of = (member: 'merchant_id' | 'register_id') =>
    member in shown ? textIn((shown as Members)[member]) : undefined
  return {
    merchant: index?.merchant ?? (kind === 'merchant' ? id : of('merchant_id')),
    register: kind === 'register' ? id : (index?.register ?? of('register_id')),
  }
}
