import { parseRfc3339, rfc3339 } from '../clock.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { Measure } from './fonts.ts'
import { fontFile, pdfkit } from './libraries.ts'
import type { CodeForm } from './sheet.ts'
import { sectionsOf } from './sheet.ts'
import type { Mark, Page, Paper } from './typeset.ts'
import { typeset } from './typeset.ts'

const POINTS_PER_MM = 72 / 25.4

/** A character of OCR-A is 0.715 of its size wide. */
const OCR_SIZE = 7.2 / 0.715

/** A roll of 80 mm of which 72 mm are printed, and A4. Modules of a code: at least 0.4 mm on either (RKSV § 11). */
const PAPERS = {
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
} as const satisfies Record<string, Paper>
export type PdfPaper = keyof typeof PAPERS

const FOOT_SIZE = 8

/** Of a receipt of more characters the library keeps no words as they are set: it kept more than the drawing process may hold. */
const KEPT_CHARACTERS = 200_000

type Document = InstanceType<ReturnType<typeof pdfkit>>

/** The receipt as PDF 1.7 with embedded fonts. The same bytes for the same model: its dates are the receipt's. */
export function renderPdf(model: ReceiptModel, paperName: PdfPaper, form: CodeForm, measure: Measure): Buffer {
  const paper: Paper = PAPERS[paperName]
  const pages = typeset(sectionsOf(model, form), paper, measure)
  const document = openDocument(model, charactersOf(pages) <= KEPT_CHARACTERS)
  for (const [index, page] of pages.entries()) {
    document.addPage({ size: [paper.width, page.height], margin: 0 })
    drawPage(document, page)
    if (pages.length > 1) drawNumber(document, paper, page, `${index + 1}/${pages.length}`)
  }
  document.end()
  const chunks: Buffer[] = []
  for (let chunk = document.read(); chunk !== null; chunk = document.read()) chunks.push(chunk)
  return Buffer.concat(chunks)
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
      // Only our own words: the library copies them into XML as they are.
      Title: `${model.title} ${model.operation_id}`,
      Creator: 'fiskal-edge',
      Producer: 'fiskal-edge',
      CreationDate: creationDate(model.issued_at),
    },
  })
}

/** The time of the receipt. The library writes a text object as it is; it wants the rest for the file's id and metadata. */
function creationDate(issuedAt: string): NonNullable<PDFKit.DocumentInfo['CreationDate']> {
  const ms = parseRfc3339(issuedAt) ?? 0
  const iso = rfc3339(ms)
  const text = new String(`D:${iso.replace(/\D/g, '').slice(0, 14)}Z`)
  const date: unknown = Object.assign(text, { getTime: () => ms, toISOString: () => iso })
  return date as NonNullable<PDFKit.DocumentInfo['CreationDate']>
}

function drawPage(document: Document, { marks }: Page): void {
  document.fillColor('black').strokeColor('black')
  for (const mark of marks) drawMark(document, mark)
}

function drawMark(document: Document, mark: Mark): void {
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
      drawText(document, mark)
  }
}

function drawText(document: Document, { x, y, anchor, text, size, face }: Extract<Mark, { kind: 'text' }>): void {
  if (text === '') return
  document.font(fontFile(face), size)
  const width = anchor === 'start' ? 0 : document.widthOfString(text)
  const left = anchor === 'middle' ? x - width / 2 : x - width
  document.text(text, left, y, { lineBreak: false, baseline: 'alphabetic' })
}

/** Which page of how many, where one has come loose. */
function drawNumber(document: Document, paper: Paper, page: Page, text: string): void {
  const y = page.height - paper.margin / 2
  drawText(document, { kind: 'text', x: paper.width / 2, y, anchor: 'middle', text, size: FOOT_SIZE, face: 'regular' })
}
