import type { DeviceKind } from '../../drivers/ports/device.ts'
import type { Language } from '../contract/receipt.ts'

/** The members of a tax identity that are numbers of the taxpayer, and the way of a shop that another company takes over. */
type TaxNumbers = {
  readonly members: readonly string[]
  /** The one that another office gives to the same taxpayer. */
  readonly ofOffice?: string
  readonly otherCompany: string
}

/** The constants of a law. */
export type LawFacts = {
  /** Its name in documents. */
  readonly name: string
  /** ISO 3166-1 alpha-3. */
  readonly country: string
  /** `German`, in messages. */
  readonly adjective: string
  /** Time zone of its dates and times. */
  readonly timeZone: string
  /** Default language of its receipts. */
  readonly language: Language
  /**
   * The devices that can serve it: each kind serves one law. Empty if it signs in software: then its acts name its key.
   */
  readonly deviceKinds: readonly DeviceKind[]
  /** Undefined if a merchant needs no tax identity of the country. */
  readonly taxNumbers: TaxNumbers | undefined
  /**
   * The text that an unsigned receipt must carry: `device` shows it. Undefined if no receipt is issued without a
   * signature, or if the shop chooses the words.
   */
  readonly outageText?: string
  /** True if a receipt that a display has shown for some time is handed over; elsewhere showing it adds nothing. */
  readonly handsOverByDisplay?: true
}
