import type { ReceiptModel } from '../contract/receipt.ts'
import type { BookFinding } from '../journal/books/findings.ts'
import type { TakenBackSums } from '../journal/books/taken-back.ts'
import type { OutsideAct, SoldCart, TenderedAmount, UnsoldKind } from '../journal/books/unsold-acts.ts'
import type { Act, Members } from '../journal/events.ts'

/** A register, as an audit lists it. */
export type AuditedRegister = {
  readonly id: string
  readonly merchant_id: string
  readonly fiscal_device: string | null
  readonly fiscalization: { readonly regime: string; readonly tse_serial: string | null } | null
}

/** A file of an audit, made by an export, and its register or device if there are several. */
export type AuditFile = {
  readonly file: string
  readonly type: string
  readonly registerId?: string
  readonly deviceId?: string
  /** It has closed sessions, and is compared with units: it is given those that end before these are read. */
  readonly ofClosings?: true
}

/** The result of a comparison in German, as the report of an audit prints it. */
export type AuditCompared = {
  readonly findings: readonly BookFinding[]
  /** The result if both agree. */
  readonly same: string
  /** Records that only the journal itself proves. */
  readonly uncovered: readonly string[]
}

/** A comparison of a law's records with the journal. */
export type AuditComparison = {
  /** Name of its part in the report. */
  readonly name: string
  /** Lines of the report if it was made. */
  readonly told: readonly string[]
  /** Reported if the audit has such files, by their names, but the comparison was not made. */
  readonly missing?: { readonly files: RegExp; readonly what: string }
  /**
   * Compares the law's files with the journal, in an audit over everything; `madeAt` is the time when the first file
   * was begun. Undefined if neither the files nor the journal have data of the law.
   */
  compare?(
    journal: string,
    files: readonly { readonly file: string; readonly isSound: boolean }[],
    madeAt: string,
  ): Promise<AuditCompared | undefined>
}

/** A closing in a file of an audit, as its Z report prints it. */
export type AuditedClosing = {
  readonly registerId: string
  readonly number: number
  readonly model: ReceiptModel
  /** In cents, by its sums. */
  readonly turnover: bigint
}

export type TakenBackIn = (register: string, firstBon: number, lastBon: number) => TakenBackSums

/** The closings in the files of a law. */
export type AuditClosings = {
  /** Names of the files. */
  readonly files: RegExp
  /** `takenBack`: from the events, of bons of a register by their numbers; the file does not name returns. */
  read(
    file: string,
    takenBack: TakenBackIn | undefined,
    nameOf: (register: string) => string,
  ): Promise<AsyncIterable<AuditedClosing>>
}

/** A chapter of the procedure document. */
export type Chapter = {
  readonly title: string
  readonly paragraphs?: readonly string[]
  readonly table?: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
}

/** A law's texts in the procedure document, independent of the configured registers: it also describes the program. */
export type ProcedureTexts = {
  /** Paragraphs of the chapters on registers, devices and outages. */
  readonly registers: string
  readonly devices: string
  readonly outages: string
  /** Chapters from the sale to its receipt and to the closing. */
  readonly recording: readonly Chapter[]
  /** A paragraph of the chapter on keeping records. */
  readonly keeping: string
  /** Chapters on handing records over. */
  readonly handing: readonly Chapter[]
}

/**
 * `remedy`: how its units are compared. Without one they count nothing, and `uncounted` says what shows it instead. `unseen`:
 * records that they never show.
 */
export type UnitsAfterRestore = { readonly unseen: readonly string[] } & (
  | { readonly remedy: string }
  | { readonly uncounted: string }
)

/** Names of an act without turnover, and its `record`: the name in the law's own export, for the file of all acts. */
export type UnsoldName = readonly [one: string, many: string, record: string]

/** The texts of an item under "Nicht belegt": without any, and with some. */
export type ItemWords = { readonly none: string; readonly some: string }

/**
 * The items of a law that are always under "Nicht belegt", also with 0; undefined for one that it does not have. Restores are
 * an item of each law.
 */
export type UnprovenWords = {
  readonly emergencies:
    | (ItemWords & { readonly open: string; readonly until: string; readonly beside: string })
    | undefined
  /** `each`: what its receipts are named by, one by one; `counted`: their number in the result. */
  readonly unsigned: (ItemWords & { readonly each: 'receipt' | 'outage'; readonly counted: string }) | undefined
  readonly undocumented: ItemWords | undefined
  readonly foreignCash: ItemWords | undefined
  readonly unread: ItemWords | undefined
}

/** The words of a law for acts without turnover. */
export type UnsoldWords = {
  /** The language of heading, chapter and result. */
  readonly language: 'de' | 'it'
  /** The heading of the report. */
  readonly title: string
  readonly receipt: readonly [one: string, many: string]
  /** The turnover of an operation in its books, in cents; `total`: of its whole document. */
  turnover(cart: SoldCart, total: bigint): bigint
  /** A unit without certification is not this. */
  readonly certified: string
  /** The name of a register's number that its law has; undefined if that is the number of its printer. */
  readonly serial: string | undefined
  /** `printed`: a number is that of a printed document, such as `0142-0001`; `register`: the register counts. */
  readonly numbers: 'register' | 'printed'
  /** True if each closed session of a register is a numbered Z. */
  readonly hasSessionZ: boolean
  /** Undefined for an act that the law does not have. */
  readonly names: { readonly [Kind in UnsoldKind]: UnsoldName | undefined }
  /** A sentence that points to another record of the law. */
  readonly elsewhere?: string
  readonly unproven: UnprovenWords
  /** An operation that something else than a document of the law recorded; undefined for any other. */
  outside?(information: Members): OutsideAct | undefined
  /** Payments on a printed document that bring no money: a discount on the payment, an amount that is not collected. */
  tendered?(act: Act): readonly TenderedAmount[]
}

/** The part of an audit that a law defines. */
export type AuditRules<Settings = object> = {
  /**
   * `registers` are those of the law, `devices` the configured ones; the serial number of a retired unit is known, and
   * the devices whose unit has signed for a register that may have another one now.
   */
  files?(
    registers: readonly AuditedRegister[],
    devices: readonly { readonly id: string }[],
    units: { readonly isRetired: (serial: string) => boolean; readonly signing: readonly string[] },
  ): readonly AuditFile[]
  readonly comparisons: readonly AuditComparison[]
  /** The files that were read again after they were written, and what was checked in them. */
  readonly checked: readonly { readonly files: RegExp; readonly what: string }[]
  readonly unsold: UnsoldWords
  /** Its tasks for a person by their kind, in the language of the report, which names those that are open. */
  readonly tasks?: ReadonlyMap<string, string>
  readonly closings?: AuditClosings
  /** The records that show the acts of its units between a backup and its restore. */
  readonly afterRestore: UnitsAfterRestore
  /** `settings` are the keys of agent.json that the law reads. */
  procedure?(settings: Settings): Promise<ProcedureTexts>
}
