import { sessionPartsOf } from './documents/parts.ts'
import type { SetAside, SetAsideReason } from './event-facts.ts'
import type { EventBody, NewEvent } from './events.ts'
import { bodyOf, factsOf } from './events.ts'
import type { View } from './projections/view.ts'

export type Aside = NonNullable<EventBody['aside']>

/** Numbers of a register that were set aside, by event `seq`. */
export type RecordedAside = Aside & { readonly seq: number; readonly why: string | undefined }

/** The event that sets numbers aside: one that may be on paper is never given again (DSFinV-K § 4.3). */
export function setAside(aside: Aside, why: SetAsideReason): NewEvent {
  const { register, ...range } = aside
  const facts: SetAside = { register_id: register, ...range, why }
  return { kind: 'numbers.set_aside', op: register, body: { aside, facts } }
}

/** In the order of their events. */
export function asidesOf(view: Pick<View, 'eventsOf'>, register: string): RecordedAside[] {
  return view.eventsOf(register).flatMap((event) => {
    if (!event.body.includes('"aside"')) return []
    const { aside } = bodyOf(event)
    return aside === undefined ? [] : [{ ...aside, seq: event.seq, why: factsOf(event, 'numbers.set_aside')?.why }]
  })
}

/** How many numbers were set aside. */
export function countIn(asides: readonly Pick<Aside, 'from' | 'to'>[]): number {
  return asides.reduce((sum, { from, to }) => sum + to - from + 1, 0)
}

/** The next number of a register, of a receipt or a closing. */
export function nextOf(
  view: Pick<View, 'nextReceiptNumber' | 'nextZNumber'>,
  register: string,
  kind: Aside['kind'],
): number {
  return kind === 'bon' ? view.nextReceiptNumber(register) : view.nextZNumber(register)
}

type Numbered = Pick<View, 'nextReceiptNumber' | 'receipts'>

/**
 * The first number that the register assigned at or after a seq, or will assign. Numbers follow the journal; no receipt
 * has those that were set aside.
 */
export function firstNumberFrom(view: Numbered, registerId: string, seq: number): number {
  let [low, high] = [1, view.nextReceiptNumber(registerId)]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const given = view.receipts(registerId, middle - 1, 1)[0]
    if (given !== undefined && given.seq < seq) low = given.number + 1
    else high = middle
  }
  return view.receipts(registerId, low - 1, 1)[0]?.number ?? view.nextReceiptNumber(registerId)
}

/** The first number after event `kept` that was given or set aside, or will be. */
export function firstAfter(view: View, register: string, kind: Aside['kind'], kept: number): number {
  const given = firstGivenAfter(view, register, kind, kept) ?? nextOf(view, register, kind)
  const asides = asidesOf(view, register).filter((aside) => aside.kind === kind && aside.seq > kept)
  return Math.min(given, ...asides.map(({ from }) => from))
}

/** The first number that a receipt or a closing got after event `kept`. */
export function firstGivenAfter(view: View, register: string, kind: Aside['kind'], kept: number): number | undefined {
  if (kind === 'z') return firstClosingAfter(view, register, kept)
  const first = firstNumberFrom(view, register, kept + 1)
  return first < view.nextReceiptNumber(register) ? first : undefined
}

function firstClosingAfter(view: View, register: string, kept: number): number | undefined {
  let first: number | undefined
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const session = view.closedSessionBefore(register, before)
    const closed = session && view.eventsOf(session.id).findLast((event) => zOf(bodyOf(event)) !== undefined)
    if (session === undefined || closed === undefined || closed.seq <= kept) return first
    first = zOf(bodyOf(closed))
    before = session.seq
  }
}

function zOf(body: EventBody): number | undefined {
  return sessionPartsOf(body)?.own.z_number
}
