import type { RightSignatures } from '../../verify/tse/right-signatures.ts'
import type { BookFinding } from '../journal/books/findings.ts'

/** The contents of a file: English for `verify`, German for the report of `audit`. */
export type Summary = { readonly en: string; readonly de: string }

/** Further input of a check. */
export type Given = {
  /** The archive of a device was made with a filter: its counters may have gaps. */
  readonly filtered?: boolean | undefined
  /** A part of the records. */
  readonly partial?: boolean | undefined
  /** A file with the keys and certificates of a register. */
  readonly material?: string | undefined
  /** Right signatures of this run, which are not verified again. */
  readonly known?: RightSignatures | undefined
  /** Gets what the exporter of the file checks. */
  readonly onExported?: (checked: ExporterCheck) => void
}

/** `isSound`: the exporter would hand the file over; `serial`: of the unit, for an archive of logs. */
export type ExporterCheck = { readonly isSound: boolean; readonly serial?: string | undefined }

/** The result of checking a file, a code, or files that belong together. */
export type Verdict = {
  readonly file: string
  /** The name of the format: that of the export that makes it, for those of a law. */
  readonly kind: string
  readonly valid: boolean
  readonly summary: string
  readonly findings: readonly string[]
  /** The findings with a stable code; missing if none were looked for, e.g. in a part of a journal. */
  readonly codes?: readonly BookFinding[]
  /** Notes that are not faults: periods in which the clock of a journal was wrong, odd times in a package. */
  readonly notes?: readonly string[]
  /** Serial numbers of the units that signed it and are known not to be certified. */
  readonly uncertified: readonly string[]
}

/** Checks the files of one format. */
export type FileChecker = {
  readonly kind: string
  /** True for the first 512 bytes of such a file. */
  recognizes(start: Buffer): boolean
  check(file: string, given: Given, language: keyof Summary): Promise<Omit<Verdict, 'file' | 'kind'>>
}

/** `isWhole`: no part of the code is missing; the certificate of its unit may be. */
export type CheckedCode = Pick<Verdict, 'valid' | 'summary' | 'findings' | 'uncertified'> & {
  readonly isWhole: boolean
}

/** Checks the machine-readable codes of receipts. */
export type CodeChecker = {
  /** The beginning of a code of any version, complete or truncated. */
  readonly start: RegExp
  /** Opens a check of several codes; it reads the given files when the first code needs them. */
  open(given: Given): (code: string) => Promise<CheckedCode>
}

/** A comparison of files that belong together. */
export type Together = { readonly summaries: readonly string[]; readonly found: readonly BookFinding[] }

/** The part of `verify` that a law defines. The checkers are loaded when they are called. */
export type VerifyRules = {
  /** Help text of `--material`, if files or codes are checked with keys that they do not contain. */
  readonly material?: string
  readonly files: readonly FileChecker[]
  readonly codes: readonly CodeChecker[]
  /**
   * Compares the law's files with the journal, and with each other. `verdicts` are those of all given files; `journal` is
   * set if exactly one was given.
   */
  compare(verdicts: readonly Verdict[], journal: Verdict | undefined, given: Given): Promise<readonly Together[]>
}
