import type { View } from '../../../journal/projections/view.ts'

/**
 * How far the logs of a unit were read back: the highest signature counter, the newest transaction and its log time.
 * `at`: when; `seq`: all finishes up to this event were read back.
 */
export type ReadTo = {
  readonly counter: number
  readonly transaction: number
  readonly time_ms: number
  readonly at: string
  readonly seq: number
}

/** The reason why a signing unit could not be read, and since when. */
export type Unreadable = { readonly code: string; readonly message: string; readonly since: string }

export type ReadFacts = { readonly readTo: ReadTo | undefined; readonly unreadable: Unreadable | undefined }

/** The stored form: its members are frozen. */
export type StoredReadFacts = { readonly read_to?: ReadTo; readonly unreadable?: Unreadable | null }

/** The journal's records about reading back a TSE, by its serial number. */
export function readFacts(view: Pick<View, 'tse'>, serial: string): ReadFacts {
  const { read_to: readTo, unreadable } = (view.tse(serial)?.shown ?? {}) as StoredReadFacts
  return { readTo: readTo ?? undefined, unreadable: unreadable ?? undefined }
}
