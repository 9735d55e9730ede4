// A till as it is written in an hour: a new key and 5 s for each call, and nothing is kept. A refusal is voided.
const headers = {
  'X-Register-Api-Key': String(process.env['FISKAL_EDGE_REGISTER_KEY']),
  'User-Agent': 'naive-till/1.0',
}
type Members = Record<string, unknown>

async function call(path: string, body?: object, version = 1): Promise<Members | undefined> {
  const change = body && { method: 'POST', body: JSON.stringify(body) }
  const own = { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), 'If-Match': `"${version}"` }
  const init = { ...change, headers: { ...headers, ...(body && own) }, signal: AbortSignal.timeout(5000) }
  try {
    return (await (await fetch(`${process.env['FISKAL_EDGE_URL']}${path}`, init)).json()) as Members
  } catch {
    return undefined
  }
}

/** The time of a customer. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500))
}

let registers: { readonly id: string }[] | undefined
while (registers === undefined) {
  await pause()
  registers = (await call('/v1/registers'))?.['data'] as { id: string }[] | undefined
}
const common = { register_id: registers[0]?.id, currency: 'EUR' }
const amounts = { pretax_amount: '4.20561', tax_amount: '0.29439', tip_amount: '0.00', total_amount: '4.50' }
const bun = {
  type: 'item',
  sku_identifier: 'bun',
  title: 'Bun',
  quantity: '10',
  unit_price: '0.45',
  total_amount: '4.50',
}
const lines = [{ ...bun, taxes: [{ name: 'VAT', rate: '0.07', tax_amount: '0.29439' }] }]
const paid = { payment_id: 'p-1', method: 'cash', amount: '4.50', status: 'captured', currency: 'EUR' }

const session = await call(`/v1/registers/${registers[0]?.id}/session`)
if (session?.['state'] !== 'open')
  await call('/v1/operations', { ...common, type: 'session_open', opening_balance_amount: '50.00' })
for (let sold = 0; sold < 20; sold++) {
  await pause()
  const sale = await call('/v1/operations', { ...common, type: 'sale', source: 'POS', ...amounts, line_items: lines })
  const answer = await call(`/v1/operations/${sale?.['id']}/complete`, { payments: [paid] })
  if (answer?.['retryable'] !== false && answer?.['status'] !== 412) continue
  const open = await call(`/v1/operations/${sale?.['id']}`)
  await call(
    `/v1/operations/${sale?.['id']}/void`,
    { reason: 'operator_cancelled' },
    Number(open?.['resource_version']),
  )
}
const counted = await call('/v1/operations', { ...common, type: 'session_cash_count', counted_closing_amount: '50.00' })
if (counted?.['status'] === 'completed')
  await call('/v1/operations', {
    ...common,
    type: 'session_close',
    business_date: new Date().toISOString().slice(0, 10),
  })
