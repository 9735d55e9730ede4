import type { ReceiptModel } from '../contract/receipt.ts'
import type { BookFinding } from '../journal/books/findings.ts'

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
export type AuditedClosing = { readonly registerId: string; readonly number: number; readonly model: ReceiptModel }

/** The closings in the files of a law. */
export type AuditClosings = {
  /** Names of the files. */
  readonly files: RegExp
  read(file: string): Promise<AsyncIterable<AuditedClosing>>
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

/** `remedy`: how its units are compared. Without one they count nothing, and `uncounted` says what shows it instead. */
export type UnitsAfterRestore = { readonly remedy: string } | { readonly uncounted: string }

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
  readonly closings?: AuditClosings
  /** The records that show the acts of its units between a backup and its restore. */
  readonly afterRestore: UnitsAfterRestore
  /** `settings` are the keys of agent.json that the law reads. */
  procedure?(settings: Settings): Promise<ProcedureTexts>
}
