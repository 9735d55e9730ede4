import type { Act } from '../../journal/events.ts'
import type { ReceiptKind } from './special-receipts.ts'

/** What this law has a signature unit do, as an intent holds it: its members are frozen. */
export type CardAct = {
  device: string
  /** `mark`: there is no unit to ask, and the receipt goes out with the marker. */
  name: 'sign' | 'mark'
  /** Kassen-ID. */
  client: string
  kind: ReceiptKind
  /** Month or year that it closes; '' where it closes none. */
  period: string
  /** True while another unit is left to try. */
  more: boolean
  /** Of the closing that comes into being with the receipt; '' where the receipt is that of a document that is there. */
  id: string
  /** False for a receipt that is due before the document's own. */
  is_own: boolean
  /** All of the receipt but its signature; '' where no unit was ever seen whose name could stand in it. */
  payload: string
  /** Of a Sammelbeleg: local time at which a unit was back; that of the receipt where left out. */
  back_at?: string
  /** The register ends without a Schlussbeleg: the key that its counter is encrypted with is gone. */
  key_lost?: true
}

/** What the unit answered: R‖S in BASE64. */
export type Signed = { signature: string }

/** This law made it. */
export function cardActOf(act: Act): CardAct {
  return act as CardAct
}
