import { crc32, deflateSync } from 'node:zlib'
import type { ReceiptModel } from '../contract/receipt.ts'
import { FiskalError } from '../errors.ts'
import type { Fonts, Span } from './fonts.ts'
import { fontFile, resvg } from './libraries.ts'
import { qrPath } from './qr.ts'
import type { CodeForm } from './sheet.ts'
import { sectionsOf } from './sheet.ts'
import type { Mark, Paper } from './typeset.ts'
import { typeset } from './typeset.ts'
import { escapeXml } from './xml.ts'

/** A roll of 80 mm at 203 dpi: 72 mm are printed, 576 dots. Modules of whole dots: a code is never blurred. */
const ROLL: Paper = {
  width: 576,
  // 2 m of paper, and 37 MB during drawing.
  height: 16_000,
  roll: true,
  margin: 12,
  // 203 dpi: a character of OCR-A, 0.715 of its size, is 20.3 dots wide.
  sizes: { large: 34, normal: 25, fine: 20, ocr: 28 },
  valueColumn: undefined,
  countColumn: undefined,
  code: { side: 576, module: 6, whole: true },
}

const FAMILY = 'PT Sans'
/** Additional attributes of a text. */
const FONTS = { regular: '', bold: ' font-weight="700"', ocr: ' font-family="OCRA"' } as const
const WHITE = 0xff
const NO_OFFSET = { xAdvance: 0, xOffset: 0, yOffset: 0 }
const RGBA_BYTES = 4

/**
 * The receipt as a picture of shades of grey, 576 dots wide, for printers that print pictures. The same bytes for the
 * same model. Throws `invalid_request` if it is longer than 2 m.
 */
export function renderPng(model: ReceiptModel, form: CodeForm, fonts: Fonts): Buffer {
  const [page, ...more] = typeset(sectionsOf(model, form), ROLL, fonts.measure)
  if (page === undefined || more.length > 0) {
    throw new FiskalError('invalid_request', 'The receipt is too long for a picture: ask for the PDF.', {
      reason: 'schema',
      errors: [{ pointer: '/format', message: 'png is for receipts of up to 2 m' }],
    })
  }
  return drawPng(marksSvg(page.marks, fonts), ROLL.width, page.height)
}

/** Marks as the inside of an SVG. */
export function marksSvg(marks: readonly Mark[], fonts: Fonts): string {
  return marks.map((mark) => markSvg(mark, fonts)).join('')
}

/** The inside of an SVG as a picture of shades of grey, in the fonts of receipts. */
export function drawPng(inside: string, width: number, height: number): Buffer {
  const size = `width="${width}" height="${height}"`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="${FAMILY}">${inside}</svg>`
  const image = new (resvg().Resvg)(svg, {
    background: 'white',
    font: {
      loadSystemFonts: false,
      fontFiles: [fontFile('regular'), fontFile('bold'), fontFile('ocr')],
      defaultFontFamily: FAMILY,
    },
  }).render()
  return greyPng(image.width, image.height, image.pixels)
}

function markSvg(mark: Mark, fonts: Fonts): string {
  switch (mark.kind) {
    case 'rule':
      return `<rect x="${mark.x}" y="${Math.round(mark.y)}" width="${mark.width}" height="2"/>`
    case 'code': {
      const path = qrPath(mark.code, mark.x, Math.round(mark.y), mark.module)
      return `<path shape-rendering="crispEdges" d="${path}"/>`
    }
    case 'text': {
      const spans = fonts.spans(mark.text, mark.face)
      if (spans.some(({ font }) => !font.own)) return outlines(mark, spans)
      const font = FONTS[mark.face]
      const at = `x="${mark.x}" y="${Math.round(mark.y)}" text-anchor="${mark.anchor}" font-size="${mark.size}"`
      return `<text ${at}${font}>${escapeXml(mark.text)}</text>`
    }
  }
}

/** Letters of other fonts as outlines, as in the PDF: the library would place some of them on top of each other. */
function outlines({ x, y, anchor, size }: Extract<Mark, { kind: 'text' }>, spans: readonly Span[]): string {
  const runs = spans.map(({ text, font: { font } }) => ({ run: font.layout(text), scale: size / font.unitsPerEm }))
  const width = runs.reduce((sum, { run, scale }) => sum + run.advanceWidth * scale, 0)
  let left = anchor === 'start' ? x : anchor === 'middle' ? x - width / 2 : x - width
  let shapes = ''
  for (const { run, scale } of runs) {
    for (const [index, glyph] of run.glyphs.entries()) {
      const { xAdvance, xOffset, yOffset } = run.positions[index] ?? NO_OFFSET
      const shape = glyph.path.scale(scale, -scale)
      shapes += shape.translate(left + xOffset * scale, Math.round(y) - yOffset * scale).toSVG()
      left += xAdvance * scale
    }
  }
  return `<path d="${shapes}"/>`
}

/** PNG (ISO/IEC 15948) of 8 bits of grey: a quarter of the work and of the size of one in colours. */
function greyPng(width: number, height: number, rgba: Buffer): Buffer {
  const rows = Buffer.alloc(height * (width + 1), WHITE)
  for (let y = 0; y < height; y++) {
    const start = y * (width + 1)
    rows[start] = 0
    // Black on white: red, green and blue are equal.
    for (let x = 0; x < width; x++) rows[start + 1 + x] = rgba[(y * width + x) * RGBA_BYTES] ?? WHITE
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  const dots = Buffer.alloc(9)
  // 203 dpi: 7992 dots a metre.
  dots.writeUInt32BE(7992, 0)
  dots.writeUInt32BE(7992, 4)
  dots[8] = 1
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const chunks = [
    chunk('IHDR', header),
    chunk('pHYs', dots),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]
  return Buffer.concat([signature, ...chunks])
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(data.length, 0)
  named.copy(framed, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}
