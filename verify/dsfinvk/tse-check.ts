import type { KeyObject } from 'node:crypto'
import { formatCents, formatRounded, withoutZeros } from '../../base/money.ts'
import { algorithmByName } from '../../drivers/tr03151/algorithms.ts'
import {
  isUncertified,
  pointOfCertificate,
  readCertificate,
  UNCERTIFIED_CLIENT,
} from '../../drivers/tr03151/certificate.ts'
import { findCurve, serialOfPoint, verifyPlain } from '../../drivers/tr03151/ecdsa.ts'
import type { LogForm } from '../../drivers/tr03151/log-message.ts'
import { formsOf, transactionPart } from '../../drivers/tr03151/log-message.ts'
import type { LogTimeFormat } from '../../drivers/tr03151/log-time.ts'
import { readIsoText } from '../../drivers/tr03151/log-time.ts'
import type { RightSignatures } from '../tse/right-signatures.ts'
import type { KeySums } from './bon-check.ts'
import { isCancelled } from './cancelled-lines.ts'
import type { BonRows, ClosingContext, Fault, TseFacts } from './closing-context.ts'
import { checkMove } from './move-check.ts'
import { receiptText } from './process-data.ts'
import type { CheckedRow } from './row.ts'
import { SeenNumbers } from './seen-numbers.ts'
import { Signatures } from './signatures.ts'
import { CERTIFICATE_COLUMNS } from './tables.ts'

const FINISH_COLUMNS = [
  'TSE_ID',
  'TSE_TANR',
  'TSE_TA_START',
  'TSE_TA_ENDE',
  'TSE_TA_VORGANGSART',
  'TSE_TA_SIGZ',
  'TSE_TA_SIG',
]
const PER_CENT = 1000n
/** In hundred-thousandths, as `units` returns them. */
const ONE = 100_000n
const QUANTITY_DECIMALS = 5
const RULE = '§ 7.3'
const PIECE_CHARS = 1000
/** Longer data are left out of their column, never cut. */
const PROCESS_DATA_MAX = 1000
const SHOWN_CHARS = 120
/** Amounts of processData. */
const KINDS = 5
/** More in one bon are not tried. */
const UNKNOWN_KEYS_MAX = 4

/** Reads a row of tse.csv; undefined if its key is wrong. */
export function readTse(row: CheckedRow, fault: Fault): TseFacts | undefined {
  const point = Buffer.from(row.text('TSE_PUBLIC_KEY'), 'base64')
  let key: KeyObject
  try {
    key = findCurve(point).key
    algorithmByName(row.text('TSE_SIG_ALGO'))
  } catch (error) {
    fault(row, 'TSE_PUBLIC_KEY', error instanceof Error ? error.message : 'is not a key', RULE)
    return undefined
  }
  const serial = serialOfPoint(point)
  if (serial.toString('hex') !== row.text('TSE_SERIAL'))
    fault(row, 'TSE_SERIAL', 'is not the hash of TSE_PUBLIC_KEY', RULE)
  const certificate = checkedCertificate(row, point, fault)
  return {
    serial,
    serialText: serial.toString('hex'),
    algorithm: row.text('TSE_SIG_ALGO'),
    timeFormat: row.text('TSE_ZEITFORMAT') as LogTimeFormat,
    key,
    uncertified: isUncertified(certificate),
  }
}

/** The certificate of a row, in DER. */
function checkedCertificate(row: CheckedRow, point: Uint8Array, fault: Fault): Uint8Array {
  const columns = ['TSE_ZERTIFIKAT_I', 'TSE_ZERTIFIKAT_II', ...CERTIFICATE_COLUMNS.map(({ name }) => name)]
  const pieces = columns.map((column) => row.text(column))
  const last = pieces.findLastIndex((piece) => piece !== '')
  if (pieces.slice(0, Math.max(0, last)).some((piece) => piece.length !== PIECE_CHARS))
    fault(row, 'TSE_ZERTIFIKAT_I', `is not cut after ${PIECE_CHARS} characters`, RULE)
  const text = pieces.join('')
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) fault(row, 'TSE_ZERTIFIKAT_I', 'is not BASE64 without line breaks', RULE)
  try {
    const certified = pointOfCertificate(readCertificate(bytes)).point
    if (!Buffer.from(certified).equals(point)) fault(row, 'TSE_PUBLIC_KEY', 'is not that of the certificate', RULE)
  } catch {
    fault(row, 'TSE_ZERTIFIKAT_I', 'is not an X.509 certificate with a key on an allowed curve', RULE)
  }
  return bytes
}

