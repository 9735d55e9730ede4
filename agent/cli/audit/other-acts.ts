import { parseRfc3339 } from '../../../base/clock.ts'
import { formatCents, toCents } from '../../../base/money.ts'
import { counted } from '../../../base/text.ts'
import type { ReceiptOutages, UnsignedSum } from '../../devices/receipt-outages.ts'
import { bodyReader } from '../../journal/body-reader.ts'
import { isOperationKind } from '../../journal/documents/kind.ts'
import type { EventBody, ResourceIndex } from '../../journal/events.ts'
import type { ExportedEvent } from '../../journal/verify/chains.ts'
import { euros } from './note-words.ts'
import { nameIn } from './outage-words.ts'
import type { Installation } from './procedure.ts'
import type { AuditPart } from './report.ts'

const NAME = 'Außer dem Umsatz'

type Range = { readonly from: string; readonly to: string }
type Sum = { readonly count: number; readonly cents: bigint }
const ACTS = ['training', 'givenUp', 'reversed', 'returned', 'drawers'] as const
type Act = (typeof ACTS)[number]
type RegisterActs = { bons: number } & Record<Act, Sum>
type Open = { readonly kind: ResourceIndex['kind']; readonly register: string; total: string; isTraining: boolean }

/** An operation without a register. */
const ONLINE = ''
const NOTHING: Sum = { count: 0, cents: 0n }

/** The acts of registers that make no turnover, or take it back, from the events of a journal in their order. */
export class OtherActs {
  readonly #range: readonly [number, number]
  readonly #registers = new Map<string, RegisterActs>()
  readonly #open = new Map<string, Open>()
  #online = NOTHING

  constructor({ from, to }: Range) {
    this.#range = [parseRfc3339(from) ?? 0, parseRfc3339(to) ?? 0]
  }

  /** The journal may come from anyone. Throws for an event that this program does not write. */
  note({ op, at, body: text }: Pick<ExportedEvent, 'op' | 'at' | 'body'>, json = bodyReader(text)): void {
    const body = json() as EventBody
    const atMs = parseRfc3339(at) ?? 0
    const isOfRange = atMs >= this.#range[0] && atMs <= this.#range[1]
    const { receipt, index, set, status } = body
    if (isOfRange && receipt !== undefined) this.#register(receipt.register).bons += 1
    if (isOfRange && index?.kind === 'drawer_opening' && set?.['operation_id'] == null)
      this.#add(index.register, 'drawers', 0n)
    if (index !== undefined && isOperationKind(index.kind))
      this.#open.set(op, { kind: index.kind, register: index.register ?? ONLINE, total: '0.00', isTraining: false })
    const open = this.#open.get(op)
    if (open === undefined) return
    if (typeof set?.['total_amount'] === 'string') open.total = set['total_amount']
    if (set?.['training'] === true) open.isTraining = true
    if (status === undefined || status === 'open') return
    this.#open.delete(op)
    if (isOfRange) this.#end(open, status)
  }

  /** The part of the report, which never calls it right or wrong. */
  part(outages: Pick<ReceiptOutages, 'byRegister'>, installation: Pick<Installation, 'registers'>): AuditPart {
    const unsigned = outages.byRegister(...this.#range)
    const nameOf = nameIn(installation)
    const ids = [...new Set([...this.#registers.keys(), ...unsigned.keys()])]
    const bons = ids.reduce((sum, id) => sum + this.#register(id).bons, 0)
    const lines = ids.flatMap((id) => lineOf(id, nameOf(id), this.#register(id), unsigned.get(id)))
    const { count } = this.#online
    const online = count === 0 ? [] : [`ONLINE: ${amountOf('ohne Kasse', this.#online)}`]
    const findings = [...lines, ...online]
    const summary = `${counted(bons, 'Bon', 'Bons')} insgesamt${findings.length === 0 ? ', nichts davon' : ''}`
    return { name: NAME, valid: true, note: true, summary, findings }
  }

  #end({ kind, register, total, isTraining }: Open, status: string): void {
    const cents = toCents(total)
    const act = actOf(kind, status, isTraining)
    if (act !== undefined) this.#add(register, act, cents < 0n ? -cents : cents)
    else if (register === ONLINE && status === 'completed') this.#online = plus(this.#online, cents)
  }

  #add(register: string | undefined, act: Act, cents: bigint): void {
    const acts = this.#register(register ?? ONLINE)
    acts[act] = plus(acts[act], cents)
  }

  #register(id: string): RegisterActs {
    const none = {
      bons: 0,
      training: NOTHING,
      givenUp: NOTHING,
      reversed: NOTHING,
      returned: NOTHING,
      drawers: NOTHING,
    }
    const register = this.#registers.get(id) ?? none
    this.#registers.set(id, register)
    return register
  }
}

/** If the journal could not be read. */
export function unreadOtherActs(): AuditPart {
  const summary = 'nicht ausgewertet: Das Journal liegt nicht vor oder ist nicht in Ordnung.'
  return { name: NAME, valid: true, note: true, summary, findings: [] }
}

function actOf(kind: Open['kind'], status: string, isTraining: boolean): Act | undefined {
  if (isTraining) return 'training'
  if (status === 'voided') return 'givenUp'
  if (kind === 'void') return 'reversed'
  return kind === 'return' ? 'returned' : undefined
}

function plus({ count, cents }: Sum, more: bigint): Sum {
  return { count: count + 1, cents: cents + more }
}

/** Without what a register did not do; no line if nothing is left. */
function lineOf(id: string, name: string, acts: RegisterActs, unsigned: UnsignedSum | undefined): string[] {
  const done = [
    amountOf('Training', acts.training),
    amountOf('vor dem Abschluss abgebrochen', acts.givenUp),
    amountOf('nach dem Abschluss storniert', acts.reversed),
    amountOf('Rückgaben', acts.returned),
    countOf('Schublade ohne Verkauf geöffnet', acts.drawers.count),
    ...(unsigned === undefined ? [] : [unsignedOf(unsigned)]),
  ].filter((text) => text !== '')
  const register = id === ONLINE ? 'ONLINE' : name === id ? `Kasse ${id}` : `${name} (${id})`
  return done.length === 0 ? [] : [`${register}, ${counted(acts.bons, 'Bon', 'Bons')}: ${done.join('; ')}`]
}

function amountOf(what: string, { count, cents }: Sum): string {
  return count === 0 ? '' : `${what} ${count} über ${euros(formatCents(cents))}`
}

function countOf(what: string, count: number): string {
  return count === 0 ? '' : `${what} ${count}`
}

function unsignedOf({ receipts, cents }: UnsignedSum): string {
  const sum = Number.isNaN(cents) ? '? EUR' : euros(formatCents(BigInt(cents)))
  return `ohne Signatur ${receipts} über ${sum}`
}
