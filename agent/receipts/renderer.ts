import type { ReceiptForm, ReceiptModel, ReceiptQuery } from '../contract/receipt.ts'
import { RECEIPT_MEDIA_TYPES } from '../contract/receipt.ts'
import { renderEscPos } from './escpos.ts'
import { Fonts } from './fonts.ts'
import { RECEIPT_POLICY, renderHtml } from './html.ts'
import { renderPdf } from './pdf.ts'
import { renderPng } from './png.ts'
import { renderText } from './text.ts'

export type RenderedReceipt = {
  mediaType: string
  headers: Readonly<Record<string, string>>
  body: string | Buffer
}

/** Renders a receipt. Fonts are read for the first format that needs them. */
export class ReceiptRenderer {
  readonly #fonts: Fonts

  /** `fontFolder`: the folder of the system fonts. */
  constructor(fontFolder?: string) {
    this.#fonts = new Fonts(fontFolder)
  }

  /** Throws `invalid_request` if the receipt is too long for the format. */
  render(model: ReceiptModel, form: ReceiptForm, query: ReceiptQuery): RenderedReceipt {
    const code = query.code === 'ocr' ? 'ocr' : 'picture'
    const columns = Number(query.columns ?? 42)
    this.#fonts.tidy()
    switch (form) {
      case 'text':
        return rendered('text/plain; charset=utf-8', renderText(model, columns, code))
      case 'html':
        return rendered('text/html; charset=utf-8', renderHtml(model, code), {
          'Content-Security-Policy': RECEIPT_POLICY,
        })
      case 'escpos':
        return file(model, form, 'bin', renderEscPos(model, columns, code))
      case 'pdf': {
        const body = renderPdf(model, query.paper ?? '80mm', code, this.#fonts)
        return file(model, form, 'pdf', body)
      }
      case 'png':
        return file(model, form, 'png', renderPng(model, code, this.#fonts))
    }
  }
}

function rendered(
  mediaType: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): RenderedReceipt {
  return { mediaType, body, headers }
}

function file({ operation_id }: ReceiptModel, form: ReceiptForm, extension: string, body: Buffer): RenderedReceipt {
  const name = operation_id.replaceAll(/[^\w.-]/g, '_')
  return rendered(RECEIPT_MEDIA_TYPES[form], body, {
    'Content-Disposition': `inline; filename="receipt-${name}.${extension}"`,
  })
}
