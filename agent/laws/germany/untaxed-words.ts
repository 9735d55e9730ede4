import { formatCents } from '../../../base/money.ts'
import type { UntaxedKind, UntaxedSums } from './untaxed-kinds.ts'
import { UNTAXED_KINDS } from './untaxed-kinds.ts'

const NAMES: Readonly<Record<UntaxedKind, string>> = {
  sales: 'Umsatz',
  in: 'Einlagen',
  out: 'Entnahmen',
  difference: 'Kassendifferenzen',
  vouchers: 'Gutscheine',
  claims: 'Forderungen',
  tips: 'Trinkgeld',
  adopted: 'aus der TSE übernommen',
  opening: 'Anfangsbestand',
}

/** Each session has one of them at its place, so that they cannot replace a sale: alone they are not listed. */
const FRAME: ReadonlySet<UntaxedKind> = new Set(['opening', 'difference'])

/** For the report, one line a register: the kinds that one signed text secures in the same way, with number and sum. */
export function untaxedWords(registers: readonly UntaxedSums[]): string[] {
  return registers.flatMap(({ register, sums }) => {
    if ([...sums.keys()].every((kind) => FRAME.has(kind))) return []
    const kinds = UNTAXED_KINDS.flatMap((kind) => {
      const sum = sums.get(kind)
      return sum === undefined
        ? []
        : [`${NAMES[kind]} ${sum.bons}/${formatCents(BigInt(sum.cents)).replace('.', ',')} EUR`]
    })
    return [
      `Kasse ${register}: Ohne Umsatzsteuer abgesichert: ${kinds.join(', ')}: die TSE sichert die Summe, die Art sagt nur das Journal.`,
    ]
  })
}
