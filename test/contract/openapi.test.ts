import { expect, test } from 'vitest'
import * as z from 'zod'
import { responseName } from '../../agent/contract/error-responses.ts'
import { openapiOf } from '../../agent/contract/openapi.ts'
import { createOperation } from '../../agent/contract/operation.ts'
import type { Route } from '../../agent/contract/route.ts'
import { errorCodesOf, OF_EVERY_ROUTE, takesKey } from '../../agent/contract/route.ts'
import { routes } from '../../agent/contract/routes.ts'
import { ERRORS } from '../../agent/errors.ts'
import { calledUrl, documentedUrl } from '../../agent/wiring/serving.ts'
import { CONTRACT, DESCRIBED, EXAMPLES } from '../contract.ts'
import { document, nested, operations, parametersOf, responseOf, rows, text } from './openapi-document.ts'

test('the same agent gives the same document', () => {
  expect(JSON.stringify(openapiOf(CONTRACT, { ...DESCRIBED }, [...EXAMPLES]))).toBe(text)
})

test('has the component names of the generated clients', () => {
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(
      [
        'ErrorDto CreateMerchantDto Merchant MerchantListResponse CreateExportDto SaleOperation ReturnOperation',
        'ExchangeOperation SessionOpenOperation SessionCashAdjustmentOperation SessionCashCountOperation',
        'SessionCloseOperation FiscalInformationKassenSichV FiscalInformationRKSV FiscalInformationRT',
        'FiscalIdentityDEU FiscalIdentityAUT FiscalIdentityITA CreateFiscalIdentityDto',
        'LineItem Tax Discount Payment FiscalState DeviceFailure Hint Fiscalization Cashier Metadata NamedSum SyncError',
        'SyncTargetListResponse ReceiptLine ReceiptAmount ReceiptText OperationEnvelope GoodsMovement',
        'KassenSichVEndEvent KassenSichVVerification',
      ]
        .join(' ')
        .split(' '),
    ),
  )
  expect(document.components.securitySchemes).toHaveProperty('BearerAuth')
})

test('no two components have names that differ by capitals only: they are files of a generated client', () => {
  const names = Object.keys(document.components.schemas).map((name) => name.toLowerCase())
  expect(new Set(names).size).toBe(names.length)
})

test('a shape that is used twice has a name, and every body and answer of JSON is a name', () => {
  const places = new Map<string, string[]>()
  for (const [place, schema] of [...nested(document.components.schemas, ''), ...nested(document.paths, 'paths')]) {
    const { properties = {}, oneOf, anyOf } = schema as { properties?: object; oneOf?: object[]; anyOf?: object[] }
    const options = (oneOf ?? anyOf ?? []).filter((option) => '$ref' in option || 'properties' in option)
    if (Object.keys(properties).length < 2 && options.length < 2) continue
    const form = JSON.stringify(schema, (key, value) =>
      key === 'description' && typeof value === 'string' ? '' : value,
    )
    places.set(form, [...(places.get(form) ?? []), place])
  }
  const inline = [...places.values()].map((all) => all.filter((place) => /^\/\w+\/|^paths/.test(place)))
  expect(places.size).toBeGreaterThan(100)
  expect(inline.filter((all) => all.length > 1)).toEqual([])
  const bodies = [...nested(document.paths, 'paths')].filter(([place]) => /application\/json\/schema$/.test(place))
  expect(bodies.length).toBeGreaterThan(50)
  // A file of an export may be JSON, of which the schema says nothing.
  const named = bodies.filter(([place]) => !place.startsWith('paths//v1/exports/{id}/file/'))
  for (const [place, schema] of named) expect(Object.keys(schema), place).toEqual(['$ref'])
})

test('has one type for each name: a member for one direction alone would make two in generated clients', () => {
  expect(text.match(/"(readOnly|writeOnly)":/g)).toBeNull()
})

