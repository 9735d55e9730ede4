import type {
  AmendOperationDto,
  CashDrawerOpening,
  Closing,
  CompleteOperationDto,
  CreateCashDrawerOpeningDto,
  CreateClosingDto,
  CreateExportDto,
  CreateLocationDto,
  CreateMerchantDto,
  CreateOperationDto,
  CreateRegisterDto,
  ErrorDto,
  Export,
  FiscalizedRegister,
  FiscalizeRegisterDto,
  Location,
  Merchant,
  Operation,
  OperationListResponse,
  Receipt,
  Register,
  VoidOperationDto,
} from './names.ts'

/** With the platform key, `merchant` names one of several. */
export type Key = { readonly platform: string; readonly merchant?: string } | { readonly register: string }

/** The headers of every request with a key. */
export function headersOf(key: Key): Record<string, string> {
  if ('register' in key) return { 'X-Register-Api-Key': key.register }
  const platform = { Authorization: `Bearer ${key.platform}` }
  return key.merchant === undefined ? platform : { ...platform, 'X-OpenFiskal-Merchant': key.merchant }
}

/** A key of a change that its caller does not name: a till stores it first. */
export function newKey(): { 'Idempotency-Key': string } {
  return { 'Idempotency-Key': globalThis.crypto.randomUUID() }
}

export async function bytesOf(file: Pick<Blob, 'arrayBuffer'>): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer())
}

type Answered = { status: number; data?: unknown }

/** The data of one status: an answer is a union by its status. */
export function answered<Answer extends Answered, Status extends Answer['status']>(
  status: Status,
  answer: Answer,
): Extract<Answer, { status: Status; data: unknown }>['data'] {
  if (answer.status !== status) throw new Error(`${answer.status} ${JSON.stringify(answer.data)}`)
  return (answer as Extract<Answer, { status: Status; data: unknown }>).data
}

/** The calls of a shift: each generator's client makes them in its way, with its own types. */
export type Client = {
  createMerchant(body: CreateMerchantDto): Promise<Merchant>
  createLocation(body: CreateLocationDto): Promise<Location>
  createRegister(body: CreateRegisterDto): Promise<Register>
  fiscalize(registerId: string, body: FiscalizeRegisterDto): Promise<FiscalizedRegister>
  create(key: string, body: CreateOperationDto): Promise<Operation>
  amend(open: Operation, key: string, body: AmendOperationDto): Promise<Operation>
  complete(open: Operation, key: string, body: CompleteOperationDto): Promise<Operation>
  /** The completion of a version that the operation does not have. */
  refusedCompletion(id: string, version: number, key: string, body: CompleteOperationDto): Promise<ErrorDto>
  cancel(open: Operation, key: string, body: VoidOperationDto): Promise<Operation>
  list(filter: { register_id: string; type: 'sale'; limit: number }): Promise<OperationListResponse>
  receipt(id: string): Promise<Receipt>
  receiptText(id: string): Promise<string>
  receiptPdf(id: string): Promise<Uint8Array>
  drawerOpened(body: CreateCashDrawerOpeningDto): Promise<CashDrawerOpening>
  close(registerId: string, body: CreateClosingDto): Promise<Closing>
  createExport(body: CreateExportDto): Promise<Export>
  readExport(id: string): Promise<Export>
  exportFile(id: string): Promise<Uint8Array>
}
