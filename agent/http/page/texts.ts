import { PAGE_TEXTS } from '../../texts/page.ts'
import { WARNING_TEXTS } from '../../texts/warnings.ts'

/** The texts that the page imports, as `/page/texts.js`. */
export const TEXTS = { page: PAGE_TEXTS, warnings: WARNING_TEXTS }

/** That module, made of the same rows. */
export function textsModule(): string {
  return `export const TEXTS = ${JSON.stringify(TEXTS)}\n`
}
