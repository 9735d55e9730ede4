import { SHOP_ZONE } from '../../../base/clock.ts'
import { DUTY_TEXTS } from '../../texts/duties.ts'
import { PAGE_TEXTS } from '../../texts/page.ts'
import { WARNING_TEXTS } from '../../texts/warnings.ts'

/** The texts that the page imports, as `/page/texts.js`, and the time zone of its times. */
export const TEXTS = { page: PAGE_TEXTS, warnings: WARNING_TEXTS, duties: DUTY_TEXTS, zone: SHOP_ZONE }

/** The module `texts.js` of the page, made of the same rows. */
export function textsModule(): string {
  return `export const TEXTS = ${JSON.stringify(TEXTS)}\n`
}
