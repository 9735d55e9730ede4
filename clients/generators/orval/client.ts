import type { Client, Key } from './calls.ts'
import { answered, bytesOf, headersOf, newKey } from './calls.ts'
import * as api from './generated/client'
import type { Operation } from './names.ts'

/** The address is that of the document; a key goes with each call. */
export function openClient(_url: string, key: Key): Client {
  const sent = { headers: headersOf(key) }
  const versioned = (open: Operation, idempotencyKey: string) => ({
    'Idempotency-Key': idempotencyKey,
    'If-Match': `"${open.resource_version}"`,
  })
  return {
    createMerchant: async (body) => answered(201, await api.merchantsControllerCreate(body, newKey(), sent)),
    createLocation: async (body) => answered(201, await api.locationsControllerCreate(body, newKey(), sent)),
    createRegister: async (body) => answered(201, await api.registersControllerCreate(body, newKey(), sent)),
    fiscalize: async (id, body) => answered(202, await api.registersControllerFiscalize(id, newKey(), body, sent)),
    create: async (key, body) =>
      answered(201, await api.operationsControllerCreate(body, { 'Idempotency-Key': key }, sent)),
    amend: async (open, key, body) =>
      answered(200, await api.operationsControllerAmend(open.id, body, versioned(open, key), sent)),
    complete: async (open, key, body) =>
      answered(200, await api.operationsControllerComplete(open.id, body, versioned(open, key), sent)),
    refusedCompletion: async (id, version, key, body) => {
      const headers = { 'Idempotency-Key': key, 'If-Match': `"${version}"` }
      return answered(412, await api.operationsControllerComplete(id, body, headers, sent))
    },
    cancel: async (open, key, body) =>
      answered(200, await api.operationsControllerVoidOperation(open.id, body, versioned(open, key), sent)),
    list: async (query) => answered(200, await api.operationsControllerList(query, {}, sent)),
    receipt: async (id) => answered(200, await api.operationsControllerReceipt(id, {}, {}, sent)),
    receiptText: async (id) => answered(200, await api.operationsControllerReceiptTxt(id, {}, {}, sent)),
    receiptPdf: async (id) => bytesOf(answered(200, await api.operationsControllerReceiptPdf(id, {}, {}, sent))),
    drawerOpened: async (body) => answered(201, await api.cashDrawerOpeningsControllerCreate(body, newKey(), sent)),
    close: async (id, body) => answered(201, await api.closingsControllerCreate(id, newKey(), body, sent)),
    createExport: async (body) => answered(202, await api.exportsControllerCreate(body, newKey(), sent)),
    readExport: async (id) => answered(200, await api.exportsControllerGet(id, {}, sent)),
    exportFile: async (id) => bytesOf(answered(200, await api.exportsControllerDownload(id, {}, {}, sent))),
  }
}
