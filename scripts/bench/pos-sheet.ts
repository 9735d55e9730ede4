import { join } from 'node:path'
import { EVER } from '../../agent/cli/arguments/range.ts'
import type { Till } from './load.ts'
import type { Load, Server } from './processes.ts'
import { startAgent, startLoad, untilAlone } from './processes.ts'
import type { Pair, Row } from './report.ts'
import { saleRows } from './report.ts'
import { saleOf } from './requests.ts'
import { openShop, post } from './shop.ts'
import { repeatSales } from './start.ts'
import type { Distribution } from './statistics.ts'
import { distributionOf, median } from './statistics.ts'
import { technicianOf } from './technician.ts'
import type { TempFolder } from './temp-folder.ts'

const OPERATIONS = 100_000
const WARM_UP_SALES = 100
const ROUND_SALES = 100
const DEVICES = [{ id: 'rt-1', driver: 'rt-simulator' }]

/** Italian sales in turns: alone, and while the sheet of a month with many card payments is written again and again. */
export async function posSheetSection(folder: TempFolder, rounds: number): Promise<Row[]> {
  const own = await folder.make('pos-sheet')
  const tills = await monthOfCards(own)
  const agent = await startAgent(own, { devices: DEVICES })
  const load = startLoad()
  try {
    // The simulated printer has a process of its line.
    await untilAlone(agent.pid, DEVICES.length)
    await sold(load, agent, tills, WARM_UP_SALES)
    const pairs: Pair<Distribution>[] = []
    const seconds: number[] = []
    for (let round = 0; round < rounds; round++) {
      const floor = await sold(load, agent, tills, ROUND_SALES)
      let selling = true
      const writing = (async () => {
        while (selling) seconds.push(await written(own))
      })()
      pairs.push({ measured: await sold(load, agent, tills, ROUND_SALES), floor })
      selling = false
      await writing
    }
    const many = OPERATIONS.toLocaleString('en-US')
    const section = `Sheet of a month with ${many} card payments while a till in Italy sells (floor column: alone)`
    const row: Row = { section, what: 'written in', unit: 's', measured: median(seconds) }
    return [row, ...saleRows(section, pairs, { p50: 1.2, p99: 2 })]
  } finally {
    await Promise.all([load.stop(), agent.stop()])
  }
}

/** A shop whose journal has the month. */
async function monthOfCards(own: string): Promise<readonly Till[]> {
  const agent = await startAgent(own, { devices: DEVICES })
  const tills = await openShop(agent.url, own, 1, 'rt')
  for (const till of tills) await soldByCard(agent.url, till)
  await agent.stop()
  await repeatSales(own, OPERATIONS, tills)
  return tills
}

async function soldByCard(url: string, { register, headers }: Till): Promise<void> {
  const { id } = await post(url, headers, '/v1/operations', saleOf(register, 'rt'))
  const card = { method: 'card', status: 'captured', currency: 'EUR', terminal_id: '50123456' }
  const payments = [{ ...card, payment_id: 'card-1', amount: '22.50' }]
  await post(url, { ...headers, 'if-match': '"1"' }, `/v1/operations/${String(id)}/complete`, { payments })
}

/** Seconds of one sheet. */
async function written(own: string): Promise<number> {
  const technician = await technicianOf(own)
  const started = performance.now()
  const answer = (await technician.exportTo('pos-sheet', EVER, join(own, 'sheet.csv'))) as { operations: number }
  if (answer.operations <= OPERATIONS) throw new Error(`the sheet has ${answer.operations} operations`)
  return (performance.now() - started) / 1000
}

async function sold(load: Load, { url }: Server, tills: readonly Till[], sales: number): Promise<Distribution> {
  return distributionOf((await load.run({ url, tills, sales, law: 'rt' })).wholeSales)
}