test('distinguishes files of bytes from texts: a generated client would spoil a PDF', () => {
  const kinds = new Map<string, unknown>()
  const forms = Object.keys(document.paths).filter((path) =>
    /^\/v1\/(operations|closings)\/\{id\}\/receipt\./.test(path),
  )
  expect(forms.length).toBe(10)
  for (const path of [...forms, '/v1/exports/{id}/file', '/v1/operations/{id}/code', '/metrics']) {
    const answer = document.paths[path]?.['get']?.responses['200'] ?? {}
    const { content = {} } = answer as { content?: Record<string, { schema: object }> }
    for (const [type, { schema }] of Object.entries(content)) if (!('$ref' in schema)) kinds.set(type, schema)
  }
  const [text, bytes] = [{ type: 'string' }, { type: 'string', format: 'binary' }]
  expect(Object.fromEntries(kinds)).toEqual({
    ...{ 'application/pdf': bytes, 'image/png': bytes, 'application/vnd.escpos': bytes },
    ...{ '*/*': bytes, 'text/html': text, 'text/plain': text, 'image/svg+xml': text },
    'text/plain; version=0.0.4; charset=utf-8': text,
  })
})

test('documents one media type for each form of a receipt, JSON alone for its plain path, and no form as a parameter', () => {
  for (const [tag, collection] of [
    ['Operations', 'operations'],
    ['Closings', 'closings'],
  ]) {
    const documented = (suffix: string) => {
      const get = document.paths[`/v1/${collection}/{id}/receipt${suffix}`]?.['get']
      const { content = {} } = (get?.responses['200'] ?? {}) as { content?: object }
      return [get?.operationId, ...Object.keys(content)]
    }
    expect(documented('')).toEqual([`${tag}Controller_receipt`, 'application/json'])
    expect(['.pdf', '.png', '.html', '.txt', '.escpos'].map(documented)).toEqual([
      [`${tag}Controller_receiptPdf`, 'application/pdf'],
      [`${tag}Controller_receiptPng`, 'image/png'],
      [`${tag}Controller_receiptHtml`, 'text/html'],
      [`${tag}Controller_receiptTxt`, 'text/plain'],
      [`${tag}Controller_receiptEscpos`, 'application/vnd.escpos'],
    ])
  }
  expect(text).not.toContain('"name":"format"')
  for (const row of rows.filter(({ success, listed }) => success.schema === undefined && listed !== false))
    for (const [status, response] of Object.entries(document.paths[row.path]?.['get']?.responses ?? {}))
      if (Number(status) >= 400) expect(response, row.path).not.toHaveProperty('content')
})

test('lists every error code, and every code of a route is at its status', () => {
  const code = document.components.schemas['ErrorDto']?.['properties'] as { code: { enum: string[] } }
  expect(code.code.enum).toEqual(Object.keys(ERRORS))
  const { description: guide } = (document as unknown as { info: { description: string } }).info
  for (const row of rows) {
    const responses = document.paths[row.path]?.[row.methods[0]]?.responses ?? {}
    const { description = '' } = document.paths[row.path]?.[row.methods[0]] ?? {}
    for (const name of errorCodesOf(row)) {
      const { status } = ERRORS[name]
      expect(responses, row.path).toHaveProperty(String(status))
      const lines = description.split('\n').filter((each) => /^\| (\d{3}|others) \|/.test(each))
      const line = lines.find((each) => each.startsWith(`| ${status} |`)) ?? lines.at(-1)
      const link = `[${name}](/errors/${name})`
      if (line?.includes(link)) continue
      if (OF_EVERY_ROUTE.some((one) => one === name)) {
        expect(guide).toContain(`\`${name}\``)
        continue
      }
      // A code that every route of its kind has is linked once, in the answer that they share.
      const isAlone = Object.values(ERRORS).filter((other) => other.status === status).length === 1
      if (!isAlone) expect(line, row.path).toContain(`\`${name}\``)
      expect(document.components.responses[responseName(status)]?.description, row.path).toContain(link)
    }
  }
})

test('names the headers that a till needs: retry times, replayed answers, trials', () => {
  const headersOf = (row: Route, status: number): string[] => {
    return Object.keys(responseOf(document.paths[row.path]?.[row.methods[0]], status).headers ?? {})
  }
  for (const row of rows) {
    expect(headersOf(row, 429), row.path).toEqual(['Retry-After'])
    const replays = headersOf(row, row.success.status).includes('Idempotent-Replayed')
    expect(replays, row.path).toBe(takesKey(row))
  }
  expect(headersOf(routes.operationsComplete, 503)).toEqual(['Retry-After'])
  expect(headersOf(routes.operationsComplete, 409)).toEqual(['Retry-After'])
  expect(headersOf(routes.operationsComplete, 200)).toEqual(['ETag', 'Idempotent-Replayed', 'Preference-Applied'])
  // The document of a trial was not created: it has no version, and its key is free.
  expect(headersOf(routes.operationsCreate, 200)).toEqual(['Preference-Applied'])
})

