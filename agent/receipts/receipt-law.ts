import type { FiscalInformation } from '../contract/fiscal-information.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { ShopDocuments, Subject } from './documents.ts'
import type { LabelName, Say } from './labels.ts'
import type { Untaxed } from './untaxed.ts'

/** What the law wants of its device on a receipt, in the device's own words. */
export type Block = Pick<ReceiptModel, 'fiscal' | 'qr' | 'ocr'>

/** A receipt that its device has signed or printed. */
export type Signed = {
  /** `timeOf` writes an RFC 3339 time as it is where the shop stands. */
  block(say: Say, timeOf: (time: string) => string): Block
  /** Words that the law asks for, whatever the receipt's language. */
  notices: readonly string[]
  /** Local time `YYYY-MM-DDThh:mm:ss` that is signed, and printed in the place of the till's. */
  localTime?: string | undefined
  /** Serial number of the TSE or signature unit; none of a printer. */
  unit?: string
}

/** All that a receipt says by one law. */
export type ReceiptLaw = {
  /** As documents name it. */
  readonly name: string
  /** ISO 3166-1 alpha-3. */
  readonly country: string
  /** Of the times in fiscal text. */
  readonly timeZone: string
  /** `information` is of this law. */
  signed(information: FiscalInformation): Signed
  /** The number that its device gave. */
  numberOf(information: FiscalInformation): string
  /** False where that is a document of the device, and the receipt has the number of its register. */
  readonly numbersReceipts: boolean
  /** True where a recorded receipt has a code to scan. */
  readonly hasCode: boolean
  /** The rows of a receipt that its device should have signed and did not. */
  unsigned?(documents: Pick<ReceiptDocuments, 'subject' | 'register'>, say: Say): ReceiptModel['fiscal']
  /** Rows of the head of which each law has its own. */
  readonly head: { readonly externalId: boolean; readonly registerSerial: boolean }
  /** The tax numbers of a merchant in their order: label, and member of the fiscal identity. */
  readonly identifiers: readonly (readonly [LabelName, string])[]
  /** Stands on each receipt. */
  readonly notice?: LabelName
  /** Stands on one whose device has not told yet what it did. */
  readonly pendingNotice: LabelName
  /** True where the law has names of its own for the closings of a month and a year and for the last one. */
  readonly namesClosings: boolean
  /** False where goods are signed and printed at their full price, whatever they are paid with. */
  readonly countsVouchers: boolean
  /** Why a rate is 0; `exempt` where the law does not know the code, or not any more. */
  reasonOf(code: string | undefined): Untaxed
  /** True where a till's own name of such a rate stands in the place of the words of its reason. */
  readonly namesZeroRates: boolean
  /** Letters that stay the same on all receipts of a shop, by rate in atoms. */
  readonly rateLetters: Readonly<Record<string, string>>
}

/** What is known beside the documents. */
export type Certification = {
  /** Those that are served. */
  laws: readonly ReceiptLaw[]
  /** Whether the TSE or signature unit of a serial number was journalled as one that no authority has certified. */
  isUncertified: (unitSerial: string) => boolean
}

/** What a receipt is made of. */
export type ReceiptDocuments = ShopDocuments & Certification & { subject: Subject }
