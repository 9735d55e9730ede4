import { Fonts } from '../../receipts/fonts.ts'
import { drawable } from '../../receipts/layout.ts'
import { missingScript } from '../../receipts/other-fonts.ts'
import type { Finding } from './finding.ts'
import { caution } from './finding.ts'

/** Scripts beyond Latin and Cyrillic, whose fonts are included. */
const SELDOM = /[\u0250-\u03ff\u0460-\u{10ffff}]/gu

/**
 * Letters of recent sales that become boxes in PDF and PNG, by their script. The result goes into support bundles, so
 * it contains no text of a receipt.
 */
export function checkFonts(texts: readonly string[], fontFolder?: string): Finding[] {
  const seldom = new Set(texts.flatMap((text) => drawable(text).match(SELDOM) ?? []))
  if (seldom.size === 0) return []
  const fonts = new Fonts(fontFolder)
  const missing = [...seldom].filter((character) => !fonts.has(character)).map(missingScript)
  if (missing.length === 0) return []
  const scripts = [...new Set(missing.map(({ script }) => script))].join('; ')
  const packages = [...new Set(missing.map((one) => one.package))].join(' ')
  return [
    caution('receipt fonts', `no font for ${scripts}: boxes on receipts as PDF and PNG`, `apt-get install ${packages}`),
  ]
}
