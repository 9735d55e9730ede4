import type { Request } from 'express'
import type { Contract } from '../../contract/contract-of.ts'
import { completeOperation, createOperation, operationQuery, voidOperation } from '../../contract/operation.ts'
import { parse } from '../../contract/parse.ts'
import type { Language, ReceiptFormat } from '../../contract/receipt.ts'
import { LANGUAGES, RECEIPT_FORMATS, RECEIPT_MEDIA_TYPES, receiptQuery } from '../../contract/receipt.ts'
import type { Draw } from '../../receipts/drawing.ts'
import { copyOf } from '../../receipts/model.ts'
import type { Application } from '../../till/application.ts'
import { preferredType } from '../accept.ts'
import { malformed } from '../entry.ts'
import type { ReadHandler } from '../handler.ts'
import { change, jsonReply, readList, readOne } from '../handler.ts'

export function operationHandlers(application: Application, contract: Contract, draw: Draw) {
  const { operations } = application
  return {
    operationsCreate: change(contract.of(createOperation), operations.create),
    operationsList: readList(operationQuery, operations.list),
    operationsGet: readOne(operations.get),
    operationsComplete: change(contract.of(completeOperation), operations.complete),
    operationsVoid: change(voidOperation, operations.void),
    operationsExplain: readOne(operations.explain),
    operationsReceipt: receipt(application, draw),
  }
}

/** The receipt of an operation, a closing or an opening of the drawer, in the requested format. */
export function receipt({ operations }: Application, draw: Draw): ReadHandler {
  return {
    kind: 'read',
    run: async (call) => {
      const { req, id } = call
      const query = parse(receiptQuery, call.query)
      const format = query.format ?? acceptedFormat(req)
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
