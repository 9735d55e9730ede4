import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MIGRATIONS } from '../../agent/journal/migrations.ts'
import { PROJECTION_TABLES } from '../../agent/journal/projections/tables.ts'
import type { Till } from './load.ts'
import type { Load } from './processes.ts'
import { startAgent, startLoad, untilAlone } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow, ratioRow } from './report.ts'
import { openShop } from './shop.ts'
import { distributionOf, median } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const REGISTERS = 20
const SMALL = 1000
const STARTS = 5
const WARM_UP_SALES = 300
const ROUND_SALES = 500

type Shop = { folder: string; tills: readonly Till[] }

/** Start and latency with a long journal, compared with a short one. */
export async function startSection(folder: TempFolder, operations: number, rounds: number): Promise<Row[]> {
  const long = await keptJournal(operations)
  const short = await madeJournal(await folder.make('start-short'), SMALL)
  const load = startLoad()
  try {
    const ready = await readyTimes(long)
    const readyShort = await readyTimes(short)
    const { longMs, shortMs, ratio } = await compareLatency(load, { long, short }, rounds)
    const many = operations.toLocaleString('en-US')
    const section = `Journal of ${many} operations (floor column: of ${SMALL.toLocaleString('en-US')})`
    const start = { section, what: 'process started to ready', unit: 'ms' as const }
    const latency = {
      section,
      what: 'sale p50, 1 client',
      unit: 'ms' as const,
      measured: longMs,
      floor: shortMs,
      ratio,
    }
    return [
      limitRow({ ...start, measured: ready, floor: readyShort }, 1000, 'at most'),
      ratioRow(latency, 1.2, 'at most'),
    ]
  } finally {
    await load.stop()
  }
}

async function readyTimes({ folder }: Shop): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < STARTS; run++) {
    const agent = await startAgent(folder)
    times.push(agent.readyMs)
    await agent.stop()
  }
  return median(times)
}

async function compareLatency(
  load: Load,
  shops: { long: Shop; short: Shop },
  rounds: number,
): Promise<{ longMs: number; shortMs: number; ratio: number }> {
  const [long, short] = await Promise.all([startAgent(shops.long.folder), startAgent(shops.short.folder)])
  const sell = async (url: string, tills: readonly Till[], sales: number): Promise<number> => {
    const { wholeSales } = await load.run({ url, tills: tills.slice(0, 1), sales })
    return distributionOf(wholeSales).p50
  }
  try {
    await Promise.all([untilAlone(long.pid), untilAlone(short.pid)])
    await sell(long.url, shops.long.tills, WARM_UP_SALES)
    await sell(short.url, shops.short.tills, WARM_UP_SALES)
    const pairs: { long: number; short: number }[] = []
    for (let round = 0; round < rounds; round++)
      pairs.push({
        short: await sell(short.url, shops.short.tills, ROUND_SALES),
        long: await sell(long.url, shops.long.tills, ROUND_SALES),
      })
    return {
      longMs: median(pairs.map((pair) => pair.long)),
      shortMs: median(pairs.map((pair) => pair.short)),
      ratio: median(pairs.map((pair) => pair.long / pair.short)),
    }
  } finally {
    await Promise.all([long.stop(), short.stop()])
  }
}

/** A long journal is kept with the installed packages, until its tables change. */
async function keptJournal(operations: number): Promise<Shop> {
  const cache = fileURLToPath(new URL('../../node_modules/.cache/fiskal-edge-bench', import.meta.url))
  const shape = hash('sha256', JSON.stringify([MIGRATIONS, PROJECTION_TABLES])).slice(0, 12)
  const folder = join(cache, `${operations}-${shape}`)
  const list = join(folder, 'tills.json')
  if (existsSync(list)) return { folder, tills: JSON.parse(readFileSync(list, 'utf8')) as Till[] }
  await mkdir(cache, { recursive: true })
  for (const name of await readdir(cache)) await rm(join(cache, name), { recursive: true, force: true })
  await mkdir(folder)
  console.error(`Making a journal of ${operations} operations in ${folder} (once)`)
  const shop = await madeJournal(folder, operations)
  writeFileSync(list, JSON.stringify(shop.tills))
  return shop
}

async function madeJournal(folder: string, operations: number): Promise<Shop> {
  const agent = await startAgent(folder)
  const tills = await openShop(agent.url, folder, REGISTERS)
  const load = startLoad()
  await load.run({ url: agent.url, tills, sales: REGISTERS })
  await Promise.all([load.stop(), agent.stop()])
  const script = fileURLToPath(new URL('make-journal.ts', import.meta.url))
  const registers = tills.map((till) => till.register).join(',')
  const args = [script, '--folder', folder, '--sales', String(operations), '--registers', registers]
  const [code] = (await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit')) as [number | null]
  if (code !== 0) throw new Error(`the maker of journals ended with ${code}`)
  return { folder, tills }
}
