import type { Json } from '../../../base/canonical.ts'
import type { EventBody } from '../events.ts'
import type { BookState } from './book-state.ts'
import type { Findings, FindingTexts } from './findings.ts'

export type NotedEvent = { readonly seq: number; readonly kind: string; readonly op: string; readonly at: string }

/** `cents`: gross. */
export type AdoptedReceipt = { readonly serial: string; readonly cents: bigint }

/** The checks of one law in the events of a journal, from the first event on. */
export type LawFold = {
  /** Called after the state has noted the event. Anyone may have edited the event: an error makes it unreadable. */
  note(event: NotedEvent, body: EventBody): void
  /** True while an operation may record its goods again. */
  mayChangeGoods?(operation: string): boolean
  /** The serial number of the unit whose own counters the event contains, read from the unit for it. */
  countedIn?(body: EventBody): string | undefined
  /** The receipt that a unit had signed before a restore, and the journal has from its adoption on. */
  adoptedIn?(event: NotedEvent, body: EventBody): AdoptedReceipt | undefined
  /** The extent of its comparisons: members of the report. */
  coverage?(): Readonly<Record<string, Json>>
}

/** The part of a journal's books that one law defines. */
export type LawBooks<Code extends string = string> = {
  readonly texts: FindingTexts<Code>
  open(parts: {
    readonly findings: Findings<Code>
    readonly state: BookState
    /** True for an open operation that a newer program wrote than the one that writes now. */
    readonly isOfLater: (operation: string) => boolean
  }): LawFold
}
