import type { FiscalInformation } from '../contract/fiscal-information.ts'
import type { Payment } from '../contract/payment.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { Members } from '../journal/events.ts'
import type { LabelName, Say } from '../texts/receipts.ts'
import type { ShopDocuments, Subject } from './documents.ts'
import type { Named } from './originals.ts'
import type { Untaxed } from './untaxed.ts'

/** The fiscal data that the law requires on a receipt, in the words of the device. */
export type Block = Pick<ReceiptModel, 'fiscal' | 'qr' | 'ocr'>

/** A receipt that its device has signed or printed. */
export type Signed = {
  /** `timeOf` formats an RFC 3339 time in the zone of the shop. */
  block(say: Say, timeOf: (time: string) => string): Block
  /** Words that the law requires, in any language of the receipt, in addition to the journalled `receipt_text`. */
  notices: readonly string[]
  /** The signed local time `YYYY-MM-DDThh:mm:ss`, printed instead of the till's. */
  localTime?: string | undefined
  /** Serial number of the TSE or signature unit; undefined for a printer. */
  unit?: string
}

type Tax = { readonly rate: string; readonly code?: string | undefined }

/** `words`: of a tax that is a separate group on the receipt; `letter`: that of its kind, whatever the rate. */
export type TaxWords = { readonly words?: string; readonly letter?: string }

/** The parts of a receipt that depend on the law. */
export type ReceiptLaw = {
  /** The law's name in documents. */
  readonly name: string
  /** ISO 3166-1 alpha-3. */
  readonly country: string
  /** The zone of the times in fiscal text. */
  readonly timeZone: string
  /** `information` must be of this law. */
  signed(information: FiscalInformation): Signed
  /** The number that the device gave. */
  numberOf(information: FiscalInformation): string
  /** False if that is the number of a document of the device, and the receipt has the number of its register. */
  readonly numbersReceipts: boolean
  /** The number that a return names, if the receipt has that of its register too; undefined if no device has it. */
  documentOf?(information: FiscalInformation): string | undefined
  /** False for a receipt of an outage, although it is recorded; null if the device prints and signs no receipt. */
  isSigned(information: FiscalInformation): boolean | null
  /** True if a recorded receipt has a code to scan. */
  readonly hasCode: boolean
  /** The rows of a receipt that the device should have signed but did not. */
  unsigned?(documents: Pick<ReceiptDocuments, 'subject' | 'register'>, say: Say): ReceiptModel['fiscal']
  /** Rows of the head that differ by law. */
  readonly head: { readonly externalId: boolean; readonly registerSerial: boolean }
  /** The tax numbers of a merchant in their order: label, and member of the fiscal identity. */
  readonly identifiers: readonly (readonly [LabelName, string])[]
  /** A notice that the receipt of this subject must carry. */
  notice?(subject: Subject): LabelName | undefined
  /** Printed on a receipt if the outcome of the device act is unknown. */
  readonly pendingNotice: LabelName
  /** True if the law has its own names for the monthly, annual and last closing. */
  readonly namesClosings: boolean
  /**
   * Payments that the receipt has below its total, as what is not paid: vouchers, if the law does not sign goods at their full
   * price, and claims.
   */
  readonly belowTotal: readonly Payment['method'][]
  /** The reason for the rate of 0 of a line that settles a claim. */
  readonly settlement: Untaxed
  /** The reason for a rate of 0; `exempt` for an unknown or former code. */
  reasonOf(code: string | undefined): Untaxed
  /** Words and letter of a tax with own ones; `recorded`: the law's state of the operation. */
  taxOf?(tax: Tax, recorded: Members): TaxWords | undefined
  /** True if the till's own name of such a rate replaces the words of its reason. */
  readonly namesZeroRates: boolean
  /** The word before the title of empties that come back without the receipt of their sale. */
  readonly empties: LabelName
  /** Its own names of cash movements, which their slips have in brackets. */
  readonly cashCases?: Partial<Record<LabelName, string>>
  /** The cases of its closings that are turnover; without any, a closing has no other sums. */
  readonly turnoverCases?: readonly string[]
  /** Letters that are the same on all receipts of a shop, by rate in atoms. */
  readonly rateLetters: Readonly<Record<string, string>>
}

/** Facts that are not in the documents. */
export type Certification = {
  /** The laws of this agent. */
  laws: readonly ReceiptLaw[]
  /** True if the journal records the TSE or signature unit with this serial number as uncertified. */
  isUncertified: (unitSerial: string) => boolean
}

/** The sources of a receipt. */
export type ReceiptDocuments = ShopDocuments &
  Certification & {
    subject: Subject
    /** The operations that its lines name. */
    named?: Named
  }
