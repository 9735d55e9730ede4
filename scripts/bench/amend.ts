import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { syncedAppend } from './floors.ts'
import type { Till } from './load.ts'
import { startAgent } from './processes.ts'
import type { Row } from './report.ts'
import { ratioRow } from './report.ts'
import { openShop } from './shop.ts'
import { distributionOf, median, timesOfSync } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const LINES = 30
/** Size of the event of an amendment with these lines. */
const AMENDMENT_BYTES = 9000
const BASKETS = 300
const WARM_UP_BASKETS = 1500
const ANSWER_LIMIT_MS = 60_000

type Call = { method: 'POST' | 'PATCH'; path: string; body: object; headers?: Readonly<Record<string, string>> }
type Answer = { id: string; ms: number }
type Send = (call: Call) => Promise<Answer>

type Parts = { send: Send; append: () => void; register: string }

/** ms of each basket of a round, and of the requests that are compared alone. */
type Round = { created: number[]; begun: number[]; amendments: number[]; checksAndSyncs: number[] }

const GOODS = {
  pretax_amount: '126.30',
  tax_amount: '8.70',
  tip_amount: '0.00',
  total_amount: '135.00',
  line_items: Array.from({ length: LINES }, (_, index) => ({
    sku_identifier: `bun-${index}`,
    title: `Brötchen ${index}, 6 Stück`,
    quantity: 1,
    unit_price: '4.50',
    total_amount: '4.50',
    taxes: [{ name: 'USt 7 %', rate: '0.07', tax_amount: '0.29' }],
  })),
}

/**
 * A basket of 30 lines, one client: begun with nothing and completed with all of them, compared with create and complete;
 * and an amendment, compared with the same checks in a dry run and one synced transaction.
 */
export async function amendSection(folder: TempFolder, rounds: number): Promise<Row[]> {
  const own = await folder.make('amend')
  const agent = await startAgent(own)
  const disk = syncedAppend(join(own, 'floor.db'), AMENDMENT_BYTES)
  const connection = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    const [till] = await openShop(agent.url, own, 1)
    if (till === undefined) throw new Error('the shop has no till')
    const send = sender(connection, agent.url, till)
    const parts = { send, append: disk.append, register: till.register }
    await round(parts, WARM_UP_BASKETS)
    const measured: Round[] = []
    for (let done = 0; done < rounds; done++) measured.push(await round(parts, BASKETS))
    return rowsOf(measured)
  } finally {
    connection.destroy()
    disk.close()
    await agent.stop()
  }
}

/** One after the other, so that all of them meet the same machine. */
async function round({ send, append, register }: Parts, baskets: number): Promise<Round> {
  const head = { type: 'sale', source: 'POS', register_id: register, currency: 'EUR' }
  const create = (goods: object): Call => ({ method: 'POST', path: '/v1/operations', body: { ...head, ...goods } })
  const complete = ({ id }: Answer, version: number, goods: object): Call => ({
    method: 'POST',
    path: `/v1/operations/${id}/complete`,
    body: {
      ...goods,
      payments: [{ payment_id: id, method: 'cash', status: 'captured', amount: '135.00', currency: 'EUR' }],
    },
    headers: { 'if-match': `"${version}"` },
  })
  const times: Round = { created: [], begun: [], amendments: [], checksAndSyncs: [] }
  for (let basket = 0; basket < baskets; basket++) {
    const created = await send(create(GOODS))
    times.created.push(created.ms + (await send(complete(created, 1, {}))).ms)
    const begun = await send(create({ line_items: [] }))
    times.begun.push(begun.ms + (await send(complete(begun, 1, GOODS))).ms)
    const amended = await send(create({ line_items: [] }))
    const path = `/v1/operations/${amended.id}`
    times.amendments.push((await send({ method: 'PATCH', path, body: GOODS, headers: { 'if-match': '"1"' } })).ms)
    const { ms: checkMs } = await send({ ...create(GOODS), headers: { prefer: 'dry-run' } })
    const [syncMs = 0] = timesOfSync(1, append)
    times.checksAndSyncs.push(checkMs + syncMs)
    await send(complete(amended, 2, {}))
  }
  return times
}

function rowsOf(measured: readonly Round[]): Row[] {
  const p50 = (values: readonly number[]): number => distributionOf(values).p50
  const of = (pick: (times: Round) => number): number => median(measured.map(pick))
  const section = `A basket of ${LINES} lines, 1 client`
  const begun: Omit<Row, 'met'> = {
    section,
    what: 'begun with nothing, completed with all (floor: created)',
    unit: 'ms',
    measured: of(({ begun: times }) => p50(times)),
    floor: of(({ created }) => p50(created)),
    ratio: of(({ begun: times, created }) => p50(times) / p50(created)),
  }
  const amendment: Omit<Row, 'met'> = {
    section,
    what: 'an amendment (floor: dry run and one synced transaction)',
    unit: 'ms',
    measured: of(({ amendments }) => p50(amendments)),
    floor: of(({ checksAndSyncs }) => p50(checksAndSyncs)),
    ratio: of(({ amendments, checksAndSyncs }) => p50(amendments) / p50(checksAndSyncs)),
  }
  return [ratioRow(begun, 1.3, 'at most'), ratioRow(amendment, 1.5, 'at most')]
}

function sender(agent: Agent, url: string, till: Till): Send {
  return ({ method, path, body, headers: more }) => {
    const text = JSON.stringify(body)
    const headers = {
      ...till.headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'idempotency-key': randomUUID(),
      ...more,
    }
    const started = performance.now()
    return new Promise((resolve, reject) => {
      const call = request(`${url}${path}`, { method, agent, headers, timeout: ANSWER_LIMIT_MS }, (res) => {
        let answer = ''
        res.setEncoding('utf8')
        res.on('data', (chunk: string) => {
          answer += chunk
        })
        res.on('end', () => {
          const ms = performance.now() - started
          if (res.statusCode !== undefined && res.statusCode < 300) resolve({ id: String(idIn(answer)), ms })
          else reject(new Error(`${method} ${path} was answered ${res.statusCode}: ${answer.slice(0, 400)}`))
        })
        res.on('error', reject)
      })
      call.on('timeout', () => call.destroy(new Error(`${path} was not answered`)))
      call.on('error', reject)
      call.end(text)
    })
  }
}

function idIn(answer: string): unknown {
  return (JSON.parse(answer) as { id?: unknown }).id
}