test('gives a maker of tills a remedy, in words of the contract', () => {
  const { description } = (document as unknown as { info: { description: string } }).info
  const words = [...description.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)
  const known = `${text} Idempotency-Key If-Match Prefer: dry-run Idempotent-Replayed: true /errors/{code}`
  const unknown = words.filter(
    (word) =>
      /^[a-z_./{}A-Z-]+$/.test(word) && !known.replace(description, '').includes(word.replace(/^(GET|POST) /, '')),
  )
  expect(words.length).toBeGreaterThan(30)
  expect(unknown).toEqual([])
})

test('describes where a list begins, which times it compares, and all of it at the parameter, for readers of it', () => {
  const query = operations().flatMap((each) => parametersOf(each).filter((parameter) => parameter.in === 'query'))
  expect(query.filter(({ schema }) => schema.description !== undefined)).toEqual([])
  const told = query.filter(({ description }) => description !== undefined).map(({ name }) => name)
  expect(new Set(told)).toEqual(
    new Set([
      'limit',
      'cursor',
      'from',
      'to',
      'date',
      'after',
      'follow',
      'language',
      'copy',
      'paper',
      'columns',
      'location_id',
      'register_id',
      'session_id',
      'state',
      'open',
      'regime',
      'status',
      'type',
      'external_id',
      'receipt_number',
      'allocation_group',
      'operator_id',
      'issued_as',
      'order',
      'code',
      'signature',
      'expires',
    ]),
  )
  for (const { name, description } of query)
    expect([name, description !== undefined]).toEqual([name, told.includes(name)])
})

test('names OpenFiskal-Organization wherever it names X-OpenFiskal-Merchant', () => {
  const named = operations().map((each) =>
    parametersOf(each)
      .map(({ name }) => name)
      .filter((name) => /^(X-)?OpenFiskal/.test(name)),
  )
  const both = named.filter((names) => names.length > 0)
  expect(both.length).toBeGreaterThan(20)
  for (const names of both) expect(names).toEqual(['X-OpenFiskal-Merchant', 'OpenFiskal-Organization'])
})

test('has the form of an Idempotency-Key in its schema, as it is judged', () => {
  const parameters = operations().flatMap((each) => parametersOf(each).filter(({ name }) => name === 'Idempotency-Key'))
  for (const { schema } of parameters) {
    const judged = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
    for (const key of ['1', 'k'.repeat(255), '~!"/{}']) expect(judged.safeParse(key).success, key).toBe(true)
    for (const key of ['', ' ', 'a b', 'ä', 'k'.repeat(256), 'a\n'])
      expect(judged.safeParse(key).success, key).toBe(false)
  }
  expect(parameters.length).toBeGreaterThan(10)
})

test('states the rules for requests that no schema holds', () => {
  const sent = Object.entries(document.components.schemas).filter(([name]) => /^(Create|Update|Address)/.test(name))
  const silent: string[] = []
  for (const [name, { properties }] of sent) {
    for (const [member, schema] of Object.entries((properties ?? {}) as Record<string, { description?: string }>)) {
      const isRuled = /^(metadata|timezone|quantity|country_code|currency|rate|from|to|fiscal_identities)$/.test(member)
      if (isRuled && !('const' in schema) && !('$ref' in schema) && schema.description === undefined)
        silent.push(`${name}.${member}`)
    }
  }
  expect(silent).toEqual([])
})

test('states which members a change leaves, and the permanent key and number of a register', () => {
  const described = (name: string, member?: string): string => {
    const schema = document.components.schemas[name] as { properties: Record<string, object> }
    return String(Reflect.get(member === undefined ? schema : (schema.properties[member] ?? {}), 'description'))
  }
  for (const name of ['UpdateMerchantDto', 'UpdateLocationDto', 'UpdateRegisterDto'])
    expect(described(name)).toContain('Omitted members keep their value')
  for (const name of ['Merchant', 'Location', 'Register'])
    expect(described(name, 'pending_changes')).toContain('while a session was open')
  expect(described('Register', 'fiscalization_status')).toContain('call `fiscalize` again')
  expect(described('FiscalizedRegister', 'register_api_key')).toContain('`fiskal-edge key create register`')
  expect(described('FiscalizeRegisterDto', 'pos_client_serial_number')).toContain('It is permanent')
})

