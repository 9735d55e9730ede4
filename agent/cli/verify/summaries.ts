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
}): Summary {
  // Each epoch counts from 1.
  const isWhole = events > lastSeq - firstSeq + 1
  const [enRange, deRange] = isWhole
    ? [`up to seq ${lastSeq}`, `bis Nr. ${lastSeq}`]
    : [`seq ${firstSeq} to ${lastSeq}`, `Nr. ${firstSeq} bis ${lastSeq}`]
  const [enEpoch, deEpoch] = epoch > 1 ? [` of epoch ${epoch}`, ` der Epoche ${epoch}`] : ['', '']
  const [enPart, dePart] = isUnsignedPart
    ? [
        ', a part: its signature is not checked, because the key is at the beginning of the chain',
        ', ein Teil: seine Signatur ist nicht geprüft, der Schlüssel steht am Anfang der Kette',
      ]
    : ['', '']
  return {
    en: `journal export, ${events} events, ${enRange}${enEpoch}${enPart}`,
    de: `Journal, ${events} Ereignisse, ${deRange}${deEpoch}${dePart}`,
  }
}
