import { membersIn, numberIn, textIn } from '../checked.ts'
import { confirmationOf } from '../confirmed-tasks.ts'
import type { EventBody } from '../events.ts'
import { claimedFacts } from '../events.ts'
import type { Findings } from './findings.ts'
import type { NotedEvent } from './law-books.ts'

type Given = {
  readonly seq: number
  readonly register: string
  readonly kind: 'bon' | 'z'
  readonly from: number
  readonly to: number
  /** The one that recorded the loss, and the one before it, of which a part was lost. */
  readonly epoch: number
  readonly lost: number
}

const WORDS = {
  bon: { what: 'receipt numbers', was: 'Bonnummern', cosa: 'i numeri' },
  z: { what: 'Z numbers', was: 'Z-Nummern', cosa: 'i numeri di chiusura' },
} as const

/** Numbers that were given again after the state was put back, before anything showed the loss. */
export class GivenTwice {
  #epochs: { readonly epoch: number; readonly before: number } = { epoch: 0, before: 0 }
  readonly #given: Given[] = []
  /** The duties that a person confirmed with a reason, by the id of the confirmation. */
  readonly #explained = new Set<string>()

  note({ seq, kind, op }: NotedEvent, body: EventBody): void {
    if (kind === 'journal.opened') this.#open(body)
    if (kind === 'duty.confirmed' && (textIn(body.set?.['reason']) ?? '').trim() !== '') this.#explained.add(op)
    const { aside } = body
    const first = numberIn(membersIn(aside?.lost)?.['from'])
    if (aside === undefined || first === undefined || first >= aside.from) return
    const { epoch, before: lost } = this.#epochs
    const to = Math.min(numberIn(membersIn(aside.lost)?.['to']) ?? aside.from, aside.from - 1)
    this.#given.push({ seq, register: aside.register, kind: aside.kind, from: first, to, epoch, lost })
  }

  /** A note once the duty of the epoch has a reason. */
  report(findings: Findings): void {
    for (const { seq, kind, epoch, ...facts } of this.#given) {
      const level = this.#explained.has(confirmationOf(`epoch-${epoch}`)) ? 'note' : 'error'
      findings.add('receipt_numbers_twice', seq, { ...facts, ...WORDS[kind === 'z' ? 'z' : 'bon'], epoch }, level)
    }
  }

  #open(body: EventBody): void {
    const epoch = numberIn(claimedFacts<'journal.opened'>({ body }).epoch) ?? 0
    this.#epochs = { epoch, before: this.#epochs.epoch }
  }
}
