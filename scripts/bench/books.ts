import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Till } from './load.ts'
import type { Load, Server } from './processes.ts'
import { cpuMsOf, memoryOf, startAgent, startLoad, untilAlone } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow, ratioRow } from './report.ts'
import { closeShop, openShop } from './shop.ts'
import { distributionOf } from './statistics.ts'
import { technicianOf } from './technician.ts'
import type { TempFolder } from './temp-folder.ts'

const CLIENTS = 20
const RANGE = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
/** 100,000 sales in 15 s. */
const BONS_A_SECOND = 100_000 / 15
const MEMORY_MB = 150
const SAMPLE_MS = 20
const SELLING_MS = 8_000

/** The DSFinV-K package of many sales that were sold for it, and its effect on selling. */
export async function booksSection(folder: TempFolder, sales: number): Promise<Row[]> {
  const own = await folder.make('books-agent')
  const load = startLoad()
  const agent = await startAgent(own)
  try {
    const [till, other] = await openShop(agent.url, own, 2)
    if (till === undefined || other === undefined) throw new Error('no till')
    await load.run({ url: agent.url, tills: Array.from({ length: CLIENTS }, () => till), sales })
    await closeShop(agent.url, till)
    await untilAlone(agent.pid)
    return [...(await exportRows(agent, own, sales)), ...(await sellingRows(agent, own, load, other))]
  } finally {
    await Promise.all([load.stop(), agent.stop()])
  }
}

async function exportRows({ pid }: Server, own: string, sales: number): Promise<Row[]> {
  const path = join(own, 'dsfinvk.zip')
  let most = 0
  let cpuMs = 0
  const sampling = setInterval(() => {
    const child = childOf(pid)
    if (child === undefined) return
    try {
      most = Math.max(most, memoryOf(child).rss)
      cpuMs = cpuMsOf(child)
    } catch {
      // It ended in between.
    }
  }, SAMPLE_MS)
  const started = performance.now()
  await (await technicianOf(own)).exportTo('dsfinvk', RANGE, path)
  const seconds = (performance.now() - started) / 1000
  clearInterval(sampling)
  const section = `DSFinV-K of ${sales.toLocaleString('en-US')} sales, ${(statSync(path).size / 1e6).toFixed(1)} MB, every signature verified`
  const rate: Row = { section, what: 'sales a second', unit: '/s', measured: sales / seconds }
  return [
    { section, what: 'written and checked in', unit: 's', measured: seconds },
    { section, what: 'CPU time of it', unit: 's', measured: cpuMs / 1000 },
    limitRow(rate, BONS_A_SECOND, 'at least'),
    limitRow({ section, what: 'memory (RSS) of its process', unit: 'MB', measured: most }, MEMORY_MB, 'at most'),
  ]
}

/** One till continues to sell while packages are written one after the other. */
async function sellingRows({ url }: Server, own: string, load: Load, till: Till): Promise<Row[]> {
  const technician = await technicianOf(own)
  const sell = async () => distributionOf((await load.run({ url, tills: [till], forMs: SELLING_MS })).completes).p99
  const idle = await sell()
  let selling = true
  const exporting = (async () => {
    for (let number = 0; selling; number++)
      await technician.exportTo('dsfinvk', RANGE, join(own, `again-${number % 2}.zip`))
  })()
  const measured = await sell()
  selling = false
  await exporting
  const section = 'Selling while a package is written'
  return [
    ratioRow({ section, what: 'complete, p99 (floor: without)', unit: 'ms', measured, floor: idle }, 2, 'at most'),
  ]
}

function childOf(pid: number): number | undefined {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return child === undefined || child === '' ? undefined : Number(child)
}
