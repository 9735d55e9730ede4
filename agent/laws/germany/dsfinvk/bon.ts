import type { LogTimeFormat } from '../../../../drivers/tr03151/log-time.ts'
import type { Agency } from '../../../contract/merchant.ts'
import type { Terminal } from '../../../contract/register.ts'
import type { Article } from '../article.ts'
import type { ClosingVat } from './closing-vat.ts'

/** Vorgangstyp of a bon (DSFinV-K Anhang B); AVBelegstorno never has a TSE. */
export type BonType =
  | 'Beleg'
  | 'AVRechnung'
  | 'AVTransfer'
  | 'AVBestellung'
  | 'AVTraining'
  | 'AVBelegabbruch'
  | 'AVSachbezug'
  | 'AVSonstige'

/** Kind of a business case (DSFinV-K Anhang C). */
export type BusinessCase =
  | 'Umsatz'
  | 'Pfand'
  | 'PfandRueckzahlung'
  | 'Rabatt'
  | 'TrinkgeldAG'
  | 'TrinkgeldAN'
  | 'MehrzweckgutscheinKauf'
  | 'MehrzweckgutscheinEinloesung'
  | 'Forderungsentstehung'
  | 'Forderungsaufloesung'
  | 'EinzweckgutscheinKauf'
  | 'EinzweckgutscheinEinloesung'
  | 'Anzahlungseinstellung'
  | 'Anzahlungsaufloesung'
  | 'Anfangsbestand'
  | 'Privatentnahme'
  | 'Privateinlage'
  | 'Geldtransit'
  | 'Lohnzahlung'
  | 'Einzahlung'
  | 'Auszahlung'
  | 'DifferenzSollIst'

export type PaymentType = 'Bar' | 'Unbar' | 'Keine' | 'ECKarte' | 'Kreditkarte' | 'ElZahlungsdienstleister'

/** Gross of one VAT key, in cents. */
export type VatShare = { key: number; cents: bigint }

export type BonLine = {
  businessCase: BusinessCase
  /** GV_NAME. */
  name?: string | undefined
  text: string
  voucher?: string | undefined
  /** AGENTUR_ID, if it is sold in the name of an agency. */
  agency?: number | undefined
  /** The line item of the request that it comes from. */
  itemId?: string | undefined
  /** INHAUS: eaten in the shop, or taken away. */
  inHouse?: boolean | undefined
  /** P_STORNO: cancelled before anything was signed; counts in no sum. */
  cancelled?: boolean
  article?: Article | undefined
  vat: readonly VatShare[]
  /** The price components in cents (itemamounts.csv); their sum per key is the line's gross. */
  pricing?: readonly { type: 'base_amount' | 'discount' | 'extra_amount'; key: number; cents: bigint }[]
}

export type BonPayment = {
  type: PaymentType
  name?: string | undefined
  /** ISO 4217. */
  currency: string
  /** Cents in that currency, as handed over; only if it is not the base currency. */
  foreignCents?: bigint | undefined
  /** Cents of the base currency. */
  cents: bigint
}

export type BonReference = {
  /** The referring line; absent: the whole bon. */
  line?: number | undefined
  type: 'Transaktion' | 'ExterneSonstige' | 'ExterneRechnung' | 'ExternerLieferschein'
  name?: string | undefined
  /** Z_ERSTELLUNG of the closing, if it is made. */
  date?: string | undefined
  registerId?: string | undefined
  closing?: number | undefined
  bonId: string
}

export type Customer = {
  name?: string | undefined
  id?: string | undefined
  type?: string | undefined
  street?: string | undefined
  postalCode?: string | undefined
  city?: string | undefined
  country?: string | undefined
  vatId?: string | undefined
}

/** Start of a TSE transaction; times are those of the device. */
export type TseStart = { serial: string; transaction: number; startMs: number }

export type BonTse =
  | ({
      state: 'signed'
      endMs: number
      processType: string
      processData: string
      /** Signature counter of the finish. */
      counter: number
      /** Base64 of r‖s. */
      signature: string
    } & TseStart)
  | { state: 'failed'; reason: string; start?: TseStart | undefined }

/** One receipt or other recording: a row of transactions.csv with all rows that belong to it. */
export type Bon = {
  /** BON_ID and BON_NR. */
  id: number
  type: BonType
  name?: string | undefined
  /** BON_STORNO: reverses a whole earlier bon. */
  reversal?: boolean
  /** A return: in no column. */
  isReturn?: boolean
  /** RFC 3339 with the local offset. */
  start: string
  end: string
  operator: { id: string; name?: string | undefined }
  /** The terminal that sent it to the register. */
  terminal?: Terminal | undefined
  customer?: Customer | undefined
  note?: string | undefined
  lines: readonly BonLine[]
  payments: readonly BonPayment[]
  tse: BonTse
  references?: readonly BonReference[]
  /** Tables, departments or orders (ABRECHNUNGSKREIS). */
  groups?: readonly string[]
}

type Place = { name: string; street: string; postalCode: string; city: string; country: string }

export type TseMaster = {
  /** 64 hex digits. */
  serial: string
  algorithm: string
  timeFormat: LogTimeFormat
  /** Base64 of the uncompressed point. */
  publicKey: string
  /** Base64 of the DER certificate of the signing key. */
  certificate: string
}

/** One Kassenabschluss: its bons and the master data of that time. */
export type Closing = {
  registerId: string
  number: number
  /** Z_ERSTELLUNG: RFC 3339 with the local offset; a key, so every row has the same text. */
  createdAt: string
  /** Calendar date, if it differs from that of `createdAt`. */
  businessDate?: string | undefined
  taxonomyVersion: string
  company: Place & { taxNumber?: string | undefined; vatId?: string | undefined }
  location: Place & { vatId?: string | undefined }
  register: {
    /** The TSE's client id, which is reported to the tax office. */
    serial: string
    brand?: string | undefined
    model?: string | undefined
    softwareBrand?: string | undefined
    softwareVersion?: string | undefined
    currency: string
  }
  /** Its VAT keys, as far as its bons were read. */
  vat: ClosingVat
  /** In the order of BON_ID; can be read once. */
  bons(): Iterable<Bon>
  /** An agency of the company at that time, by its id. */
  agency(id: number): Agency | undefined
  /** A TSE by its serial number; undefined if there is no record of it. */
  tse(serial: string): TseMaster | undefined
}

/** The input of a package: whole closings, by register and number. Can be read once. */
export type Source = { closings(): Iterable<Closing> }
