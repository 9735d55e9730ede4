import type { Request } from 'express'
import { parse } from '../../contract/parse.ts'
import type { Language, ReceiptForm, ReceiptFormat } from '../../contract/receipt.ts'
import {
  LANGUAGES,
  RECEIPT_FORMATS,
  RECEIPT_MEDIA_TYPES,
  receiptBytesQuery,
  receiptQuery,
} from '../../contract/receipt.ts'
import type { Draw } from '../../receipts/drawing.ts'
import { copyOf } from '../../receipts/model.ts'
import type { Application } from '../../till/application.ts'
import { preferredType } from '../accept.ts'
import { malformed } from '../entry.ts'
import type { ReadHandler } from '../handler.ts'
import { jsonReply } from '../handler.ts'

/**
 * The receipt of an operation, a closing or an opening of the drawer: in that form, or without one in the form that
 * `format` or `Accept` names.
 */
export function receipt({ operations }: Application, draw: Draw, form?: ReceiptForm): ReadHandler {
  return {
    kind: 'read',
    run: async (call) => {
      const { req, id } = call
      const plain = form === undefined ? parse(receiptQuery, call.query) : undefined
      const query = plain ?? parse(receiptBytesQuery, call.query)
      const format = form ?? plain?.format ?? acceptedFormat(req)
      const original = operations.receipt(call, id, query.language ?? acceptedLanguage(req))
      const model = query.copy === 'true' ? copyOf(original) : original
      if (format === 'json') return jsonReply(200, model)
      return { status: 200, ...(await draw(model, format, query, call.caller.keyId)) }
    },
  }
}

function acceptedFormat(req: Request): ReceiptFormat {
  const mediaTypes = Object.values(RECEIPT_MEDIA_TYPES)
  const type = preferredType(req.headers.accept, mediaTypes)
  const format = RECEIPT_FORMATS.find((one) => RECEIPT_MEDIA_TYPES[one] === type)
  if (format === undefined) throw malformed(`Accept names no format of a receipt: ${mediaTypes.join(', ')}.`)
  return format
}

/** Undefined if the caller accepts none of ours: the shop's language is used. */
function acceptedLanguage(req: Request): Language | undefined {
  // Without a header, and for "*", the first one is taken.
  const wanted = req.acceptsLanguages(["shop's", ...LANGUAGES])
  return LANGUAGES.find((language) => language === wanted)
}
