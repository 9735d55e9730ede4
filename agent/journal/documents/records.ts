import type { DutyGround } from '../../contract/duty-ground.ts'
import type { Members } from '../events.ts'

/** A signature unit or a printer that belongs to the shop, by its serial number. */
export type Unit = {
  readonly device: string
  readonly serial: string
  /** RFC 3339 UTC. */
  readonly enrolled_at: string
  /** Only a signature unit has these: its trust provider, and its certificates (DER in Base64, the signing one first). */
  readonly vda?: string
  readonly certificates?: readonly string[]
  /** Only of a token: maker and model in CK_TOKEN_INFO, because types of cards lose their confirmation. */
  readonly token?: { readonly manufacturer: string; readonly model: string }
  readonly uncertified?: true
  /** The period of a printer that was exchanged within it, as its law keeps it. null: its closing was seen. */
  readonly open_period?: Members | null
  /** The last Z of a printer, as its law keeps it. */
  readonly last_z?: Members
  /** The times in which sales were entered in a register of the shop instead of this printer, as its law keeps them. */
  readonly emergencies?: readonly Members[]
}

/** `bsi_id` without its prefix; `kind_code` as the form numbers the kind. */
export type TseInventoryRecord = {
  readonly bsi_id?: string
  readonly kind?: 'sd' | 'usb' | 'cloud' | 'other'
  readonly kind_code?: string
}

/** A TSE that was connected, by its serial number, with what its law keeps of its memory. Without a certificate it is not named. */
export type TseRecord = Members & {
  readonly device?: string
  readonly serial?: string
  readonly algorithm?: string
  readonly time_format?: string
  /** Base64, as the certificate (DER). */
  readonly public_key?: string
  readonly certificate?: string
  readonly uncertified?: true
  /** Facts for the notice of § 146a Abs. 4 AO. null: they are no longer known. */
  readonly inventory?: TseInventoryRecord | null
  /** RFC 3339 UTC, and why. */
  readonly retired_at?: string
  readonly retirement?: string
}

/** A task that a person confirmed, as it was then. */
export type ConfirmedTask = {
  readonly duty: string
  readonly title: string
  /** Calendar date. */
  readonly due: string
  readonly register_id?: string
  readonly reason?: string
  readonly by?: ConfirmedBy
  /** The host that answered for the office, if it was not its own. */
  readonly relay?: string
}

/** Who confirmed a task: a person if it is absent; the authority after we sent it; or it was found to be done. */
export type ConfirmedBy = 'authority' | 'found'

/** The states that an event sets; the others follow from the list of duties. */
export type DutyState = 'queued' | 'sent' | 'confirmed' | 'refused' | 'unclear'

/** The work of an authority's client for a duty in one mode; each event of the mode replaces it as a whole. */
export type DutyProgress = {
  readonly state: DutyState
  /** A code of ours or of the authority. */
  readonly reason?: string
  readonly message?: string
  /** How often it was sent, without the tries that certainly changed nothing. */
  readonly attempts: number
  /** RFC 3339 UTC. */
  readonly sent_at?: string
  readonly next_try_at?: string
  readonly confirmed_at?: string
  readonly confirmed_by?: ConfirmedBy
  readonly relay?: string
  /** By the word of a person. */
  readonly ground?: DutyGround
  /** The print of the facts in a refused request; one with other facts is sent. */
  readonly about?: string
  /** The keyed print of the account that was refused; another account is worth another try. */
  readonly account?: string
}

/** The task of a duty when it was first worked on: it is listed as withdrawn when the law no longer names it. */
type DutyTask = {
  readonly kind: string
  readonly regime: string | null
  readonly authority: string | null
  readonly title: string
  readonly why: string
  /** Calendar date. */
  readonly due: string
  readonly register_id?: string
  readonly device_id?: string
}

/** A duty by the id of its task. T: a trial, which fulfils nothing. */
export type DutyRecord = {
  readonly id: string
  readonly duty?: DutyTask
  readonly T?: DutyProgress
  readonly P?: DutyProgress
}

/** A document on paper that a person must look at. Its law knows the codes. */
export type PaperCheck = {
  readonly id: string
  readonly code: string
  readonly operation_id: string
  readonly device_id: string
  readonly created_at: string
  readonly document_number?: string
  readonly annulled?: readonly string[]
  /** The printer that annulled them; missing in older events. */
  readonly serial?: string
  readonly message?: string
}

export function unitId(serial: string): string {
  return `unit_${serial}`
}

/** The serial number in such an id. */
export function serialOfUnit(id: string): string {
  return id.slice(unitId('').length)
}

export function tseId(serial: string): string {
  return `tse_${serial}`
}
