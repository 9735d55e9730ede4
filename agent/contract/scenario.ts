import { DUTY_EXAMPLE } from './duty.ts'

/** The parts of the scenario that a law decides. */
export type ScenarioShop = {
  readonly merchant: object
  readonly location: { readonly name: string; readonly address: object; readonly timezone: string }
  readonly register: string
  /** Members of the request that fiscalizes a register. */
  readonly fiscalization: object
  readonly day: ScenarioDay
}

/** A day of the shop. */
export type ScenarioDay = {
  readonly secondRegister: string
  readonly renamed: { readonly merchant: string; readonly location: string; readonly register: string }
  /** The handhelds of the first register. */
  readonly terminals: readonly object[]
  /** Over 4.50, over 2.00, and the first one brought back. */
  readonly goods: { readonly sold: object; readonly voided: object; readonly returned: object }
}

/** One request of the scenario. */
export type Step = {
  /** Also the name of its examples in the document; the Idempotency-Key of a request that has one. */
  readonly name: string
  readonly summary: string
  readonly operationId: string
  /** Values of the path's parameters. */
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
  readonly key?: string
  readonly status: number
}

/** A request that makes or changes something: its name is its key. */
function act(name: string, summary: string, operationId: string, status: number, more: Partial<Step> = {}): Step {
  return { name, summary, operationId, key: name, status, ...more }
}

function read(name: string, summary: string, operationId: string, more: Partial<Step> = {}): Step {
  return { name, summary, operationId, status: 200, ...more }
}

/** Names a resource by the key of the request that made it: no step needs an answer of another one. */
function made(key: string): { path: { id: string } } {
  return { path: { id: `key:${key}` } }
}

/**
 * A session takes no business date that is far from it: the close has the day of this step's answer, which is the same
 * whenever the step is repeated.
 */
export const DATED_BY = 'open-1'

const TWO = { query: { limit: '2' } }
const [REGISTER, EUR] = ['key:register-1', 'EUR']

/**
 * A day of a shop as requests: the examples of the OpenAPI document, the Postman collection and the end of the demo.
 * The bodies are literals, so that the same steps on the same agent repeat their answers; the date of the close alone
 * is given by who plays it ({@link DATED_BY}).
 */
export function scenarioOf(shop: ScenarioShop): readonly Step[] {
  return [
    ...shopSteps(shop),
    ...registerSteps(shop),
    ...saleSteps(shop.day.goods),
    ...endOfShift(),
    ...lists(),
    ...documents(),
    ...closings(),
    ...exports(),
    ...afterwards(),
    ...terminalSteps(),
  ]
}

/** The steps that make merchant, location and a fiscalized register. */
export function setUpOf({ merchant, location, register, fiscalization }: Omit<ScenarioShop, 'day'>) {
  return {
    merchant: act('merchant-1', 'The merchant, once', 'MerchantsController_create', 201, { body: merchant }),
    location: act('location-1', 'The shop', 'LocationsController_create', 201, { body: location }),
    register: act('register-1', 'A register of the shop', 'RegistersController_create', 201, {
      body: { location_id: 'key:location-1', name: register },
    }),
    fiscalization: act('register-1-fiscalize', 'The register at its device', 'RegistersController_fiscalize', 202, {
      ...made('register-1'),
      body: fiscalization,
    }),
  }
}

function shopSteps(shop: ScenarioShop): readonly Step[] {
  const { merchant, location } = setUpOf(shop)
  const { renamed } = shop.day
  return [
    merchant,
    read('merchants', 'The merchants of the agent', 'MerchantsController_list', TWO),
    read('merchant', 'The merchant by the key of its request', 'MerchantsController_get', made('merchant-1')),
    act('merchant-1-name', 'A new legal name', 'MerchantsController_update', 200, {
      ...made('merchant-1'),
      body: { legal_name: renamed.merchant },
    }),
    location,
    read('locations', 'The shops of the merchant', 'LocationsController_list', TWO),
    read('location', 'The shop by the key of its request', 'LocationsController_get', made('location-1')),
    act('location-1-name', 'A new name of the shop', 'LocationsController_update', 200, {
      ...made('location-1'),
      body: { name: renamed.location },
    }),
  ]
}

function registerSteps(shop: ScenarioShop): readonly Step[] {
  const { register, fiscalization } = setUpOf(shop)
  const { renamed, secondRegister, terminals } = shop.day
  return [
    register,
    act('register-2', 'A second register', 'RegistersController_create', 201, {
      body: { ...register.body, name: secondRegister },
    }),
    read('registers', 'The registers of the merchant', 'RegistersController_list', TWO),
    read('register', 'The register by the key of its request', 'RegistersController_get', made('register-1')),
    act('register-1-name', 'A new name of the register, and its handheld', 'RegistersController_update', 200, {
      ...made('register-1'),
      body: { name: renamed.register, terminals },
    }),
    fiscalization,
    act('register-2-fiscalize', 'The second register at its device', 'RegistersController_fiscalize', 202, {
      ...made('register-2'),
      body: fiscalization.body ?? {},
    }),
  ]
}

