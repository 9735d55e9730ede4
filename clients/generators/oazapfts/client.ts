import type { Client, Key } from './calls.ts'
import { bytesOf, headersOf } from './calls.ts'
import {
  cashDrawerOpeningsControllerCreate,
  closingsControllerCreate,
  defaults,
  exportsControllerCreate,
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
  const versioned = ({ id, resource_version }: Operation, idempotencyKey: string) => ({
    id,
    idempotencyKey,
    ifMatch: `"${resource_version}"`,
  })
  return {
    createMerchant: async (createMerchantDto) =>
      answered(201, await merchantsControllerCreate({ createMerchantDto }, sent)),
    createLocation: async (createLocationDto) =>
      answered(201, await locationsControllerCreate({ createLocationDto }, sent)),
    createRegister: async (createRegisterDto) =>
      answered(201, await registersControllerCreate({ createRegisterDto }, sent)),
    fiscalize: async (id, fiscalizeRegisterDto) =>
      answered(202, await registersControllerFiscalize({ id, fiscalizeRegisterDto }, sent)),
    create: async (idempotencyKey, createOperationDto) =>
      answered(201, await operationsControllerCreate({ idempotencyKey, createOperationDto }, sent)),
    amend: async (open, key, amendOperationDto) =>
      answered(200, await operationsControllerAmend({ ...versioned(open, key), amendOperationDto }, sent)),
    complete: async (open, key, completeOperationDto) =>
      answered(200, await operationsControllerComplete({ ...versioned(open, key), completeOperationDto }, sent)),
    refusedCompletion: async (id, version, idempotencyKey, completeOperationDto) => {
      const ifMatch = `"${version}"`
      const body = { id, idempotencyKey, ifMatch, completeOperationDto }
      return answered(412, await operationsControllerComplete(body, sent))
    },
    cancel: async (open, key, voidOperationDto) =>
      answered(200, await operationsControllerVoidOperation({ ...versioned(open, key), voidOperationDto }, sent)),
    list: async ({ register_id: registerId, ...filter }) =>
      answered(200, await operationsControllerList({ ...filter, registerId }, sent)),
    receipt: async (id) => answered(200, await operationsControllerReceipt({ id }, sent)),
    receiptText: async (id) => answered(200, await operationsControllerReceiptTxt({ id }, sent)),
    receiptPdf: async (id) => bytesOf(answered(200, await operationsControllerReceiptPdf({ id }, sent))),
    drawerOpened: async (createCashDrawerOpeningDto) =>
      answered(201, await cashDrawerOpeningsControllerCreate({ createCashDrawerOpeningDto }, sent)),
    close: async (id, createClosingDto) =>
      answered(201, await closingsControllerCreate({ id, createClosingDto }, sent)),
    createExport: async (createExportDto) => answered(202, await exportsControllerCreate({ createExportDto }, sent)),
    readExport: async (id) => answered(200, await exportsControllerGet({ id }, sent)),
    exportFile: async (id) => {
      // Not by the generated function: oazapfts reads a file of any type as text.
      const file = await fetch(`${defaults.baseUrl}/v1/exports/${id}/file`, sent)
      if (!file.ok) throw new Error(`${file.url}: ${file.status}`)
      return bytesOf(file)
    },
  }
}

type Answered = { status: number; data?: unknown }

/** The data of one status: an answer is a union by its status. */
function answered<Answer extends Answered, Status extends Answer['status']>(
  status: Status,
  answer: Answer,
): Extract<Answer, { status: Status; data: unknown }>['data'] {
  if (answer.status !== status) throw new Error(`${answer.status} ${JSON.stringify(answer.data)}`)
  return (answer as Extract<Answer, { status: Status; data: unknown }>).data
}
