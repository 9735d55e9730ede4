import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { basket } from '../../agent/laws/germany/demo/restaurant/menu.ts'
import type { Till } from './load.ts'
import { startAgent, startLoad } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow, ratioRow } from './report.ts'
import { ROLLS } from './requests.ts'
import { openShop, post } from './shop.ts'
import { distributionOf, median } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const TABLES = 100
const OPEN_LINES = 5000
/** Room for the line of the order that is measured. */
const FREE_LINES = 1
const LINES_AN_ORDER = 50
const ROUNDS = 300
const WARM_UP_ROUNDS = 1500
const BETWEEN_LISTS_MS = 20
const LISTED_MS = 15_000
const SALES_A_SECOND = 50

type Times = { readonly orders: number[]; readonly bills: number[] }

/** An order and its bill at a location with all the open lines that it may have, and the list of its tables during sales. */
export async function tablesSection(folder: TempFolder): Promise<Row[]> {
  const own = await folder.make('tables')
  const agent = await startAgent(own)
  const load = startLoad()
  try {
    const [till] = await openShop(agent.url, own, 1)
    if (till === undefined) throw new Error('the shop has no till')
    await round(agent.url, till, WARM_UP_ROUNDS)
    const none = await round(agent.url, till, ROUNDS)
    await fill(agent.url, till)
    const full = await round(agent.url, till, ROUNDS)
    const section = `Tables with ${OPEN_LINES.toLocaleString('en-US')} open lines, 1 client (floor column: none is open)`
    const compared = (what: string, pick: (times: Times) => number[]): Row =>
      ratioRow({ section, what, unit: 'ms', measured: median(pick(full)), floor: median(pick(none)) }, 1.2, 'at most')
    return [
      compared('order (create + complete), p50', ({ orders }) => orders),
      compared('bill (create + complete), p50', ({ bills }) => bills),
      ...(await listed(agent.url, till, load)),
    ]
  } finally {
    await Promise.all([load.stop(), agent.stop()])
  }
}

async function listed(url: string, till: Till, load: ReturnType<typeof startLoad>): Promise<Row[]> {
  const sell = async (): Promise<number> => {
    const { wholeSales } = await load.run({ url, tills: [till], forMs: LISTED_MS, perSecond: SALES_A_SECOND })
    return distributionOf(wholeSales).p50
  }
  await sell()
  const alone = await sell()
  const selling = new AbortController()
  const reading = listUntil(url, till, selling.signal)
  const disturbed = await sell()
  selling.abort()
  const read = await reading
  const section = `The list of ${TABLES} tables while a till sells (floor column: a sale without the list)`
  return [
    limitRow({ section, what: 'GET /v1/allocation-groups, p50', unit: 'ms', measured: median(read) }, 50, 'at most'),
    ratioRow({ section, what: 'sale p50, 1 client', unit: 'ms', measured: disturbed, floor: alone }, 1.5, 'at most'),
  ]
}

async function listUntil(url: string, till: Till, signal: AbortSignal): Promise<number[]> {
  const times: number[] = []
  while (!signal.aborted) {
    const started = performance.now()
    const answer = await fetch(`${url}/v1/allocation-groups?limit=${TABLES}`, { headers: till.headers })
    const { data } = (await answer.json()) as { data?: readonly unknown[] }
    times.push(performance.now() - started)
    if (data?.length !== TABLES) throw new Error(`the list has ${data?.length} tables`)
    await pause(BETWEEN_LISTS_MS)
  }
  return times
}

async function fill(url: string, till: Till): Promise<void> {
  for (let lines = 0; lines < OPEN_LINES; lines += LINES_AN_ORDER) {
    const count = Math.min(LINES_AN_ORDER, OPEN_LINES - FREE_LINES - lines)
    await order(url, till, `Tisch ${(lines / LINES_AN_ORDER) % TABLES}`, count)
  }
}

async function round(url: string, till: Till, count: number): Promise<Times> {
  const times: Times = { orders: [], bills: [] }
  for (let done = 0; done < count; done++) {
    times.orders.push(await order(url, till, 'Terrasse', 1))
    const goods = { type: 'sale', source: 'POS', ...goodsOf(till, 'Terrasse', 1) }
    const sums = { pretax_amount: '4.21', tax_amount: '0.29', tip_amount: '0.00', total_amount: '4.50' }
    const payment = { payment_id: randomUUID(), method: 'cash', status: 'captured', amount: '4.50', currency: 'EUR' }
    times.bills.push(await completed(url, till, { ...goods, ...sums }, { payments: [payment] }))
  }
  return times
}

function order(url: string, till: Till, group: string, lines: number): Promise<number> {
  return completed(url, till, { type: 'order', ...goodsOf(till, group, lines) }, {})
}

function goodsOf({ register }: Till, group: string, lines: number): object {
  const { line_items } = basket(Array.from({ length: lines }, () => [1, ROLLS] as const))
  return { register_id: register, currency: 'EUR', allocation_group: group, line_items }
}

/** ms of both requests. */
async function completed(url: string, { headers }: Till, goods: object, end: object): Promise<number> {
  const started = performance.now()
  const { id } = await post(url, headers, '/v1/operations', goods)
  await post(url, { ...headers, 'if-match': '"1"' }, `/v1/operations/${String(id)}/complete`, end)
  return performance.now() - started
}
