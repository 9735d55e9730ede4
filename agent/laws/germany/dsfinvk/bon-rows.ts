import { isoText } from '../../../../drivers/tr03151/log-time.ts'
import type { Bon, BonLine, VatShare } from './bon.ts'
import type { Row, TableName } from './tables.ts'

/** Receives the rows of a package, file by file. */
export type Emit = <Name extends TableName>(table: Name, row: Row<Name>) => void

/** Five decimals of a column, from cents. */
export const PRICE_UNITS_PER_CENT = 1000n
const PROCESS_DATA_MAX = 1000
/** The business case is the company's own, not that of an agency. */
export const OWN_BUSINESS = 0

/** Gross per VAT key of the lines that count, by key. A key of 0 is written only if it is the only one. */
export function vatShares(bon: Pick<Bon, 'type' | 'lines'>): VatShare[] {
  if (bon.type === 'AVBelegabbruch') return []
  const sums = new Map<number, bigint>()
  for (const line of bon.lines) {
    if (line.cancelled === true) continue
    for (const { key, cents } of line.vat) sums.set(key, (sums.get(key) ?? 0n) + cents)
  }
  const shares = [...sums].map(([key, cents]) => ({ key, cents })).sort((a, b) => a.key - b.key)
  const counting = shares.filter(({ cents }) => cents !== 0n)
  return counting.length > 0 ? counting : shares.slice(0, 1)
}

/** All rows of a bon except that of the TSE. `vatOf` returns the VAT in the gross of a key, in cents. */
export function emitBon(bon: Bon, vatOf: (share: VatShare) => bigint, emit: Emit): void {
  const BON_ID = String(bon.id)
  const shares = vatShares(bon)
  emitHead(
    bon,
    shares.reduce((sum, share) => sum + share.cents, 0n),
    emit,
  )
  for (const { type, name, currency, foreignCents, cents } of bon.payments) {
    emit('datapayment', {
      BON_ID,
      ZAHLART_TYP: type,
      ZAHLART_NAME: name,
      ZAHLWAEH_CODE: currency,
      ZAHLWAEH_BETRAG: foreignCents,
      BASISWAEH_BETRAG: cents,
    })
  }
  for (const [index, line] of bon.lines.entries()) emitLine(BON_ID, String(index + 1), line, emit)
  for (const share of shares) {
    const vat = vatOf(share)
    emit('transactions_vat', {
      BON_ID,
      UST_SCHLUESSEL: share.key,
      BON_BRUTTO: share.cents * PRICE_UNITS_PER_CENT,
      BON_NETTO: (share.cents - vat) * PRICE_UNITS_PER_CENT,
      BON_UST: vat * PRICE_UNITS_PER_CENT,
    })
  }
  for (const group of bon.groups ?? []) emit('allocation_groups', { BON_ID, ABRECHNUNGSKREIS: group })
  for (const reference of bon.references ?? []) {
    emit('references', {
      BON_ID,
      POS_ZEILE: reference.line === undefined ? undefined : String(reference.line),
      REF_TYP: reference.type,
      REF_NAME: reference.name,
      REF_DATUM: reference.date,
      REF_Z_KASSE_ID: reference.registerId,
      REF_Z_NR: reference.closing,
      REF_BON_ID: reference.bonId,
    })
  }
}

function emitHead(bon: Bon, grossCents: bigint, emit: Emit): void {
  const { customer = {} } = bon
  emit('transactions', {
    BON_ID: String(bon.id),
    BON_NR: bon.id,
    BON_TYP: bon.type,
    BON_NAME: bon.name,
    TERMINAL_ID: bon.terminal?.id,
    BON_STORNO: flag(bon.reversal === true),
    BON_START: bon.start,
    BON_ENDE: bon.end,
    BEDIENER_ID: bon.operator.id,
    BEDIENER_NAME: bon.operator.name,
    UMS_BRUTTO: grossCents,
    KUNDE_NAME: customer.name,
    KUNDE_ID: customer.id,
    KUNDE_TYP: customer.type,
    KUNDE_STRASSE: customer.street,
    KUNDE_PLZ: customer.postalCode,
    KUNDE_ORT: customer.city,
    KUNDE_LAND: customer.country,
    KUNDE_USTID: customer.vatId,
    BON_NOTIZ: bon.note,
  })
}

function emitLine(BON_ID: string, POS_ZEILE: string, line: BonLine, emit: Emit): void {
  const { article } = line
  emit('lines', {
    BON_ID,
    POS_ZEILE,
    GUTSCHEIN_NR: line.voucher,
    ARTIKELTEXT: line.text,
    GV_TYP: line.businessCase,
    GV_NAME: line.name,
    INHAUS: line.inHouse === undefined ? undefined : flag(line.inHouse),
    P_STORNO: flag(line.cancelled === true),
    AGENTUR_ID: line.agency ?? OWN_BUSINESS,
    ART_NR: article?.number,
    GTIN: article?.gtin,
    WARENGR: article?.group,
    MENGE: article?.quantity,
    FAKTOR: article?.factor,
    EINHEIT: article?.unit,
    STK_BR: article?.unitPrice,
  })
  for (const { type, key, cents } of line.pricing ?? []) {
    emit('itemamounts', {
      BON_ID,
      POS_ZEILE,
      TYP: type,
      UST_SCHLUESSEL: key,
      PF_BRUTTO: cents * PRICE_UNITS_PER_CENT,
    })
  }
  for (const { key, cents } of line.vat) {
    emit('lines_vat', { BON_ID, POS_ZEILE, UST_SCHLUESSEL: key, POS_BRUTTO: cents * PRICE_UNITS_PER_CENT })
  }
}

function flag(is: boolean): string {
  return is ? '1' : '0'
}

/** The row of the TSE that every bon has; `tseId` numbers the TSEs within the closing. */
export function emitTse(bon: Bon, tseId: (serial: string) => number, emit: Emit): void {
  const BON_ID = String(bon.id)
  const { tse } = bon
  if (tse.state === 'failed') {
    emit('transactions_tse', {
      BON_ID,
      ...(tse.start !== undefined && {
        TSE_ID: tseId(tse.start.serial),
        TSE_TANR: tse.start.transaction,
        TSE_TA_START: isoText(tse.start.startMs),
      }),
      TSE_TA_FEHLER: tse.reason,
    })
    return
  }
  emit('transactions_tse', {
    BON_ID,
    TSE_ID: tseId(tse.serial),
    TSE_TANR: tse.transaction,
    TSE_TA_START: isoText(tse.startMs),
    TSE_TA_ENDE: isoText(tse.endMs),
    TSE_TA_VORGANGSART: tse.processType,
    TSE_TA_SIGZ: tse.counter,
    TSE_TA_SIG: tse.signature,
    // Never truncated: no signature would verify over truncated data.
    TSE_VORGANGSDATEN: tse.processData.length > PROCESS_DATA_MAX ? undefined : tse.processData,
  })
}