test('describes in the guide every kind of operation, and the closing of a day in each law', () => {
  const { description } = (document as unknown as { info: { description: string } }).info
  const kinds = createOperation.options.flatMap((option) => [...(option._zod.propValues?.['type'] ?? [])].map(String))
  expect(kinds.filter((kind) => !description.includes(`\`${kind}\``))).toEqual([])
  const closing = JSON.stringify(document.components.schemas['CreateClosingDto'])
  for (const law of ['DE:', 'AT:', 'IT:']) expect(closing).toContain(law)
})

test('gives every operation its own operationId, which makes a good name of a method', () => {
  const ids = operations().map(({ operationId }) => operationId)
  expect(new Set(ids.map((id) => id.toLowerCase())).size).toBe(ids.length)
  expect(ids.filter((id) => !/^[A-Z][A-Za-z]*Controller_[a-z][A-Za-z]*$/.test(id))).toEqual([])
  expect(ids.filter((id) => /_(find|void$|delete$)|By(Post|Patch)$/.test(id))).toEqual([])
  // A resource is in the plural; the agent itself is one.
  expect(ids.filter((id) => !/^(Agent|[A-Za-z]+s)Controller_/.test(id))).toEqual([])
  const lists = operations().filter((each) => /ListResponse"/.test(JSON.stringify(each.responses['200'] ?? {})))
  expect(lists.length).toBeGreaterThan(8)
  expect(lists.filter(({ operationId }) => !operationId.endsWith('_list'))).toEqual([])
  expect(ids).toEqual(
    expect.arrayContaining(
      [
        'MerchantsController_list MerchantsController_create MerchantsController_get MerchantsController_update',
        'OperationsController_create OperationsController_get OperationsController_complete',
        'OperationsController_voidOperation ExportsController_create RegistersController_fiscalize',
        'DevicesController_list SyncTargetsController_list JournalEventsController_list ErrorsController_get',
      ].flatMap((line) => line.split(' ')),
    ),
  )
})

test('complete and void answer POST and PATCH, with If-Match; POST is documented', () => {
  for (const row of [routes.operationsComplete, routes.operationsVoid]) {
    expect(row.methods).toEqual(['post', 'patch'])
    expect(row.ifMatch).toBe(true)
    expect(Object.keys(document.paths[row.path] ?? {})).toEqual(['post'])
    expect(document.paths[row.path]?.['post']?.description).toContain('`PATCH` with the same request is served too.')
  }
})

test('lists what programs call, and neither pages nor itself', () => {
  const unlisted = Object.values(routes).filter(({ path }) => document.paths[path] === undefined)
  expect(unlisted.map(({ path }) => path).sort()).toEqual([
    '/',
    '/display/{token}',
    '/display/{token}/now',
    '/docs',
    '/docs-json',
    '/docs/client.tgz',
    '/docs/plain',
    '/docs/postman.json',
    '/docs/scalar.js',
    '/docs/start.js',
    '/openapi-json',
    '/page/{file}',
  ])
  const beside = Object.keys(document.paths).filter((path) => !path.startsWith('/v1/'))
  expect(beside.sort()).toEqual(['/errors/{code}', '/healthz', '/metrics', '/readyz'])
  const explained = document.paths['/errors/{code}']?.['get']?.responses['200'] as { content: object }
  expect(Object.keys(explained.content)).toEqual(['application/json'])
})

test('names the address of its server, its licence and its maker', () => {
  const { servers, info } = JSON.parse(text) as { servers: object[]; info: Record<string, object> }
  expect(servers).toEqual([{ url: 'http://127.0.0.1:7070' }])
  expect(info['contact']).toEqual({ name: DESCRIBED.author })
  expect(info['license']).toEqual({ name: 'Apache-2.0', identifier: 'Apache-2.0' })
})

test('the address is that of the configuration, over TLS with the first name', () => {
  const url = (host: string, port: number, names?: string[]) =>
    documentedUrl({ listen: { host, port }, ...(names && { tls: { names, clientCertificates: 'off' } }) })
  expect(url('localhost', 7070)).toBe('http://127.0.0.1:7070')
  expect(url('localhost', 0)).toBe('http://127.0.0.1:7070')
  expect(url('::1', 8080)).toBe('http://[::1]:8080')
  expect(url('0.0.0.0', 7071, ['till.shop.example', '192.168.1.10'])).toBe('https://till.shop.example:7071')
  expect(url('0.0.0.0', 443, ['fd00::1'])).toBe('https://[fd00::1]:443')
  expect(url('192.168.1.10', 7070, [])).toBe('https://192.168.1.10:7070')
})

test('an agent is called by a name of its certificate, by an address only if that is one, or without TLS', () => {
  const url = (host: string, port: number, names?: string[], bound?: number) =>
    calledUrl({ listen: { host, port }, ...(names && { tls: { names, clientCertificates: 'off' } }) }, bound)
  expect(url('localhost', 7070)).toBe('http://localhost:7070')
  expect(url('localhost', 0, undefined, 40_001)).toBe('http://localhost:40001')
  expect(url('0.0.0.0', 7070)).toBe('http://localhost:7070')
  expect(url('192.168.1.10', 7070)).toBe('http://192.168.1.10:7070')
  expect(url('192.168.1.10', 7070, ['till.shop.example'])).toBe('https://till.shop.example:7070')
  expect(url('192.168.1.10', 7070, ['till.shop.example', '192.168.1.10'])).toBe('https://192.168.1.10:7070')
  expect(url('::', 443, ['fd00::1'])).toBe('https://[fd00::1]:443')
  expect(url('127.0.0.1', 7070, ['till.shop.example'])).toBe('https://127.0.0.1:7070')
  expect(url('192.168.1.10', 7070, [])).toBe('https://192.168.1.10:7070')
})

test('requires no key only if there is nothing to protect, or the link itself is signed', () => {
  const keyless = rows.filter(({ auth }) => auth === 'none').map(({ path }) => path)
  expect(keyless.sort()).toEqual(['/errors/{code}', '/healthz', '/metrics', '/readyz'])
  const linked = rows.filter(({ auth }) => auth === 'link').map(({ path }) => path)
  expect(linked).toEqual(['/v1/exports/{id}/file'])
  // The first is the one that an importer uses.
  const file = document.paths['/v1/exports/{id}/file']?.['get'] as unknown as { security: object[] }
  expect(file.security).toEqual([{ BearerAuth: [] }, { RegisterKeyAuth: [] }, {}])
})

test('refers only to what exists', () => {
  const references = [...text.matchAll(/"#\/components\/(\w+\/\w+)"/g)].map(([, place = '']) => place.split('/'))
  expect(references.length).toBeGreaterThan(100)
  for (const place of references) expect(document.components).toHaveProperty(place)
})

test('every id in a path, a query and a request says that a key replaces it, with an example in paths', () => {
  const parameters = operations().flatMap((each) =>
    parametersOf(each).map((parameter) => ({ where: each.operationId, ...parameter })),
  )
  const isId = /^id$|^X-OpenFiskal-Merchant$|(?<!^external|^operator)_id$/
  // No request makes a duty.
  const isOfDuty = (where: string, name: string) => where.startsWith('DutiesController_') && name === 'id'
  const ids = parameters.filter(({ where, name }) => isId.test(name) && !isOfDuty(where, name))
  expect(ids.length).toBeGreaterThan(30)
  for (const { where, name, description } of ids)
    expect(description, `${where} ${name}`).toMatch(/`key:` and (the|its) `Idempotency-Key`/)
  const paths = ids.filter((parameter) => parameter.in === 'path')
  for (const { where, examples = {} } of paths) {
    expect(Object.keys(examples).length, where).toBeGreaterThan(0)
    for (const { value } of Object.values(examples)) expect(value, where).toMatch(/^key:[a-z]+-[12]$/)
  }
  const named = new Set(['register_id', 'location_id', 'operation_id', 'related_operation_id', 'session_id'])
  const members = Object.entries(document.components.schemas)
    .filter(([name]) => /^(Create|Update|Complete|Void|Fiscalize).*Dto$/.test(name))
    .flatMap(([name, { properties }]) =>
      Object.entries((properties ?? {}) as Record<string, { description?: string }>).map(
        ([member, { description }]) => ({ name, member, description }),
      ),
    )
    .filter(({ member }) => named.has(member))
  expect(members.length).toBeGreaterThan(10)
  for (const { name, member, description } of members)
    expect(description, `${name}.${member}`).toMatch(/`key:` and (the|its) `Idempotency-Key`/)
})
