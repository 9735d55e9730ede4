import type { Members } from '../../journal/events.ts'
import type { VatRules } from '../vat-rules.ts'
import type { VatMeaning, VatRates } from './vat.ts'
import { meaningIn, meaningsIn } from './vat.ts'

/** How operations use the rates and codes of the configuration, and remember what these meant (state.ts, `vat`). */
export function vatRules(rates: VatRates): VatRules {
  return {
    isConfigured: rates.isConfigured,
    keyOf: (tax, date) => rates.keyOf(tax, date),
    remembered(lines, { days, before, originalOf }) {
      const known = meaningsOf(before)
      const meanings: VatMeaning[] = [...known]
      for (const [line, tax] of lines.flatMap((line) => line.taxes.map((tax) => [line, tax] as const))) {
        if (meaningIn(meanings, tax) !== undefined) continue
        // Goods come back with the meaning that they were sold with.
        const meaning = meaningIn(meaningsOf(originalOf(line)), tax) ?? rates.meaningOf(tax, days)
        if (meaning !== undefined) meanings.push(meaning)
      }
      return meanings.length === known.length ? undefined : { vat: meanings }
    },
  }
}

function meaningsOf(state: Members | undefined): readonly VatMeaning[] {
  return meaningsIn(state?.['vat'])
}
