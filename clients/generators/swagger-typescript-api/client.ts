import type { Client, Key } from './calls.ts'
import { bytesOf, headersOf, newKey } from './calls.ts'
import type { HttpResponse } from './generated/client'
import { Api } from './generated/client'
import type { ErrorDto, Operation } from './names.ts'

/** The address is that of the document. Headers have no types here: an agent answers 428 to a missing `If-Match`. */
export function openClient(_url: string, key: Key): Client {
  const { v1 } = new Api({ baseApiParams: { headers: headersOf(key) } })
  const versioned = (version: number, idempotencyKey: string) => ({
    headers: { 'Idempotency-Key': idempotencyKey, 'If-Match': `"${version}"` },
  })
  const ofVersion = (open: Operation, idempotencyKey: string) => versioned(open.resource_version, idempotencyKey)
  return {
    createMerchant: async (body) => answered(v1.merchantsControllerCreate(body, { headers: newKey() })),
    createLocation: async (body) => answered(v1.locationsControllerCreate(body, { headers: newKey() })),
    createRegister: async (body) => answered(v1.registersControllerCreate(body, { headers: newKey() })),
    fiscalize: async (id, body) => answered(v1.registersControllerFiscalize(id, body, { headers: newKey() })),
    create: async (key, body) => answered(v1.operationsControllerCreate(body, { headers: { 'Idempotency-Key': key } })),
    amend: async (open, key, body) => answered(v1.operationsControllerAmend(open.id, body, ofVersion(open, key))),
    complete: async (open, key, body) => answered(v1.operationsControllerComplete(open.id, body, ofVersion(open, key))),
    refusedCompletion: async (id, version, key, body) =>
      v1.operationsControllerComplete(id, body, versioned(version, key)).then(
        () => {
          throw new Error('the completion was not refused')
        },
        // A refusal is thrown.
        ({ error }: HttpResponse<Operation, ErrorDto>) => error,
      ),
    cancel: async (open, key, body) =>
      answered(v1.operationsControllerVoidOperation(open.id, body, ofVersion(open, key))),
    list: async (query) => answered(v1.operationsControllerList(query)),
    receipt: async (id) => answered(v1.operationsControllerReceipt(id)),
    receiptText: async (id) => answered(v1.operationsControllerReceiptTxt(id, {}, { format: 'text' })),
    receiptPdf: async (id) => bytesOf(await answered(v1.operationsControllerReceiptPdf(id, {}, { format: 'blob' }))),
    drawerOpened: async (body) => answered(v1.cashDrawerOpeningsControllerCreate(body, { headers: newKey() })),
    close: async (id, body) => answered(v1.closingsControllerCreate(id, body, { headers: newKey() })),
    createExport: async (body) => answered(v1.exportsControllerCreate(body, { headers: newKey() })),
    readExport: async (id) => answered(v1.exportsControllerGet(id)),
    exportFile: async (id) => bytesOf(await answered(v1.exportsControllerDownload(id, {}, { format: 'blob' }))),
  }
}

/** The client throws a refusal. */
async function answered<Data, Refusal>(call: Promise<HttpResponse<Data, Refusal>>): Promise<Data> {
  const { data } = await call.catch(({ url, status, error }: HttpResponse<Data, Refusal>) => {
    throw new Error(`${url}: ${status} ${JSON.stringify(error)}`)
  })
  return data
}
