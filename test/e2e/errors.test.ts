import { afterAll, beforeAll, expect, test } from 'vitest'
import { routes } from '../../agent/contract/routes.ts'
import { ERRORS } from '../../agent/errors.ts'
import type { Call } from './client.ts'
import { completion } from './client.ts'
import { event, goods, pay } from './goods.ts'
import { amendments } from './refusals/amendments.ts'
import { amounts } from './refusals/amounts.ts'
import { linesBack } from './refusals/lines-back.ts'
import { orders } from './refusals/orders.ts'
import type { Row } from './refusals/requests.ts'
import { bench, closed, complete, doneId, openRefusing, operation, shop } from './refusals/requests.ts'
import { sales } from './refusals/sales.ts'

beforeAll(openRefusing)
afterAll(() => bench[Symbol.asyncDispose]())

const table: readonly Row[] = [...orders, ...amendments, ...linesBack, ...sales, ...amounts]

for (const [code, what, call, details, client] of table) {
  test(`${ERRORS[code].status} ${code}: ${what}`, async () => {
    const head = bench.head()
    const refusal = await (client?.() ?? shop.till).refused(call())
    expect(refusal).toMatchObject({
      code,
      status: ERRORS[code].status,
      type: expect.stringMatching(new RegExp(`^http://[^/]+/errors/${code}$`)),
      fiscal_effect: 'none',
    })
    expect(refusal.retryable).toBe(code === 'precondition_failed')
    expect(refusal.details).toMatchObject(details ?? {})
    expect(bench.requestedSince(head)).toEqual([])
  })
}

test('a stale version is reported in the exact words', async () => {
  const { message } = await shop.till.refused(complete([pay('cash', '1.00')], { ifMatch: 2 }))
  expect(message).toBe('Resource version mismatch.')
})

test('a refusal is a problem of RFC 9457 if the client accepts one', async () => {
  const answer = await shop.till.call({ path: '/v1/nothing', headers: { Accept: 'application/problem+json' } })
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(JSON.parse(answer.text)).toMatchObject({
    type: expect.stringMatching(/^http:.*\/errors\/not_found$/),
    status: 404,
  })
})

test('every code is explained at its own address', async () => {
  for (const code of Object.keys(ERRORS)) {
    expect(await bench.office.get(`/errors/${code}`)).toMatchObject({ code, remedy: expect.any(String) })
  }
})

test('the checks run in order: key, JSON, stored answer, schema, existence, version, rules, state', async () => {
  const { till } = shop
  const code = async (call: Call, client = till) => (await client.refused(call)).code
  const nowhere = completion({ id: 'op_x' }, [pay('cash', '9.00')])
  expect(await code({ ...nowhere, body: '{' }, bench.client({}))).toBe('unauthorized')
  expect(await code({ ...nowhere, body: '{' })).toBe('invalid_request')
  expect(await code({ ...nowhere, body: { payments: {} } })).toBe('invalid_request')
  // Only the operation says whether it needs payments.
  expect(await code({ ...nowhere, body: {} })).toBe('not_found')
  expect(await code({ ...nowhere, headers: { 'If-Match': undefined } })).toBe('not_found')
  const done = { ...completion({ id: doneId }, [pay('cash', '9.00')]), headers: {} }
  expect(await code({ ...done, headers: { 'If-Match': undefined } })).toBe('precondition_required')
  expect(await code(done)).toBe('precondition_failed')
  expect(await code({ ...done, ifMatch: 2 })).toBe('payment_total_mismatch')
  const right = completion({ id: doneId }, [pay('cash', '1.00')])
  expect(await code({ ...right, ifMatch: 2 })).toBe('operation_invalid_state')
  const unbalanced = goods('sale', closed.id, [['1.00', '0.07']], { total_amount: '2.00' })
  expect(await code(operation(unbalanced), closed.till)).toBe('amount_mismatch')
})

test('a register that is not fiscalized may not open a session', async () => {
  const { location_id } = await bench.office.get(`/v1/registers/${shop.id}`)
  const { id } = await bench.office.post('/v1/registers', { location_id, name: 'K' })
  const body = event('session_open', String(id), { opening_balance_amount: '0.00' })
  expect((await bench.office.refused(operation(body))).code).toBe('register_not_fiscalized')
})

const VERBS = { get: 'GET', post: 'POST', patch: 'PATCH' } as const

test.each(Object.values(routes).map((route) => [route.operationId, route] as const))(
  'a foreign page and an unknown merchant get the error in the row of the route: %s',
  async (_name, { methods: [verb], path: template, auth }) => {
    const path = template.replace(/\{\w+\}/g, 'none')
    const call = { method: VERBS[verb], path, ...(verb !== 'get' && { body: {} }) }
    const foreign = await bench.office.call({ ...call, headers: { Origin: 'https://evil.example' } })
    expect([foreign.status, foreign.json]).toMatchObject([403, { code: 'origin_not_allowed' }])
    if (auth === 'none') return
    const merchant = { 'X-OpenFiskal-Merchant': 'merchant_none' }
    expect((await bench.office.refused({ ...call, headers: merchant })).code).toBe('not_found')
  },
)

/** Codes of laws and exports that are not served yet, and codes that only a fault of ours can cause. */
const NOT_YET = ['already_closed', 'dsfinvk_refused', 'export_dsfinvk_no_closed_sessions', 'internal_error']

test('no code is without a request that provokes it', () => {
  const here = [
    ...table.map(([code]) => code),
    ...['session_already_counted', 'register_not_fiscalized', 'rate_limit_exceeded', 'fiscal_device_busy'],
    ...['fiscal_device_unavailable', 'reconciling', 'idempotency_key_in_use', 'storage_unavailable'],
    // test/e2e/payments.test.ts
    'payment_method_not_supported',
    ...['idempotency_key_conflict', 'host_not_allowed', 'shutting_down', 'void_after_closing'],
    // test/e2e/italy/departments.test.ts
    'department_unknown',
    // test/e2e/italy/emergency.test.ts
    'emergency_open',
    // test/e2e/italy/printouts.test.ts
    ...['printout_not_supported', 'last_document_foreign'],
    // test/e2e/other-numbers.test.ts
    'merchant_has_registers',
    // test/e2e/business-date.test.ts
    'business_date_implausible',
    // test/e2e/germany/tables-of-a-place.test.ts
    'open_order_lines',
    // test/e2e/italy/payment-terminals.test.ts
    'payment_terminal_exists',
    // test/e2e/step-back.test.ts
    'version_too_old',
    // test/e2e/same-merchant.test.ts
    ...['merchant_exists', 'merchant_in_use'],
  ]
  const missing = Object.keys(ERRORS).filter((code) => !here.includes(code) && !NOT_YET.includes(code))
  expect(missing).toEqual([])
})
