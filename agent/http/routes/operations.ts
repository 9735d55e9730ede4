import type { Request } from 'express'
import { completeOperation, createOperation, operationQuery, voidOperation } from '../../contract/operation.ts'
import { parse } from '../../contract/parse.ts'
import { receiptQuery } from '../../contract/receipt.ts'
import { renderText } from '../../receipts/text.ts'
import type { Application } from '../application.ts'
import { malformed } from '../entry.ts'
import type { ReadHandler } from '../handler.ts'
import { change, jsonReply, readList, readOne } from '../handler.ts'

export function operationHandlers(application: Application) {
  const { operations } = application
  return {
    operationsCreate: change(createOperation, (mutation, _id, input) => operations.create(mutation, input)),
    operationsList: readList(operationQuery, (caller, merchantId, query) => operations.list(caller, merchantId, query)),
    operationsGet: readOne((caller, merchantId, id) => operations.get(caller, merchantId, id)),
    operationsComplete: change(completeOperation, (mutation, id, input) => operations.complete(mutation, id, input)),
    operationsVoid: change(voidOperation, (mutation, id, input) => operations.void(mutation, id, input)),
    operationsReceipt: receipt(application),
  }
}

function receipt({ operations }: Application): ReadHandler {
  return {
    kind: 'read',
    run: ({ req, caller, merchantId, id }) => {
      const query = parse(receiptQuery, req.query)
      const format = query.format ?? acceptedFormat(req)
      const model = operations.receipt(caller, merchantId, id, query.language ?? acceptedLanguage(req))
      if (format === 'json') return jsonReply(200, model)
      return { status: 200, mediaType: 'text/plain; charset=utf-8', body: renderText(model) }
    },
  }
}

function acceptedFormat(req: Request): 'json' | 'text' {
  const type = req.accepts(['application/json', 'text/plain'])
  if (type === false) throw malformed('Accept names no format of a receipt: application/json or text/plain.')
  return type === 'text/plain' ? 'text' : 'json'
}

function acceptedLanguage(req: Request): 'de' | 'en' | 'it' {
  const language = req.acceptsLanguages(['de', 'en', 'it'])
  return language === 'en' || language === 'it' ? language : 'de'
}
