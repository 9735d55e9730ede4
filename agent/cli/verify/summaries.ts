import type { Summary } from '../../laws/verify-rules.ts'

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
}): Summary & { readonly it: string } {
  // Each epoch counts from 1.
  const isWhole = events > lastSeq - firstSeq + 1
  const [enRange, deRange, itRange] = isWhole
    ? [`up to seq ${lastSeq}`, `bis Nr. ${lastSeq}`, `fino al n. ${lastSeq}`]
    : [`seq ${firstSeq} to ${lastSeq}`, `Nr. ${firstSeq} bis ${lastSeq}`, `dal n. ${firstSeq} al n. ${lastSeq}`]
  const [enEpoch, deEpoch, itEpoch] =
    epoch > 1 ? [` of epoch ${epoch}`, ` der Epoche ${epoch}`, ` dell'epoca ${epoch}`] : ['', '', '']
  const [enPart, dePart, itPart] = isUnsignedPart
    ? [
        ', a part: its signature is not checked, because the key is at the beginning of the chain',
        ', ein Teil: seine Signatur ist nicht geprüft, der Schlüssel steht am Anfang der Kette',
        ", una parte: la firma non è verificata, la chiave è all'inizio della catena",
      ]
    : ['', '', '']
  return {
    en: `journal export, ${events} events, ${enRange}${enEpoch}${enPart}`,
    de: `Journal, ${events} Ereignisse, ${deRange}${deEpoch}${dePart}`,
    it: `registro, ${events} eventi, ${itRange}${itEpoch}${itPart}`,
  }
}
