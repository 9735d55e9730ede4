import { said } from '../../../../base/text.ts'
import type { Finding } from '../../../../verify/dsfinvk/finding.ts'
import type { Terminal } from '../../../contract/register.ts'
import type { Bon, Closing, TseMaster, VatShare } from './bon.ts'
import type { Emit } from './bon-rows.ts'
import { emitBon, emitTse } from './bon-rows.ts'
import { ClosingSums } from './closing-sums.ts'
import { STANDING_KEYS } from './closing-vat.ts'
import { streetOf } from './document-bon.ts'
import { DsfinvkRefusedError } from './refused.ts'
import type { Cell } from './tables.ts'
import { CERTIFICATE_COLUMNS_MAX, certificateColumns, TABLES } from './tables.ts'

const USUAL_SERIAL = TABLES.slaves.columns.find(({ name }) => name === 'TERMINAL_SERIENNR')?.usualSize ?? 0
const CERTIFICATE_PIECE = 1000
/** Number of certificate columns in every package. */
const CERTIFICATE_COLUMNS = 2

/** Writes the rows of one closing: those of its bons while they are read, then those of the closing itself. */
export class ClosingRows {
  readonly #closing: Closing
  readonly #emit: Emit
  readonly #sums: ClosingSums
  /** Serial numbers of the TSEs used, by TSE_ID. */
  readonly #tses: string[] = []
  /** Ids of the terminals that already have their row. */
  readonly #terminals = new Set<string>()
  /** Ids of the agencies that already have their row. */
  readonly #agencies = new Set<number>()
  #hasLongSerial = false
  #firstBon: number | undefined
  #lastBon = 0

  constructor(closing: Closing, emit: Emit) {
    this.#closing = closing
    this.#emit = emit
    this.#sums = new ClosingSums(closing.register.currency)
  }

  bon(bon: Bon): void {
    const vatOf = (share: VatShare): bigint => this.#vatOf(bon, share)
    emitBon(bon, vatOf, this.#emit)
    emitTse(bon, (serial) => this.#tseId(serial), this.#emit)
    if (bon.terminal !== undefined) this.#terminalRow(bon.terminal)
    for (const { agency } of bon.lines) if (agency !== undefined) this.#agencyRow(agency, bon)
    this.#sums.add(bon, vatOf)
    this.#firstBon ??= bon.id
    this.#lastBon = bon.id
  }

  /** True if the serial number of a terminal is longer than usual. */
  get hasLongSerial(): boolean {
    return this.#hasLongSerial
  }

  #terminalRow(terminal: Terminal): void {
    if (this.#terminals.has(terminal.id)) return
    this.#terminals.add(terminal.id)
    if (terminal.serial_number.length > USUAL_SERIAL) this.#hasLongSerial = true
    this.#emit('slaves', {
      TERMINAL_ID: terminal.id,
      TERMINAL_BRAND: terminal.brand,
      TERMINAL_MODELL: terminal.model,
      TERMINAL_SERIENNR: terminal.serial_number,
      TERMINAL_SW_BRAND: terminal.software_brand,
      TERMINAL_SW_VERSION: terminal.software_version,
    })
  }

