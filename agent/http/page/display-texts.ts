import { DISPLAY_TEXTS } from '../../texts/display.ts'
import { LABELS } from '../../texts/receipts.ts'

const { vat, net, tax, gross, exchange_rate, qr } = LABELS

/** The words that the customer's display imports, and labels that no receipt carries. */
export const TEXTS = { page: DISPLAY_TEXTS, labels: { vat, net, tax, gross, exchange_rate, qr } }

/** The module `/page/display-texts.js`. */
export function displayTextsModule(): string {
  return `export const TEXTS = ${JSON.stringify(TEXTS)}\n`
}
