import type { Json } from '../../base/canonical.ts'

/** The notice of a place to an authority: the file for its portal, and a sheet of all fields of the form. */
export type PlaceNotice = {
  readonly location_id: string
  readonly xml: string
  readonly sheet: string
  /** Names the content: the same for the same facts. */
  readonly list: string
  readonly systems: number
  /** Null for a trial, and for one that is not due. */
  readonly duty_id: string | null
}

/** A fact that a notice needs and no one has given, and how to give it. */
export type MissingField = {
  readonly location_id: string
  readonly register_id?: string
  readonly device_id?: string
  readonly field: string
  readonly how: string
}

/** `missing`: of places whose notices are not complete and are not made. */
export type LawNotices = { readonly notices: readonly PlaceNotice[]; readonly missing: readonly MissingField[] } & {
  readonly [member: string]: Json | undefined
}

/** A file of another agent for the same place. */
export type OtherNotice = { readonly name: string; readonly bytes: Uint8Array }

export type OwnNotice = Pick<PlaceNotice, 'xml' | 'sheet'>
export type JoinedNotice = OwnNotice & { readonly systems: number }

/** The notices of a law, as `fiskal-edge export` offers them. */
export type OfferedNotices = {
  readonly type: string
  readonly description: string
  /** The notice with the systems of other agents at the same place. Throws XmlError for a file that does not fit. */
  readonly join: (notice: OwnNotice, others: readonly OtherNotice[]) => Promise<JoinedNotice>
}