/** Checks the TSE's part of each bon, and every signature, from the columns alone. */
export class TseCheck {
  /** Signatures that were verified. */
  signatures = 0
  /** Bons without a signature: the TSE failed. */
  unsigned = 0
  /** Serial numbers of TSEs that signed and are not certified, by their certificate or by the register's serial number. */
  readonly uncertified = new Set<string>()
  readonly #verifier: Signatures
  /** By the serial number of a TSE; the form that fitted last is first. */
  readonly #forms = new Map<string, readonly LogForm[]>()
  readonly #transactions = new Map<string, SeenNumbers>()
  readonly #counters = new Map<string, SeenNumbers>()

  constructor(known: RightSignatures | undefined) {
    this.#verifier = new Signatures(known)
  }

  /** A promise if earlier signatures have to be verified first. */
  bon(rows: BonRows, sums: KeySums, closing: ClosingContext, fault: Fault): Promise<void> | undefined {
    const [row, ...more] = rows.tse
    if (row === undefined || more.length > 0) {
      fault(more[0] ?? rows.head, undefined, `transactions_tse.csv has ${rows.tse.length} rows of the bon`, '§ 7.4')
      return undefined
    }
    const tse = closing.tses.get(row.text('TSE_ID'))
    if (row.text('TSE_ID') !== '' && tse === undefined) fault(row, 'TSE_ID', 'is not defined in tse.csv', RULE)
    if (row.text('TSE_TA_FEHLER') !== '') {
      this.unsigned += 1
      checkFailed(row, fault)
      return undefined
    }
    const missing = FINISH_COLUMNS.filter((column) => row.text(column) === '')
    for (const column of missing) fault(row, column, 'is empty although no failure is recorded', '§ 7.4')
    if (missing.length > 0 || tse === undefined) return undefined
    if (tse.uncertified || closing.serial.startsWith(UNCERTIFIED_CLIENT)) this.uncertified.add(tse.serialText)
    this.#unique(this.#transactions, tse, row, 'TSE_TANR', fault)
    this.#unique(this.#counters, tse, row, 'TSE_TA_SIGZ', fault)
    // An end before its start is not a finding: the TSE's clock was set in between, and it signed both times.
    const processData = checkProcessData(rows, row, sums, closing, fault)
    return processData === undefined ? undefined : this.#verify(row, processData, tse, closing, fault)
  }

  async end(): Promise<void> {
    await this.#verifier.end()
  }

  #unique(seen: Map<string, SeenNumbers>, tse: TseFacts, row: CheckedRow, column: string, fault: Fault): void {
    const numbers = seen.get(tse.serialText) ?? new SeenNumbers()
    seen.set(tse.serialText, numbers)
    if (row.text(column) !== '' && !numbers.add(row.number(column)))
      fault(row, column, `${row.text(column)} occurs twice for this TSE`, RULE)
  }

  #verify(
    row: CheckedRow,
    processData: string,
    tse: TseFacts,
    closing: ClosingContext,
    fault: Fault,
  ): Promise<void> | undefined {
    const finish = {
      operation: 'Finish' as const,
      clientId: closing.serial,
      processData: Buffer.from(processData),
      processType: row.text('TSE_TA_VORGANGSART'),
      transaction: row.number('TSE_TANR'),
      serial: tse.serial,
      algorithm: tse.algorithm,
      counter: row.number('TSE_TA_SIGZ'),
      timeMs: timeOf(row.text('TSE_TA_ENDE')),
    }
    const signature = Buffer.from(row.text('TSE_TA_SIG'), 'base64')
    this.signatures += 1
    const partOf = (form: LogForm): Uint8Array => transactionPart({ ...finish, ...form })
    const forms = this.#forms.get(tse.serialText) ?? formsOf(tse.timeFormat)
    const [likely = { version: 2, timeFormat: tse.timeFormat }, ...others] = forms
    return this.#verifier.add(tse.algorithm, tse.key, partOf(likely), signature, () => {
      const written = others.find((other) => verifyPlain(tse.key, tse.algorithm, partOf(other), signature))
      if (written === undefined) fault(row, 'TSE_TA_SIG', 'the signature does not fit the columns', '§ 12.7')
      else this.#forms.set(tse.serialText, [written, ...forms.filter((form) => form !== written)])
    })
  }
}