  /** An agency that was used, as it was then (DSFinV-K, Stamm_Agenturen). Throws DsfinvkRefusedError. */
  #agencyRow(id: number, bon: Bon): void {
    if (this.#agencies.has(id)) return
    this.#agencies.add(id)
    const agency = this.#closing.agency(id)
    if (agency === undefined) {
      const what = `agency ${id} is not one of the company in this closing`
      throw this.#refused({ file: 'lines.csv', bon: String(bon.id), column: 'AGENTUR_ID', what, rule: '§ 2' })
    }
    const { name, address, tax_number: taxNumber, vat_id: vatId } = agency
    this.#emit('pa', {
      AGENTUR_ID: id,
      AGENTUR_NAME: name,
      AGENTUR_STRASSE: streetOf(address) ?? address.line1,
      AGENTUR_PLZ: address.postal_code,
      AGENTUR_ORT: address.city,
      AGENTUR_LAND: address.country_code,
      AGENTUR_STNR: said(taxNumber),
      AGENTUR_USTID: said(vatId),
    })
  }

  /** Returns how many columns its certificates need beyond the two official ones. Throws DsfinvkRefusedError. */
  end(): number {
    if (this.#firstBon === undefined)
      throw this.#refused({ what: 'the closing has no bon: not even its opening', rule: '§ 4.1' })
    this.#master()
    this.#vat()
    this.#sums.emit(this.#emit)
    return this.#tseRows()
  }

  #vatOf(bon: Bon, { key, cents }: VatShare): bigint {
    const { vat } = this.#closing
    if (vat.rateOf(key) !== undefined) return vat.vatIn(key, cents)
    throw this.#refused({
      file: 'lines_vat.csv',
      bon: String(bon.id),
      column: 'UST_SCHLUESSEL',
      what: `key ${key} is not defined`,
      rule: 'Anlage USt',
    })
  }

  #tseId(serial: string): number {
    const index = this.#tses.indexOf(serial)
    return index >= 0 ? index + 1 : this.#tses.push(serial)
  }

  #master(): void {
    const closing = this.#closing
    const { company, location, register } = closing
    const { payments, cash } = this.#sums.totals()
    this.#emit('cashpointclosing', {
      Z_BUCHUNGSTAG: closing.businessDate,
      TAXONOMIE_VERSION: closing.taxonomyVersion,
      Z_START_ID: String(this.#firstBon),
      Z_ENDE_ID: String(this.#lastBon),
      NAME: company.name,
      STRASSE: company.street,
      PLZ: company.postalCode,
      ORT: company.city,
      LAND: company.country,
      STNR: company.taxNumber,
      USTID: company.vatId,
      Z_SE_ZAHLUNGEN: payments,
      Z_SE_BARZAHLUNGEN: cash,
    })
    this.#emit('location', {
      LOC_NAME: location.name,
      LOC_STRASSE: location.street,
      LOC_PLZ: location.postalCode,
      LOC_ORT: location.city,
      LOC_LAND: location.country,
      LOC_USTID: location.vatId,
    })
    this.#emit('cashregister', {
      KASSE_BRAND: register.brand,
      KASSE_MODELL: register.model,
      KASSE_SERIENNR: register.serial,
      KASSE_SW_BRAND: register.softwareBrand,
      KASSE_SW_VERSION: register.softwareVersion,
      KASSE_BASISWAEH_CODE: register.currency,
      KEINE_UST_ZUORDNUNG: this.#sums.isUnassigned ? '1' : '0',
    })
  }

  #vat(): void {
    const { vat } = this.#closing
    const keys = new Set([...STANDING_KEYS, ...this.#sums.keys])
    for (const key of [...keys].sort((a, b) => a - b))
      this.#emit('vat', { UST_SCHLUESSEL: key, UST_SATZ: vat.rateOf(key) ?? 0, UST_BESCHR: vat.describe(key) })
  }

  #tseRows(): number {
    let more = 0
    for (const [index, serial] of this.#tses.entries()) {
      const master = this.#closing.tse(serial)
      if (master === undefined) {
        const what = `nothing is recorded of the TSE ${serial}: its key and certificate are missing`
        throw this.#refused({ file: 'tse.csv', column: 'TSE_PUBLIC_KEY', what, rule: 'Stamm_TSE' })
      }
      more = Math.max(more, this.#tseRow(index + 1, master))
    }
    return more
  }

  #tseRow(id: number, { serial, algorithm, timeFormat, publicKey, certificate }: TseMaster): number {
    const pieces = certificate.match(new RegExp(`.{1,${CERTIFICATE_PIECE}}`, 'g')) ?? []
    const more = pieces.slice(CERTIFICATE_COLUMNS)
    if (more.length > CERTIFICATE_COLUMNS_MAX) {
      const what = `the certificate has ${certificate.length} characters`
      throw this.#refused({ file: 'tse.csv', column: 'TSE_ZERTIFIKAT_I', what, rule: 'Stamm_TSE' })
    }
    const extra: Record<string, Cell> = {}
    for (const [index, { name }] of certificateColumns(more.length).entries()) extra[name] = more[index]
    this.#emit('tse', {
      TSE_ID: id,
      TSE_SERIAL: serial,
      TSE_SIG_ALGO: algorithm,
      TSE_ZEITFORMAT: timeFormat,
      TSE_PD_ENCODING: 'UTF-8',
      TSE_PUBLIC_KEY: publicKey,
      TSE_ZERTIFIKAT_I: pieces[0],
      TSE_ZERTIFIKAT_II: pieces[1],
      ...extra,
    })
    return more.length
  }

  #refused(finding: Finding): DsfinvkRefusedError {
    const { registerId, number } = this.#closing
    return new DsfinvkRefusedError([{ ...finding, closing: `${registerId} Z ${number}` }], 1)
  }
}
