import createClient from 'openapi-fetch'
import type { Client, Key } from './calls.ts'
import { headersOf, newKey } from './calls.ts'
import type { paths } from './generated/schema'
import type { Operation } from './names.ts'

/** The types are generated, the calls are those of openapi-fetch, which takes the address from its caller. */
export function openClient(baseUrl: string, key: Key): Client {
  const api = createClient<paths>({ baseUrl, headers: headersOf(key) })
  const versioned = (open: Operation, idempotencyKey: string) => ({
    path: { id: open.id },
    header: { 'Idempotency-Key': idempotencyKey, 'If-Match': `"${open.resource_version}"` },
  })
  return {
    createMerchant: async (body) => answered(await api.POST('/v1/merchants', { params: { header: newKey() }, body })),
    createLocation: async (body) => answered(await api.POST('/v1/locations', { params: { header: newKey() }, body })),
    createRegister: async (body) => answered(await api.POST('/v1/registers', { params: { header: newKey() }, body })),
    fiscalize: async (id, body) =>
      answered(await api.POST('/v1/registers/{id}/fiscalize', { params: { path: { id }, header: newKey() }, body })),
    create: async (key, body) =>
      answered(await api.POST('/v1/operations', { params: { header: { 'Idempotency-Key': key } }, body })),
    amend: async (open, key, body) =>
      answered(await api.PATCH('/v1/operations/{id}', { params: versioned(open, key), body })),
    complete: async (open, key, body) =>
      answered(await api.POST('/v1/operations/{id}/complete', { params: versioned(open, key), body })),
    refusedCompletion: async (id, version, key, body) => {
      const header = { 'Idempotency-Key': key, 'If-Match': `"${version}"` }
      const { error } = await api.POST('/v1/operations/{id}/complete', { params: { path: { id }, header }, body })
      if (error === undefined) throw new Error('the completion was not refused')
      return error
    },
    cancel: async (open, key, body) =>
      answered(await api.POST('/v1/operations/{id}/void', { params: versioned(open, key), body })),
    list: async (query) => answered(await api.GET('/v1/operations', { params: { query } })),
    receipt: async (id) => answered(await api.GET('/v1/operations/{id}/receipt', { params: { path: { id } } })),
    receiptText: async (id) =>
      answered(await api.GET('/v1/operations/{id}/receipt.txt', { params: { path: { id } }, parseAs: 'text' })),
    receiptPdf: async (id) =>
      new Uint8Array(
        answered(
          await api.GET('/v1/operations/{id}/receipt.pdf', { params: { path: { id } }, parseAs: 'arrayBuffer' }),
        ),
      ),
    drawerOpened: async (body) =>
      answered(await api.POST('/v1/cash-drawer-openings', { params: { header: newKey() }, body })),
    close: async (id, body) =>
      answered(await api.POST('/v1/registers/{id}/closings', { params: { path: { id }, header: newKey() }, body })),
    createExport: async (body) => answered(await api.POST('/v1/exports', { params: { header: newKey() }, body })),
    readExport: async (id) => answered(await api.GET('/v1/exports/{id}', { params: { path: { id } } })),
    exportFile: async (id) =>
      new Uint8Array(
        answered(await api.GET('/v1/exports/{id}/file', { params: { path: { id } }, parseAs: 'arrayBuffer' })),
      ),
  }
}

function answered<Data>({ data, error, response }: { data?: Data; error?: unknown; response: Response }): Data {
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`)
  return data
}
