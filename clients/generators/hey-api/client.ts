import type { Client, Key } from './calls.ts'
import { bytesOf, headersOf, newKey } from './calls.ts'
import { createClient, createConfig } from './generated/client'
import { client as described } from './generated/client.gen'
import * as api from './generated/sdk.gen'
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
    createMerchant: async (body) => answered(await api.merchantsControllerCreate({ client, headers: newKey(), body })),
    createLocation: async (body) => answered(await api.locationsControllerCreate({ client, headers: newKey(), body })),
    createRegister: async (body) => answered(await api.registersControllerCreate({ client, headers: newKey(), body })),
    fiscalize: async (id, body) =>
      answered(await api.registersControllerFiscalize({ client, path: { id }, headers: newKey(), body })),
    create: async (key, body) =>
      answered(await api.operationsControllerCreate({ client, headers: { 'Idempotency-Key': key }, body })),
    amend: async (open, key, body) => answered(await api.operationsControllerAmend({ ...versioned(open, key), body })),
    complete: async (open, key, body) =>
      answered(await api.operationsControllerComplete({ ...versioned(open, key), body })),
    refusedCompletion: async (id, version, key, body) => {
      const headers = { 'Idempotency-Key': key, 'If-Match': `"${version}"` }
      const { error } = await api.operationsControllerComplete({ client, path: { id }, headers, body })
      if (error === undefined) throw new Error('the completion was not refused')
      return error
    },
    cancel: async (open, key, body) =>
      answered(await api.operationsControllerVoidOperation({ ...versioned(open, key), body })),
    list: async (query) => answered(await api.operationsControllerList({ client, query })),
    receipt: async (id) => answered(await api.operationsControllerReceipt({ client, path: { id } })),
    receiptText: async (id) => answered(await api.operationsControllerReceiptTxt({ client, path: { id } })),
    receiptPdf: async (id) => bytesOf(answered(await api.operationsControllerReceiptPdf({ client, path: { id } }))),
    drawerOpened: async (body) =>
      answered(await api.cashDrawerOpeningsControllerCreate({ client, headers: newKey(), body })),
    close: async (id, body) =>
      answered(await api.closingsControllerCreate({ client, path: { id }, headers: newKey(), body })),
    createExport: async (body) => answered(await api.exportsControllerCreate({ client, headers: newKey(), body })),
    readExport: async (id) => answered(await api.exportsControllerGet({ client, path: { id } })),
    exportFile: async (id) => bytesOf(answered(await api.exportsControllerDownload({ client, path: { id } }))),
  }
}

function answered<Data>({ data, error, response }: { data?: Data; error?: unknown; response?: Response }): Data {
  if (data === undefined) throw new Error(`${response?.url}: ${response?.status} ${JSON.stringify(error)}`)
  return data
}
