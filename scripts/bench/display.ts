import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { LoadResult, Till } from './load.ts'
import { startAgent, startLoad } from './processes.ts'
import type { Pair, Row } from './report.ts'
import { limitRow, saleRows } from './report.ts'
import { openShop } from './shop.ts'
import type { Distribution } from './statistics.ts'
import { distributionOf } from './statistics.ts'
import { technicianOf } from './technician.ts'
import type { TempFolder } from './temp-folder.ts'

const DISPLAYS = 10
const ROUND_SALES = 400
const WARM_UP_SALES = 300
const QUESTIONS = 2_000
/** As the page asks. */
const ASK_MS = 1_000
const QUESTION_MS = 1
const ON_IT_MS = 1_000
const SHOWN = { digitalReceipt: { show: ['display'] } }

/** Sales of a register with ten displays and with none, and the answer to a display. */
export async function displaySection(folder: TempFolder, rounds: number): Promise<Row[]> {
  const [noneFolder, tenFolder] = [await folder.make('display-none'), await folder.make('display-ten')]
  const none = await startAgent(noneFolder)
  const ten = await startAgent(tenFolder, SHOWN)
  const load = startLoad()
  const sell = (url: string, tills: readonly Till[], sales: number): Promise<LoadResult> =>
    load.run({ url, tills, sales })
  const stopping = new AbortController()
  let displays: Promise<unknown> = Promise.resolve()
  try {
    const [noneTills, tenTills] = [await openShop(none.url, noneFolder, 1), await openShop(ten.url, tenFolder, 1)]
    const { url: shown } = await (await technicianOf(tenFolder)).display(tenTills[0]?.register ?? '', false)
    displays = Promise.all(Array.from({ length: DISPLAYS }, () => follow(shown, stopping.signal)))
    await sell(none.url, noneTills, WARM_UP_SALES)
    await sell(ten.url, tenTills, WARM_UP_SALES)
    const pairs: Pair<Distribution>[] = []
    for (let round = 0; round < rounds; round++) {
      const floor = distributionOf((await sell(none.url, noneTills, ROUND_SALES)).wholeSales)
      pairs.push({ measured: distributionOf((await sell(ten.url, tenTills, ROUND_SALES)).wholeSales), floor })
    }
    const section = `Sale next to ${DISPLAYS} displays, 1 client (floor column: no display)`
    return [
      ...saleRows(section, pairs, { p50: 1.2 }),
      ...(await answerRows(shown, ten.url, () => sell(ten.url, tenTills, 1))),
    ]
  } finally {
    stopping.abort()
    await displays
    await Promise.all([load.stop(), none.stop(), ten.stop()])
  }
}

/** One display asks, with and without the tag of the receipt, and after each sale until it has the next one. */
async function answerRows(shown: string, agentUrl: string, sellOne: () => Promise<unknown>): Promise<Row[]> {
  const section = 'Question of a display (floor column: /healthz of the same agent)'
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  await sellOne()
  await pause(ASK_MS)
  const { tag } = await get(agent, `${shown}/now`)
  const floor = await timesOf(() => get(agent, `${agentUrl}/healthz`))
  const known = await timesOf(() => get(agent, `${shown}/now`, tag))
  const whole = await timesOf(() => get(agent, `${shown}/now`))
  const delays: number[] = []
  for (let sold = 0; sold < 20; sold++) {
    const { tag: before } = await get(agent, `${shown}/now`)
    await sellOne()
    const began = performance.now()
    while ((await get(agent, `${shown}/now`, before)).status === 304) await pause(1)
    delays.push(performance.now() - began)
  }
  agent.destroy()
  const row = { section, unit: 'ms' as const, floor: floor.p50 }
  return [
    limitRow({ ...row, what: 'nothing new, p50', measured: known.p50 }, QUESTION_MS, 'at most'),
    { ...row, what: 'nothing new, p99', measured: known.p99, floor: floor.p99 },
    limitRow({ ...row, what: 'a whole receipt, p50', measured: whole.p50 }, QUESTION_MS, 'at most'),
    limitRow(
      {
        section,
        unit: 'ms',
        what: 'from the answer of a sale to its receipt, the longest',
        measured: distributionOf(delays).longest,
      },
      ON_IT_MS,
      'at most',
    ),
  ]
}

async function timesOf(ask: () => Promise<unknown>): Promise<Distribution> {
  const times: number[] = []
  for (let asked = 0; asked < QUESTIONS; asked++) {
    const began = performance.now()
    await ask()
    times.push(performance.now() - began)
  }
  return distributionOf(times)
}

/** Asks each second, as the page does. */
async function follow(shown: string, signal: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let tag = ''
  while (!signal.aborted) {
    tag = (await get(agent, `${shown}/now`, tag)).tag
    await pause(ASK_MS, undefined, { signal }).catch(() => undefined)
  }
  agent.destroy()
}

function get(agent: Agent, url: string, tag = ''): Promise<{ status: number; tag: string }> {
  return new Promise((resolve, reject) => {
    const headers = tag === '' ? {} : { 'if-none-match': tag }
    const call = request(url, { agent, headers }, (res) => {
      res.resume()
      res.on('end', () => resolve({ status: res.statusCode ?? 0, tag: String(res.headers.etag ?? '') }))
      res.on('error', reject)
    })
    call.on('error', reject)
    call.end()
  })
}
