import type { Client, Key } from './calls.ts'
import { bytesOf, headersOf } from './calls.ts'
import { createClient, createConfig } from './generated/client'
import { client as described } from './generated/client.gen'
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
} from './generated/sdk.gen'
import type { Operation } from './names.ts'

/** The address is that of the document. */
export function openClient(_url: string, key: Key): Client {
  const client = createClient(createConfig({ ...described.getConfig(), headers: headersOf(key) }))
  const versioned = (open: Operation, idempotencyKey: string) => ({
    client,
    path: { id: open.id },
    headers: { 'Idempotency-Key': idempotencyKey, 'If-Match': `"${open.resource_version}"` },
  })
  return {
    createMerchant: async (body) => answered(await merchantsControllerCreate({ client, body })),
    createLocation: async (body) => answered(await locationsControllerCreate({ client, body })),
    createRegister: async (body) => answered(await registersControllerCreate({ client, body })),
    fiscalize: async (id, body) => answered(await registersControllerFiscalize({ client, path: { id }, body })),
    create: async (key, body) =>
      answered(await operationsControllerCreate({ client, headers: { 'Idempotency-Key': key }, body })),
    amend: async (open, key, body) => answered(await operationsControllerAmend({ ...versioned(open, key), body })),
    complete: async (open, key, body) =>
      answered(await operationsControllerComplete({ ...versioned(open, key), body })),
    refusedCompletion: async (id, version, key, body) => {
      const headers = { 'Idempotency-Key': key, 'If-Match': `"${version}"` }
      const { error } = await operationsControllerComplete({ client, path: { id }, headers, body })
      if (error === undefined) throw new Error('the completion was not refused')
      return error
    },
    cancel: async (open, key, body) =>
      answered(await operationsControllerVoidOperation({ ...versioned(open, key), body })),
    list: async (query) => answered(await operationsControllerList({ client, query })),
    receipt: async (id) => answered(await operationsControllerReceipt({ client, path: { id } })),
    receiptText: async (id) => answered(await operationsControllerReceiptTxt({ client, path: { id } })),
    receiptPdf: async (id) => bytesOf(answered(await operationsControllerReceiptPdf({ client, path: { id } }))),
    drawerOpened: async (body) => answered(await cashDrawerOpeningsControllerCreate({ client, body })),
    close: async (id, body) => answered(await closingsControllerCreate({ client, path: { id }, body })),
    createExport: async (body) => answered(await exportsControllerCreate({ client, body })),
    readExport: async (id) => answered(await exportsControllerGet({ client, path: { id } })),
    exportFile: async (id) => bytesOf(answered(await exportsControllerDownload({ client, path: { id } }))),
  }
}

function answered<Data>({ data, error, response }: { data?: Data; error?: unknown; response?: Response }): Data {
  if (data === undefined) throw new Error(`${response?.url}: ${response?.status} ${JSON.stringify(error)}`)
  return data
}