/** Only Italy's tax office asks for terminals: they need a second shop. */
function terminalSteps(): readonly Step[] {
  const address = { line1: 'Via Garibaldi 12', city: 'Torino', postal_code: '10122', country_code: 'ITA' }
  const place = 'key:location-2'
  return [
    act('location-2', 'A shop in Italy', 'LocationsController_create', 201, {
      body: { name: 'Bar Torino', address, timezone: 'Europe/Rome' },
    }),
    act('register-3', 'Its register', 'RegistersController_create', 201, {
      body: { location_id: place, name: 'Cassa 1' },
    }),
    act('pos-1', 'Its card terminal', 'PaymentTerminalsController_create', 201, {
      body: {
        location_id: place,
        register_ids: ['key:register-3'],
        kind: 'physical',
        tid: '50123456',
        acquirer: { tax_number: '12345678903', name: 'Acquirer S.p.A.' },
        active_from: '2026-02-10',
      },
    }),
    read('terminals', 'The card terminals of the merchant', 'PaymentTerminalsController_list', TWO),
    read('terminal', 'The terminal by the key of its request', 'PaymentTerminalsController_get', made('pos-1')),
    act('pos-1-end', 'Its last day of use', 'PaymentTerminalsController_update', 200, {
      ...made('pos-1'),
      body: { active_to: '2026-12-31' },
    }),
  ]
}

function saleSteps({ sold, voided, returned }: ScenarioDay['goods']): readonly Step[] {
  const create = 'OperationsController_create'
  const common = { source: 'POS', register_id: REGISTER, currency: EUR }
  const operator = { operator_id: 'emp-7', operator_name: 'J. Weber' }
  return [
    act(DATED_BY, 'The shift begins with 50.00 in the drawer', create, 201, {
      body: {
        type: 'session_open',
        register_id: REGISTER,
        currency: EUR,
        opening_balance_amount: '50.00',
        ...operator,
      },
    }),
    act('sale-1', 'A sale of 4.50, not paid yet', create, 201, {
      body: { type: 'sale', ...common, ...sold, ...operator },
    }),
    act('complete-1', 'Paid with 5.00 in cash, 0.50 is the change', 'OperationsController_complete', 200, {
      ...made('sale-1'),
      body: { payments: [cash('sale-1-1', '5.00'), cash('sale-1-2', '-0.50')] },
    }),
    act('issued-1', 'The customer has scanned the receipt', 'OperationsController_issue', 200, {
      ...made('sale-1'),
      body: { issued_as: 'digital' },
    }),
    act('sale-2', 'A sale of 2.00', create, 201, { body: { type: 'sale', ...common, ...voided } }),
    act('amend-2', 'The customer wants something else: other goods', 'OperationsController_amend', 200, {
      ...made('sale-2'),
      body: sold,
    }),
    act('void-2', 'The customer has left: it is not sold', 'OperationsController_voidOperation', 200, {
      ...made('sale-2'),
      headers: { 'If-Match': '"2"' },
      body: { reason: 'customer_abandoned_checkout' },
    }),
    act('return-1', 'The first sale comes back', create, 201, {
      body: { type: 'return', ...common, ...returned, related_operation_id: 'key:sale-1' },
    }),
    act('complete-r', 'Its 4.50 are paid back in cash', 'OperationsController_complete', 200, {
      ...made('return-1'),
      body: { payments: [cash('return-1-1', '-4.50')] },
    }),
  ]
}

function cash(paymentId: string, amount: string): object {
  return { payment_id: paymentId, method: 'cash', status: 'captured', amount, currency: EUR }
}

function endOfShift(): readonly Step[] {
  const event = { register_id: REGISTER, currency: EUR }
  const create = 'OperationsController_create'
  const cashier = { id: 'emp-7', display_name: 'J. Weber' }
  return [
    act('adjust-1', '20.00 to the safe', create, 201, {
      body: { type: 'session_cash_adjustment', ...event, cash_amount: '-20.00', movement_type: 'safe_drop' },
    }),
    act('drawer-1', 'The drawer was opened without a sale', 'CashDrawerOpeningsController_create', 201, {
      body: { register_id: REGISTER, occurred_at: '2026-02-25T14:30:00Z', reason: 'change for a note', cashier },
    }),
    act('drawer-2', 'The drawer was opened, at the register', 'CashDrawerOpeningsController_createForRegister', 201, {
      ...made('register-1'),
      body: { occurred_at: '2026-02-25T17:58:00Z', reason: 'count', operation_id: 'key:sale-1' },
    }),
    act('count-1', '30.00 counted, as expected', create, 201, {
      body: { type: 'session_cash_count', ...event, counted_closing_amount: '30.00' },
    }),
    act('close-1', 'The shift ends', create, 201, {
      body: { type: 'session_close', ...event, business_date: '2026-02-25' },
    }),
  ]
}

