import type { Client, Key } from './calls.ts'
import { bytesOf, headersOf } from './calls.ts'
import {
  cashDrawerOpeningsControllerCreate,
  closingsControllerCreate,
  exportsControllerCreate,
  exportsControllerDownload,
  exportsControllerGet,
  locationsControllerCreate,
  merchantsControllerCreate,
  operationsControllerAmend,
  operationsControllerComplete,
  operationsControllerCreate,
  operationsControllerList,
  operationsControllerReceipt,
  operationsControllerReceiptPdf,
  operationsControllerReceiptTxt,
  operationsControllerVoidOperation,
  registersControllerCreate,
  registersControllerFiscalize,
} from './generated/client'
import type { Operation } from './names.ts'

/** The address is that of the document; a key goes with each call. */
export function openClient(_url: string, key: Key): Client {
  const sent = { headers: headersOf(key) }
  const versioned = (open: Operation, idempotencyKey: string) => ({
    'Idempotency-Key': idempotencyKey,
    'If-Match': `"${open.resource_version}"`,
  })
  return {
    createMerchant: async (body) => answered(201, await merchantsControllerCreate(body, {}, sent)),
    createLocation: async (body) => answered(201, await locationsControllerCreate(body, {}, sent)),
    createRegister: async (body) => answered(201, await registersControllerCreate(body, {}, sent)),
    fiscalize: async (id, body) => answered(202, await registersControllerFiscalize(id, body, {}, sent)),
    create: async (key, body) =>
      answered(201, await operationsControllerCreate(body, { 'Idempotency-Key': key }, sent)),
    amend: async (open, key, body) =>
      answered(200, await operationsControllerAmend(open.id, body, versioned(open, key), sent)),
    complete: async (open, key, body) =>
      answered(200, await operationsControllerComplete(open.id, body, versioned(open, key), sent)),
    refusedCompletion: async (id, version, key, body) => {
      const headers = { 'Idempotency-Key': key, 'If-Match': `"${version}"` }
      return answered(412, await operationsControllerComplete(id, body, headers, sent))
    },
    cancel: async (open, key, body) =>
      answered(200, await operationsControllerVoidOperation(open.id, body, versioned(open, key), sent)),
    list: async (query) => answered(200, await operationsControllerList(query, {}, sent)),
    receipt: async (id) => answered(200, await operationsControllerReceipt(id, {}, {}, sent)),
    receiptText: async (id) => answered(200, await operationsControllerReceiptTxt(id, {}, {}, sent)),
    receiptPdf: async (id) => bytesOf(answered(200, await operationsControllerReceiptPdf(id, {}, {}, sent))),
    drawerOpened: async (body) => answered(201, await cashDrawerOpeningsControllerCreate(body, {}, sent)),
    close: async (id, body) => answered(201, await closingsControllerCreate(id, body, {}, sent)),
    createExport: async (body) => answered(202, await exportsControllerCreate(body, {}, sent)),
    readExport: async (id) => answered(200, await exportsControllerGet(id, {}, sent)),
    exportFile: async (id) => bytesOf(answered(200, await exportsControllerDownload(id, {}, {}, sent))),
  }
}

/** The data of one status: an answer is a union by its status. */
function answered<Answer extends { status: number; data: unknown }, Status extends Answer['status']>(
  status: Status,
  answer: Answer,
): Extract<Answer, { status: Status }>['data'] {
  if (answer.status !== status) throw new Error(`${answer.status} ${JSON.stringify(answer.data)}`)
  return (answer as Extract<Answer, { status: Status }>).data
}
