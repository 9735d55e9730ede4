import { formatCents } from '../../../base/money.ts'
import { UNCERTIFIED } from '../../../drivers/tr03151/certificate.ts'
import type { Dep7Report } from '../../../verify/rksv/verify-dep7.ts'
import type { TarReport } from '../../../verify/tse/verify-tar.ts'
import { shownSerial } from './shown-serial.ts'

/** What a file contains: English for `verify`, German for the report of `audit`. */
export type Summary = { readonly en: string; readonly de: string }

/** How many findings there are behind the last that is told. */
export function further(more: number, language: keyof Summary): string[] {
  if (more <= 0) return []
  return [language === 'de' ? `und ${more} weitere` : `and ${more} more`]
}

export function archiveSummary({
  logs,
  firstCounter,
  lastCounter,
  serial,
  uncertified,
  hasEnd,
}: Pick<TarReport, 'logs' | 'firstCounter' | 'lastCounter' | 'serial' | 'uncertified' | 'hasEnd'>): Summary {
  const of = `${shownSerial(serial ?? 'unknown')}${uncertified ? `, ${UNCERTIFIED}` : ''}`
  const [en, de] =
    logs === 0
      ? ['no logs', 'keine Absicherungen']
      : [
          `${logs} logs, counters ${firstCounter} to ${lastCounter}`,
          `${logs} Absicherungen, Signaturzähler ${firstCounter} bis ${lastCounter}`,
        ]
  return {
    en: `TSE archive, ${en}, serial ${of}${hasEnd ? '' : ', without an end mark: it may be cut, unless the unit writes none'}`,
    de: `TSE-Archiv, ${de}, Seriennummer ${of}${hasEnd ? '' : ', ohne Endmarke: es kann abgeschnitten sein, außer diese TSE schreibt keine'}`,
  }
}

export function packageSummary({
  ranges,
  bons,
  signatures,
  unsigned,
  uncertified,
}: {
  ranges: readonly string[]
  bons: number
  signatures: number
  unsigned: number
  uncertified: readonly string[]
}): Summary {
  const range = ranges.join(', ')
  return {
    en: `DSFinV-K, ${range}, ${bons} bons, ${signatures} signatures, ${unsigned} unsigned${marked(uncertified)}`,
    de: `DSFinV-K, ${range}, ${bons} Bons, ${signatures} Signaturen, ${unsigned} ohne Signatur${marked(uncertified)}`,
  }
}

export function journalSummary({
  events,
  firstSeq,
  lastSeq,
  epoch,
  isUnsignedPart,
}: {
  events: number
  firstSeq: number
  lastSeq: number
  epoch: number
  isUnsignedPart: boolean
}): Summary {
  // Each epoch counts from 1.
  const isWhole = events > lastSeq - firstSeq + 1
  const [enRange, deRange] = isWhole
    ? [`up to seq ${lastSeq}`, `bis Nr. ${lastSeq}`]
    : [`seq ${firstSeq} to ${lastSeq}`, `Nr. ${firstSeq} bis ${lastSeq}`]
  const [enEpoch, deEpoch] = epoch > 1 ? [` of epoch ${epoch}`, ` der Epoche ${epoch}`] : ['', '']
  const [enPart, dePart] = isUnsignedPart
    ? [
        ', a part: its signature is not checked, the key stands where the chain begins',
        ', ein Teil: seine Signatur ist nicht geprüft, der Schlüssel steht am Anfang der Kette',
      ]
    : ['', '']
  return {
    en: `journal export, ${events} events, ${enRange}${enEpoch}${enPart}`,
    de: `Journal, ${events} Ereignisse, ${deRange}${deEpoch}${dePart}`,
  }
}

export function dep7Summary({
  cashBoxId,
  receipts,
  signaturesVerified,
  outageReceipts,
  turnoverCents,
  uncertified,
}: Dep7Report): Summary {
  const [enCounter, deCounter] =
    turnoverCents === undefined
      ? ['', '']
      : [`, counter ${formatCents(turnoverCents)}`, `, Umsatzzähler ${formatCents(turnoverCents)}`]
  const mark = marked(uncertified)
  return {
    en: `DEP7 of register ${cashBoxId ?? 'unknown'}, ${receipts} receipts, ${signaturesVerified} signatures, ${outageReceipts} in outages${enCounter}${mark}`,
    de: `DEP7 der Kasse ${cashBoxId ?? 'unbekannt'}, ${receipts} Belege, ${signaturesVerified} Signaturen, ${outageReceipts} im Ausfall${deCounter}${mark}`,
  }
}

/** The units by which signatures are none of a certified one. */
function marked(serials: readonly string[]): string {
  if (serials.length === 0) return ''
  return `, ${UNCERTIFIED}: ${serials.map(shownSerial).join(', ')}`
}
