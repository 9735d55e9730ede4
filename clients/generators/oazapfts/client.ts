import type { Client, Key } from './calls.ts'
import { answered, bytesOf, headersOf, newKey } from './calls.ts'
import * as api from './generated/client'
import type { Operation } from './names.ts'

/** The address is that of the document; a key goes with each call. */
export function openClient(_url: string, key: Key): Client {
  const sent = { headers: headersOf(key) }
  const versioned = ({ id, resource_version }: Operation, idempotencyKey: string) => ({
    id,
    idempotencyKey,
    ifMatch: `"${resource_version}"`,
  })
  const once = () => ({ idempotencyKey: newKey()['Idempotency-Key'] })
  return {
    createMerchant: async (createMerchantDto) =>
      answered(201, await api.merchantsControllerCreate({ ...once(), createMerchantDto }, sent)),
    createLocation: async (createLocationDto) =>
      answered(201, await api.locationsControllerCreate({ ...once(), createLocationDto }, sent)),
    createRegister: async (createRegisterDto) =>
      answered(201, await api.registersControllerCreate({ ...once(), createRegisterDto }, sent)),
    fiscalize: async (id, fiscalizeRegisterDto) =>
      answered(202, await api.registersControllerFiscalize({ ...once(), id, fiscalizeRegisterDto }, sent)),
    create: async (idempotencyKey, createOperationDto) =>
      answered(201, await api.operationsControllerCreate({ idempotencyKey, createOperationDto }, sent)),
    amend: async (open, key, amendOperationDto) =>
      answered(200, await api.operationsControllerAmend({ ...versioned(open, key), amendOperationDto }, sent)),
    complete: async (open, key, completeOperationDto) =>
      answered(200, await api.operationsControllerComplete({ ...versioned(open, key), completeOperationDto }, sent)),
    refusedCompletion: async (id, version, idempotencyKey, completeOperationDto) => {
      const ifMatch = `"${version}"`
      const body = { id, idempotencyKey, ifMatch, completeOperationDto }
      return answered(412, await api.operationsControllerComplete(body, sent))
    },
    cancel: async (open, key, voidOperationDto) =>
      answered(200, await api.operationsControllerVoidOperation({ ...versioned(open, key), voidOperationDto }, sent)),
    list: async ({ register_id: registerId, ...filter }) =>
      answered(200, await api.operationsControllerList({ ...filter, registerId }, sent)),
    receipt: async (id) => answered(200, await api.operationsControllerReceipt({ id }, sent)),
    receiptText: async (id) => answered(200, await api.operationsControllerReceiptTxt({ id }, sent)),
    receiptPdf: async (id) => bytesOf(answered(200, await api.operationsControllerReceiptPdf({ id }, sent))),
    drawerOpened: async (createCashDrawerOpeningDto) =>
      answered(201, await api.cashDrawerOpeningsControllerCreate({ ...once(), createCashDrawerOpeningDto }, sent)),
    close: async (id, createClosingDto) =>
      answered(201, await api.closingsControllerCreate({ ...once(), id, createClosingDto }, sent)),
    createExport: async (createExportDto) =>
      answered(202, await api.exportsControllerCreate({ ...once(), createExportDto }, sent)),
    readExport: async (id) => answered(200, await api.exportsControllerGet({ id }, sent)),
    exportFile: async (id) => {
      // Not by the generated function: oazapfts reads a file of any type as text.
      const file = await fetch(`${api.defaults.baseUrl}/v1/exports/${id}/file`, sent)
      if (!file.ok) throw new Error(`${file.url}: ${file.status}`)
      return bytesOf(file)
    },
  }
}
