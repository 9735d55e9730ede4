import type { KeyObject } from 'node:crypto'
import type { LogTimeFormat } from '../../drivers/tr03151/log-time.ts'
import type { CheckedRow } from './row.ts'

/** A TSE by its row in tse.csv. */
export type TseFacts = {
  serial: Uint8Array
  serialText: string
  algorithm: string
  timeFormat: LogTimeFormat
  key: KeyObject
  /** By its certificate, it is not certified. */
  uncertified: boolean
}

/** The facts of a closing for the checks of its bons. */
export type ClosingContext = {
  index: number
  /** Register and number, for findings. */
  label: string
  registerId: string
  number: number
  createdAt: string
  baseCurrency: string
  /** KASSE_SERIENNR: the TSE's client id. */
  serial: string
  /** The row in cashregister.csv. */
  register: CheckedRow | undefined
  /** UST_SATZ in hundredths of a percent, by UST_SCHLUESSEL. */
  rates: ReadonlyMap<number, number>
  /**
   * The amount of processData, 1 to 5, that contains a key; a key of the company above 0 has one as soon as a signed text
   * shows it.
   */
  kinds: Map<number, number>
  /** TERMINAL_ID of each row in slaves.csv. */
  terminals: ReadonlySet<string>
  /** AGENTUR_ID of each row in pa.csv. */
  agencies: ReadonlySet<number>
  /** By TSE_ID. */
  tses: ReadonlyMap<string, TseFacts>
}

/** The rows of one bon, file by file. */
export type BonRows = {
  head: CheckedRow
  payments: readonly CheckedRow[]
  lines: readonly CheckedRow[]
  linesVat: readonly CheckedRow[]
  prices: readonly CheckedRow[]
  vat: readonly CheckedRow[]
  tse: readonly CheckedRow[]
  references: readonly CheckedRow[]
  groups: readonly CheckedRow[]
}

/** Adds a finding about a bon. */
export type Fault = (row: CheckedRow | undefined, column: string | undefined, what: string, rule: string) => void
