import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReceiptModel } from '../../contract/receipt.ts'
import { at } from '../../laws/demo-shift.ts'
import { Fonts } from '../../receipts/fonts.ts'
import { drawPng, marksSvg } from '../../receipts/png.ts'
import type { Section } from '../../receipts/sheet.ts'
import { sectionsOf } from '../../receipts/sheet.ts'
import type { Page, Paper } from '../../receipts/typeset.ts'
import { typeset } from '../../receipts/typeset.ts'
import { showDone, showSection } from './screen.ts'
import { until } from './until.ts'

/** A small screen, drawn with twice as many dots. */
const SCREEN = { width: 800, height: 480, dots: 2 }
const COLUMN = SCREEN.width / 2
const EDGE = { height: 10_000, roll: true, valueColumn: undefined } as const
/** The goods, in large letters. */
const SALE: Paper = {
  ...EDGE,
  width: COLUMN,
  margin: 10,
  sizes: { large: 23, normal: 17, fine: 13, ocr: 17 },
  countColumn: COLUMN - 100,
  code: { side: COLUMN, module: 4, whole: true },
}
/** The code of the law and the small print. */
const PROOF: Paper = { ...SALE, sizes: { large: 12, normal: 9, fine: 9, ocr: 12 }, countColumn: undefined }
const LARGE = new Set<Section['name']>(['merchant', 'title', 'lines', 'totals', 'taxes'])

/**
 * Waits until the receipt of an operation is on the customer's display, as a page there would, and draws the screen:
 * `display.png`.
 */
export async function keepPicture(address: string, operation: string, folder: string): Promise<void> {
  const receipt = await until(async () => {
    const now = (await (await fetch(`${address}/now`)).json()) as { receipt: ReceiptModel | null }
    return now.receipt !== null && at(now.receipt, 'operation_id') === operation ? now.receipt : undefined
  }, 'the receipt is not on the display')
  await writeFile(join(folder, 'display.png'), pictureOf(receipt))
}

export function showDisplay(address: string, folder: string): void {
  showSection("The customer's display")
  showDone('Address', address)
  showDone('First sale on it', `display.png in ${folder.split('/').at(-1)}`)
}

function pictureOf(receipt: ReceiptModel): Buffer {
  const fonts = new Fonts()
  const sections = sectionsOf(receipt, 'picture')
  const sale = sections.filter(({ name }) => LARGE.has(name))
  const rest = sections.filter(({ name }) => !LARGE.has(name))
  const codes = rest.map((section) => ({ ...section, items: section.items.filter(({ kind }) => kind === 'code') }))
  const texts = rest.map((section) => ({ ...section, items: section.items.filter(({ kind }) => kind !== 'code') }))
  const proof = [...codes, ...texts].filter(({ items }) => items.length > 0)
  const drawn = (parts: readonly Section[], paper: Paper): string => {
    const [page]: readonly (Page | undefined)[] = typeset(parts, paper, fonts.measure)
    return marksSvg(page?.marks ?? [], fonts)
  }
  const { width, height, dots } = SCREEN
  const columns = `${drawn(sale, SALE)}<g transform="translate(${COLUMN})">${drawn(proof, PROOF)}</g>`
  return drawPng(`<g transform="scale(${dots})">${columns}</g>`, width * dots, height * dots)
}