function checkFailed(row: CheckedRow, fault: Fault): void {
  for (const column of FINISH_COLUMNS.slice(3).filter((name) => row.text(name) !== ''))
    fault(row, column, 'is filled though the TSE failed', '§ 7.4')
}

function timeOf(text: string): number {
  try {
    return readIsoText(text)
  } catch {
    // The rule of its column reports it; the signature cannot fit then.
    return 0
  }
}

/**
 * Compares the signed data with the rows. Returns the data to verify the signature with, rebuilt if they are too long for
 * their column; undefined without any.
 */
function checkProcessData(
  rows: BonRows,
  row: CheckedRow,
  sums: KeySums,
  closing: ClosingContext,
  fault: Fault,
): string | undefined {
  const signed = row.text('TSE_VORGANGSDATEN')
  const type = row.text('TSE_TA_VORGANGSART')
  if (type === 'SonstigerVorgang' && signed !== '') {
    checkMove(rows, signed, fault)
    return signed
  }
  const expected = type === 'Bestellung-V1' ? orderData(rows) : receiptData(rows, sums, closing)
  if (signed === '' && expected.length > PROCESS_DATA_MAX) return expected
  if (signed === expected || fitsOwnKeys(rows, signed, sums, closing)) return signed
  const what = `"${signed.slice(0, SHOWN_CHARS)}" is not what the rows say: "${expected.slice(0, SHOWN_CHARS)}"`
  fault(row, 'TSE_VORGANGSDATEN', what, '§ 12.6')
  return signed === '' ? undefined : signed
}

/**
 * True if the signed text fits the rows with one amount of processData for each key of the company above 0: only its
 * configuration knows it. The keys have it in the rest of the closing.
 */
function fitsOwnKeys(rows: BonRows, signed: string, sums: KeySums, closing: ClosingContext): boolean {
  const unknown = [...sums.keys()].filter((key) => closing.rates.has(key) && !closing.kinds.has(key))
  if (unknown.length === 0 || unknown.length > UNKNOWN_KEYS_MAX) return false
  for (let choice = 0; choice < KINDS ** unknown.length; choice++) {
    const kinds = new Map(closing.kinds)
    for (const [at, key] of unknown.entries()) kinds.set(key, (Math.floor(choice / KINDS ** at) % KINDS) + 1)
    if (receiptData(rows, sums, { ...closing, kinds }) !== signed) continue
    for (const [key, kind] of kinds) closing.kinds.set(key, kind)
    return true
  }
  return false
}

function receiptData({ head, payments }: BonRows, sums: KeySums, { baseCurrency, kinds }: ClosingContext): string {
  const paid = payments.map((row) => {
    const column = row.text('ZAHLWAEH_BETRAG') === '' ? 'BASISWAEH_BETRAG' : 'ZAHLWAEH_BETRAG'
    return {
      type: row.text('ZAHLART_TYP'),
      currency: row.text('ZAHLWAEH_CODE'),
      cents: row.units(column) / PER_CENT,
    }
  })
  const gross = new Map([...sums].map(([key, units]) => [key, units / PER_CENT]))
  return receiptText(head.text('BON_TYP'), gross, kinds, paid, baseCurrency)
}

/** `<quantity>;"<text>";<price>` of each line that was not cancelled, joined by CR (DSFinV-K Anhang I, Bestellung-V1). */
function orderData({ lines }: BonRows): string {
  return lines
    .filter((line) => !isCancelled(line))
    .map((line) => {
      const quantity = withoutZeros(formatRounded(line.units('MENGE'), ONE, QUANTITY_DECIMALS))
      const price = formatCents(line.units('STK_BR') / PER_CENT)
      return `${quantity};"${line.text('ARTIKELTEXT').replaceAll('"', '""')}";${price}`
    })
    .join('\r')
}
