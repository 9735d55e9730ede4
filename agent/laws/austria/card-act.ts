import type { Act } from '../../journal/events.ts'
import type { Outcome } from '../law.ts'
import type { ActWords } from '../law-words.ts'
import type { ReceiptKind } from './special-receipts.ts'

/** An act of this law on a signature unit, as an intent stores it: its members are frozen. */
export type CardAct = {
  device: string
  /** `mark`: no unit can be asked, and the receipt is issued with the marker. */
  name: 'sign' | 'mark'
  /** Kassen-ID. */
  client: string
  kind: ReceiptKind
  /** Month or year that it closes; '' if it closes none. */
  period: string
  /** True if another unit can still be tried. */
  more: boolean
  /** Id of the closing that is created with the receipt; '' if the receipt belongs to an existing document. */
  id: string
  /** False for a receipt that is due before the document's own. */
  is_own: boolean
  /** The receipt without its signature; '' if no unit was ever seen whose name it could have. */
  payload: string
  /** For a Sammelbeleg: local time at which a unit was available again; by default that of the receipt. */
  back_at?: string
  /** The register ends without a Schlussbeleg: the key of its encrypted counter is lost. */
  key_lost?: true
}

/** Result of the unit: R‖S in BASE64. */
export type Signed = { signature: string }

export type CardOutcome = Outcome<{ sign: Signed }>

/** An act of this law. */
export function cardActOf(act: Act): CardAct {
  return act as CardAct
}

const CARD = {
  device: true,
  name: true,
  client: true,
  kind: true,
  period: true,
  more: true,
  id: true,
  is_own: true,
  payload: true,
  back_at: true,
  key_lost: true,
} as const

export const ACTS: ActWords<CardAct> = { sign: CARD, mark: CARD }
