import { membersIn, numberIn, textIn } from '../checked.ts'
import type { Members } from '../events.ts'

/*
 * What a document remembers and nobody is answered, read from the stored members of today, which begin with `$`. Each part
 * is a look at what is stored: nothing is copied to make it. What an event sets of it is written by ownMembers.
 */

/** How a reversal of it stands. */
export type Reversal =
  | { readonly state: 'none' }
  | { readonly state: 'reversed'; readonly by: string }
  | { readonly state: 'refused'; readonly by: string }

const NO_REVERSAL: Reversal = { state: 'none' }
const NOTHING: readonly string[] = []

/** A look at what is stored of a document. */
class Part {
  protected readonly stored: Members

  constructor(stored: Members) {
    this.stored = stored
  }
}

/** Of a kind that remembers nothing of its own. */
export class Nothing {}

/** A bon: it may have a receipt number (BON_NR) of its register. */
export class Numbered extends Part {
  get receiptNumber(): number | undefined {
    return numberIn(this.stored['$receipt'])
  }
}

/** A goods movement. */
export class Goods extends Numbered {
  /** How its payments stood when the law recorded it; empty before its end. */
  get countedStatuses(): readonly string[] {
    return textsIn(this.stored['$signed_statuses'])
  }
}

/** One that can be reversed, and of which goods can come back. */
export class Sold extends Goods {
  /** The deposit captures that were begun on it. */
  get captures(): readonly string[] {
    return textsIn(this.stored['$captures'])
  }

  /** Returns and exchanges that were begun of it; of many the first. */
  get returns(): readonly string[] {
    return textsIn(this.stored['$returns'])
  }

  get reversal(): Reversal {
    const by = textIn(this.stored['$reversed_by'])
    if (by !== undefined) return { state: 'reversed', by }
    const refused = textIn(this.stored['$reversal_refused'])
    return refused === undefined ? NO_REVERSAL : { state: 'refused', by: refused }
  }

  /** What it takes back the law did not record. */
  get originalUnrecorded(): boolean {
    return this.stored['$original_unrecorded'] === true
  }
}

/** The agent's part of a goods movement whose stored members a law or a reader of events has; of any other it is empty. */
export function goodsOwn(stored: Members): Sold {
  return new Sold(stored)
}

/** A change of master data that takes effect when the sessions `untilClosed` are closed. */
export type PendingChange = {
  readonly shown: Members
  readonly secret: string | undefined
  readonly untilClosed: readonly string[]
  /** What the document's event sets when it takes effect. */
  readonly stored: Members
}

/** Master data: a change of them may wait. */
export class Pending extends Part {
  get pending(): PendingChange | undefined {
    const change = membersIn(this.stored['$pending'])
    if (change === undefined) return undefined
    const { $fisconline: secret, ...shown } = change
    return { shown, secret: textIn(secret), untilClosed: textsIn(this.stored['$awaited']), stored: change }
  }
}

export class MerchantOwn extends Pending {
  /** The name under which its secrets are sealed. */
  get secret(): string | undefined {
    return textIn(this.stored['$fisconline'])
  }
}

export class SessionOwn extends Part {
  /** `outside`: made for bons that stood outside of any session. */
  get origin(): 'shift' | 'outside' {
    return this.stored['$left_over'] === true ? 'outside' : 'shift'
  }

  /** Z_NR of its closing (DSFinV-K). */
  get zNumber(): number | undefined {
    return numberIn(this.stored['$z_number'])
  }

  /** What the law's books went by when it was closed. */
  get books(): Members | undefined {
    return membersIn(this.stored['$books'])
  }
}

export class ExportOwn extends Part {
  get merchantId(): string {
    return textIn(this.stored['$merchant']) ?? ''
  }

  /** What was written, without the place of the file. */
  get written(): Members | undefined {
    return membersIn(this.stored['$written'])
  }
}

/** Requests of a document that did not go straight: the first event of each. */
export class OpenRequests extends Part {
  /** Of one that was answered before its device told what it did: its law cannot tell the end yet. */
  get undecided(): number | undefined {
    return numberIn(this.stored['$undecided'])
  }

  /** Of an end that was requested while the outcome of the start was unknown. */
  get awaiting(): number | undefined {
    return numberIn(this.stored['$awaiting'])
  }

  /** It was asked for and its device refused: nobody sees it. */
  get isRefused(): boolean {
    return this.stored['$refused'] === true
  }
}

function textsIn(member: Members[string]): readonly string[] {
  return Array.isArray(member) ? (member as readonly string[]) : NOTHING
}
