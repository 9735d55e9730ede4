import { formatCents } from '../../../base/money.ts'
import { MOVEMENTS } from './dsfinvk/session-lines.ts'
import type { UntaxedKind, UntaxedSums } from './untaxed-kinds.ts'
import { UNTAXED_KINDS } from './untaxed-kinds.ts'

const NAMES: Readonly<Record<Exclude<UntaxedKind, keyof typeof MOVEMENTS>, string>> = {
  sales: 'Umsatz',
  closing: 'Geldtransit beim Abschluss',
  difference: 'Kassendifferenzen',
  vouchers: 'Gutscheine',
  claims: 'Forderungen',
  tips: 'Trinkgeld',
  adopted: 'aus der TSE übernommen',
  opening: 'Anfangsbestand',
}

/** For the report, one line a register: the kinds that one signed text secures in the same way, with number and sum. */
export function untaxedWords(registers: readonly UntaxedSums[]): string[] {
  return registers.flatMap(({ register, sums }) => {
    const kinds = UNTAXED_KINDS.flatMap((kind) => {
      const sum = sums.get(kind)
      return sum === undefined
        ? []
        : [`${nameOf(kind)} ${sum.bons}/${formatCents(BigInt(sum.cents)).replace('.', ',')} EUR`]
    })
    return [
      `Kasse ${register}: Ohne Umsatzsteuer abgesichert: ${kinds.join(', ')}: die TSE sichert die Summe, die Art sagt nur das Journal.`,
    ]
  })
}

function nameOf(kind: UntaxedKind): string {
  return kind in MOVEMENTS ? MOVEMENTS[kind as keyof typeof MOVEMENTS][1] : NAMES[kind as keyof typeof NAMES]
}
