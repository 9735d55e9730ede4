import { parseRfc3339, rfc3339 } from '../../base/clock.ts'
import type { ReceiptModel, ReceiptPaper } from '../contract/receipt.ts'
import type { Fonts, OpenFont, Span } from './fonts.ts'
import type { Face } from './libraries.ts'
import { fontFile, pdfkit } from './libraries.ts'
import type { CodeForm } from './sheet.ts'
import { sectionsOf } from './sheet.ts'
import type { Mark, Page, Paper } from './typeset.ts'
import { typeset } from './typeset.ts'

const POINTS_PER_MM = 72 / 25.4

/** A character of OCR-A is 0.715 of its size wide. */
const OCR_SIZE = 7.2 / 0.715

/** A roll of 80 mm of which 72 mm are printed, and A4. Modules of a code: at least 0.4 mm on either (RKSV § 11). */
const PAPERS: Readonly<Record<ReceiptPaper, Paper>> = {
  '80mm': {
    width: 80 * POINTS_PER_MM,
    // No reader must show a page of more than 14,400 units (PDF 1.7, annex C).
    height: 14_000,
    roll: true,
    margin: 4 * POINTS_PER_MM,
    sizes: { large: 12, normal: 9, fine: 7, ocr: OCR_SIZE },
    valueColumn: undefined,
    countColumn: undefined,
    code: { side: 72 * POINTS_PER_MM, module: 0.75 * POINTS_PER_MM, whole: false },
  },
  a4: {
    width: 210 * POINTS_PER_MM,
    height: 297 * POINTS_PER_MM,
    roll: false,
    margin: 20 * POINTS_PER_MM,
    sizes: { large: 15, normal: 10, fine: 8.5, ocr: OCR_SIZE },
    valueColumn: 50 * POINTS_PER_MM,
    countColumn: 140 * POINTS_PER_MM,
    code: { side: 60 * POINTS_PER_MM, module: 0.75 * POINTS_PER_MM, whole: false },
  },
}

const FOOT_SIZE = 8

/** For a longer receipt the library's cache of laid-out words is off: it would exceed the memory of the child. */
const KEPT_CHARACTERS = 200_000

/** Changes of font or direction within lines: each takes as much memory and time as a separate line. */
const CHANGES_MAX = 20_000

type Document = InstanceType<ReturnType<typeof pdfkit>>

/** The receipt as PDF 1.7 with embedded fonts. The same bytes for the same model: its dates are the receipt's. */
export function renderPdf(model: ReceiptModel, paperName: ReceiptPaper, form: CodeForm, fonts: Fonts): Buffer {
  const paper = PAPERS[paperName]
  const pages = typeset(sectionsOf(model, form), paper, fonts.measure)
  const document = openDocument(model, charactersOf(pages) <= KEPT_CHARACTERS)
  const spans = spansWithin(fonts, CHANGES_MAX)
  for (const [index, page] of pages.entries()) {
    document.addPage({ size: [paper.width, page.height], margin: 0 })
    drawPage(document, spans, page)
    if (pages.length > 1) drawNumber(document, spans, paper, page, `${index + 1}/${pages.length}`)
  }
  document.end()
  const chunks: Buffer[] = []
  for (let chunk = document.read(); chunk !== null; chunk = document.read()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The pieces of a line to draw. */
type Spans = (text: string, face: Face) => readonly Span[]

/** Pieces by font and direction, up to a limit that no natural text reaches; after that, whole lines. */
function spansWithin(fonts: Fonts, most: number): Spans {
  let remaining = most
  return (text, face) => {
    if (remaining < 0) return [fonts.whole(text, face)]
    const spans = fonts.spans(text, face)
    remaining -= spans.length - 1
    return spans
  }
}

function charactersOf(pages: readonly Page[]): number {
  return pages
    .flatMap(({ marks }) => marks)
    .reduce((sum, mark) => sum + (mark.kind === 'text' ? mark.text.length : 0), 0)
}

function openDocument(model: ReceiptModel, fontLayoutCache: boolean): Document {
  return new (pdfkit())({
    autoFirstPage: false,
    font: fontFile('regular'),
    pdfVersion: '1.7',
    lang: model.language,
    displayTitle: true,
    fontLayoutCache,
    info: {
      // Only our own words: the library copies them into XML without escaping.
      Title: `${model.title} ${model.operation_id}`,
      Creator: 'fiskal-edge',
      Producer: 'fiskal-edge',
      CreationDate: creationDate(model.issued_at),
    },
  })
}

/**
 * The time of the receipt. The library writes a String object unchanged; it needs the methods for file id and metadata.
 */
function creationDate(issuedAt: string): NonNullable<PDFKit.DocumentInfo['CreationDate']> {
  const ms = parseRfc3339(issuedAt) ?? 0
  const iso = rfc3339(ms)
  const text = new String(`D:${iso.replace(/\D/g, '').slice(0, 14)}Z`)
  const date: unknown = Object.assign(text, { getTime: () => ms, toISOString: () => iso })
  return date as NonNullable<PDFKit.DocumentInfo['CreationDate']>
}

function drawPage(document: Document, spans: Spans, { marks }: Page): void {
  document.fillColor('black').strokeColor('black')
  for (const mark of marks) drawMark(document, spans, mark)
}

function drawMark(document: Document, spans: Spans, mark: Mark): void {
  switch (mark.kind) {
    case 'rule':
      document
        .lineWidth(0.5)
        .moveTo(mark.x, mark.y)
        .lineTo(mark.x + mark.width, mark.y)
        .stroke()
      return
    case 'code':
      for (const { x, y, length } of mark.code.runs) {
        document.rect(mark.x + x * mark.module, mark.y + y * mark.module, length * mark.module, mark.module)
      }
      document.fill()
      return
    case 'text':
      drawText(document, spans, mark)
  }
}

function drawText(document: Document, spansOf: Spans, mark: Extract<Mark, { kind: 'text' }>): void {
  const { x, y, anchor, text, size, face } = mark
  if (text === '') return
  const parts = spansOf(text, face)
  const spans = parts.map(({ text: part, font }) => {
    setFont(document, font, size)
    return { part, font, width: anchor === 'start' && parts.length === 1 ? 0 : document.widthOfString(part) }
  })
  const width = anchor === 'start' ? 0 : spans.reduce((sum, span) => sum + span.width, 0)
  let left = anchor === 'middle' ? x - width / 2 : x - width
  for (const span of spans) {
    setFont(document, span.font, size)
    document.text(span.part, left, y, { lineBreak: false, baseline: 'alphabetic' })
    left += span.width
  }
}

/** Each document reads the receipt's own fonts; another font, of up to 5 MB, is read once for all documents. */
function setFont(document: Document, { file, font, own }: OpenFont, size: number): void {
  if (own) document.font(file, size)
  // The library accepts an open font instead of its bytes, and identifies it by the file name.
  else document.font(font as unknown as Buffer, file, size)
}

/** Page number and count, in case a page gets lost. */
function drawNumber(document: Document, spans: Spans, paper: Paper, page: Page, text: string): void {
  const y = page.height - paper.margin / 2
  const foot = { x: paper.width / 2, y, anchor: 'middle', text, size: FOOT_SIZE, face: 'regular' } as const
  drawText(document, spans, { kind: 'text', ...foot })
}