function lists(): readonly Step[] {
  return [
    read('operations', 'The newest operations of the merchant', 'OperationsController_list', {
      query: { ...TWO.query, order: 'desc' },
    }),
    read('allocation-groups', 'The tables with open orders', 'AllocationGroupsController_list', TWO),
    read('vat-rates', 'The rates of that day', 'VatRatesController_list', {
      query: { ...TWO.query, register_id: 'key:register-1', date: '2026-02-25' },
    }),
    read('sessions', 'The shifts of the merchant', 'SessionsController_list', TWO),
    read('drawer-openings', 'The openings of the drawer', 'CashDrawerOpeningsController_list', TWO),
    read('drawer-opening', 'An opening of the drawer', 'CashDrawerOpeningsController_get', made('drawer-1')),
  ]
}

function documents(): readonly Step[] {
  const sale = made('sale-1')
  return [
    read('operation', 'The sale, signed', 'OperationsController_get', sale),
    read('last-operation', 'The sale that was completed last', 'RegistersController_lastOperation', {
      ...made('register-1'),
      query: { type: 'sale' },
    }),
    read('receipt', 'Its receipt with every text in its order', 'OperationsController_receipt', sale),
    read('receipt-pdf', 'Its receipt as PDF', 'OperationsController_receiptPdf', sale),
    read('receipt-png', 'Its receipt as a picture', 'OperationsController_receiptPng', sale),
    read('receipt-html', 'Its receipt as a page', 'OperationsController_receiptHtml', sale),
    read('receipt-txt', 'Its receipt as text', 'OperationsController_receiptTxt', sale),
    read('receipt-escpos', 'Its receipt for a receipt printer', 'OperationsController_receiptEscpos', sale),
    read('explanation', 'How its amounts make up each VAT key', 'OperationsController_explain', sale),
    read('code', 'Its QR code as a picture', 'OperationsController_code', sale),
    read('session', 'The shift by the key of its opening', 'SessionsController_get', made('open-1')),
  ]
}

function closings(): readonly Step[] {
  const closing = made('closing-1')
  return [
    act('closing-1', 'The report of the day', 'ClosingsController_create', 201, {
      ...made('register-1'),
      body: { type: 'daily' },
    }),
    read('printout', 'An X report, which a register in Italy prints', 'RegistersController_print', {
      ...made('register-1'),
      ...{ body: { type: 'x_report' }, status: 422 },
    }),
    read('closings', 'The closings of the register', 'ClosingsController_list', { ...made('register-1'), ...TWO }),
    read('closing', 'The report by the key of its request', 'ClosingsController_get', closing),
    read('closing-receipt', 'The report with every text in its order', 'ClosingsController_receipt', closing),
    read('closing-receipt-pdf', 'The report as PDF', 'ClosingsController_receiptPdf', closing),
    read('closing-receipt-png', 'The report as a picture', 'ClosingsController_receiptPng', closing),
    read('closing-receipt-html', 'The report as a page', 'ClosingsController_receiptHtml', closing),
    read('closing-receipt-txt', 'The report as text', 'ClosingsController_receiptTxt', closing),
    read('closing-receipt-escpos', 'The report for a receipt printer', 'ClosingsController_receiptEscpos', closing),
  ]
}

function exports(): readonly Step[] {
  return [
    act('export-1', 'The journal as a file', 'ExportsController_create', 202, {
      body: { type: 'journal', from: '2026-01-01', to: '2099-12-31' },
    }),
    // It waits for an export that is not made yet.
    read('export-file', 'Its file', 'ExportsController_download', made('export-1')),
    read('export', 'The export, completed', 'ExportsController_get', made('export-1')),
  ]
}

function afterwards(): readonly Step[] {
  return [
    act('register-2-decommission', 'The second register is out of use', 'RegistersController_decommission', 200, {
      ...made('register-2'),
      body: { reason: 'Verkauf' },
    }),
    act('open-2', 'The next shift begins', 'OperationsController_create', 201, {
      body: { type: 'session_open', register_id: REGISTER, currency: EUR, opening_balance_amount: '30.00' },
    }),
    read('register-session', 'The shift that is open', 'RegistersController_session', made('register-1')),
    read('journal', 'The first events of the journal', 'JournalEventsController_list', TWO),
    read('devices', 'The fiscal devices', 'DevicesController_list'),
    read('sync', 'The targets of the journal', 'SyncTargetsController_list'),
    read('duties', 'The duties of the shop', 'DutiesController_list', TWO),
    read('duty', 'A duty that this shop does not have', 'DutiesController_get', {
      path: { id: DUTY_EXAMPLE.id },
      status: 404,
    }),
    read('overview', 'The shop at a glance', 'AgentController_overview'),
    read('events', 'The changes until now', 'EventsController_follow', {
      query: { follow: 'false' },
      headers: { 'Last-Event-ID': '1' },
    }),
    read('health', 'The process answers', 'AgentController_health'),
    read('readiness', 'The tills may sell', 'AgentController_readiness'),
    read('metrics', 'The measurements for Prometheus', 'AgentController_metrics'),
    read('error', 'The meaning of a code', 'ErrorsController_get', { path: { code: 'payment_total_mismatch' } }),
  ]
}
