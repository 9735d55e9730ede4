import type { VatRate } from '../../contract/vat-rates.ts'
import type { Members } from '../../journal/events.ts'
import type { VatRules } from '../vat-rules.ts'
import type { VatMeaning, VatRates } from './vat.ts'
import { meaningIn, meaningsIn } from './vat.ts'
import { nameOfKey } from './vat-key-names.ts'
import { ZERO_RATE_CODES, zeroRateOf } from './zero-rates.ts'

/** How operations use the rates and codes of the configuration, and remember what these meant (state.ts, `vat`). */
export function vatRules(rates: VatRates): VatRules {
  return {
    isConfigured: rates.isConfigured,
    list: (date) => listOf(rates, date),
    keyOf: (tax, date, state) => meaningIn(meaningsOf(state), tax)?.key ?? rates.keyOf(tax, date),
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

function listOf(rates: VatRates, date: string): VatRate[] {
  return [
    ...rates.inForce(date).map(({ key, rate, from }) => ({ key, rate, description: nameOfKey(key), from })),
    ...ZERO_RATE_CODES.map((code) => ({ code, rate: '0', ...zeroRateWords(code), from: null })),
    ...rates.codes.map(({ code, key, rate, description, receipt_text }) => ({
      ...{ key, rate, code, description },
      ...(receipt_text !== undefined && { receipt_text }),
      from: null,
    })),
  ]
}

function zeroRateWords(code: string): Pick<VatRate, 'key' | 'description' | 'receipt_text'> {
  const { key = 0, words } = zeroRateOf(code) ?? {}
  return { key, description: nameOfKey(key), ...(words !== undefined && { receipt_text: words }) }
}

function meaningsOf(state: Members | undefined): readonly VatMeaning[] {
  return meaningsIn(state?.['vat'])
}
