import { Fonts } from '../../receipts/fonts.ts'
import { drawable } from '../../receipts/layout.ts'
import { missingScript } from '../../receipts/other-fonts.ts'
import type { Finding } from './finding.ts'
import { caution } from './finding.ts'

/** Beyond the letters of Latin and Cyrillic, which come along. */
const SELDOM = /[\u0250-\u03ff\u0460-\u{10ffff}]/gu

/**
 * Letters of what was sold lately that are boxes in PDF and PNG, by their script: what is found here goes into a support
 * bundle, which holds no text of a receipt.
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
