import type { Act, EventBody, Members } from '../journal/events.ts'

/** What an operation or register is to reach; decides which acts on the device it still needs. */
export type Goal = 'open' | 'completed' | 'voided' | 'fiscalized' | 'decommissioned'

/**
 * What became of an act. `failed`: the device certainly did nothing and will not. `unknown`: it may have acted and
 * cannot be asked now. `absent` (settling only): it was asked and did nothing, so the act may be done again.
 */
export type Outcome =
  | { readonly kind: 'done'; readonly result: Members }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly code: string; readonly message: string }
  | { readonly kind: 'absent' }

/** Facts of the moment that a conclusion needs and the document does not hold. */
export type Moment = {
  /** RFC 3339 UTC. */
  at: string
  /** The receipt number this document gets when it becomes final now. */
  receiptNumber: number
  goal: Goal
}

/** What a conclusion changes: members of the document, and the device's transaction if one opened or closed. */
export type Conclusion = { set: Members; transaction?: EventBody['transaction']; enrolled?: EventBody['enrolled'] }

/** One register's shop facts that a law needs to plan; taken from the register document. */
export type RegisterFacts = { device: string; clientId: string }

/**
 * One country's law. Plans purely, acts through ports, settles by asking. It appends nothing: the till journals the
 * intent before `perform` and the outcome after it.
 */
export type Regime = {
  readonly law: 'KassenSichV' | 'RKSV' | 'RT'
  /** ISO 3166-1 alpha-3. */
  readonly country: string
  readonly timeZone: string
  /** Device kind of `drivers/ports` that can serve it. */
  readonly deviceKind: string
  /** True where `rate` (as written, e.g. `0.19`) with this reason code may stand on a line of that calendar date. */
  knowsRate(rate: string, code: string | undefined, date: string, isReturn: boolean): boolean
  /** Rules of this law beyond the shop's own arithmetic. Throws FiskalError 422. */
  checkGoods(request: { readonly line_items: readonly { readonly taxes: readonly unknown[] }[] }): void
  /** True for documents that this law has signed; the others are final as soon as they are journalled. */
  records(document: Members): boolean
  /** The next act towards the goal, or undefined when none is needed (any more). Pure. */
  next(document: Members, register: RegisterFacts, goal: Goal): Act | undefined
  /** Does the act. Never throws DeviceError: it becomes the outcome. */
  perform(act: Act): Promise<Outcome>
  /** Asks the device what an interrupted act did. Never acts. */
  settle(act: Act): Promise<Outcome>
  /** What the outcome means for the document. Pure. */
  conclude(document: Members, act: Act, outcome: Outcome, moment: Moment): Conclusion
  /** `fiscal` of a document whose act is still being settled. */
  pending(document: Members): Members
  /** The act that ends a device transaction which no document waits for any more. */
  abortAct(device: string, client: string, transaction: number): Act
}
