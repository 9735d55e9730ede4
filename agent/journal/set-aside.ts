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

/** How many numbers they are. */
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
