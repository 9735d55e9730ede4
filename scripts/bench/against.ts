import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Tree } from './kept-commit.ts'
import { keptTree, workingTree } from './kept-commit.ts'
import type { Till } from './load.ts'
import type { Load, Server } from './processes.ts'
import { AUSTRIAN_DEVICES, cpuMsOf, startLoad, TSE_DEVICES } from './processes.ts'
import type { Row } from './report.ts'
import { ratioRow } from './report.ts'
import type { Law } from './requests.ts'
import { distributionOf, median } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

type Sold = { wholeSales: readonly number[]; wallMs: number; cpuMs: number }
type Measured = { p50: number; p99: number; perSecond: number; cpuMs: number }
type Shop = { agent: Server; tills: readonly Till[]; law: Law }
type Devices = { devices: readonly object[]; stop(): void }
/** `sales` of a portion. */
type Scenario = { name: string; tills: number; sales: number; portions: number }
/** The same load on both, in portions one right after the other. */
type Pair = { now: Measured; kept: Measured }

const REGISTERS = 20
/** As in sale.ts: V8 optimizes for so long, and an agent that rests releases its compiled code. */
const WARM_UP_SALES: Readonly<Record<Law, number>> = { tse: 8000, rksv: 8000, rt: 1500 }
const WARM_UP_ROUNDS = 4
/**
 * The machine's speed changes within seconds: both sell in many portions, so that a change meets both. At twenty tills V8
 * collects the whole heap every 8,000 to 15,000 sales, and the sales after it are slower: a window of 3,000 had one in
 * this tree and none in the other, and gave 1.06 instead of 1.00.
 */
const SCENARIOS: readonly Scenario[] = [
  { name: 'one till', tills: 1, sales: 100, portions: 30 },
  { name: 'twenty tills', tills: REGISTERS, sales: 500, portions: 48 },
]

/**
 * The agent of this tree and that of a kept commit sell in rotation, from two starts a round: in one this tree's is the
 * first of each pair, in the other the kept one's. The order and each start change a figure by up to a fifth; a ratio is
 * the geometric mean over all. Both are copies: an agent in the clone itself was measured 2 to 4 % slower than its copy.
 */
export async function againstSection(
  folder: TempFolder,
  { commit, rounds, law }: { commit: string; rounds: number; law: Law },
): Promise<Row[]> {
  const kept = await keptTree(commit, await folder.make('kept'))
  const now = await workingTree(await folder.make('now'))
  // An Italian printer prints one sale after the other.
  const scenarios = SCENARIOS.filter(({ tills }) => law !== 'rt' || tills === 1)
  const pairs = new Map<Scenario, Pair[]>(scenarios.map((scenario) => [scenario, []]))
  for (let start = 0; start < rounds * 2; start++) {
    const places = { now: await folder.make(`now-${start}`), kept: await folder.make(`kept-${start}`) }
    await measureStart({ now, kept }, { places, law, isNowFirst: start % 2 === 0 }, pairs)
  }
  return [...pairs].flatMap(([scenario, pairsOf]) => rowsOf(scenario, pairsOf, kept.name))
}

async function measureStart(
  trees: Record<keyof Pair, Tree>,
  { places, law, isNowFirst }: { places: Record<keyof Pair, string>; law: Law; isNowFirst: boolean },
  pairs: ReadonlyMap<Scenario, Pair[]>,
): Promise<void> {
  const load = startLoad()
  const running: { stop(): unknown }[] = [load]
  const registers = Math.max(...[...pairs.keys()].map(({ tills }) => tills))
  const open = async (which: keyof Pair): Promise<Shop> => {
    const place = places[which]
    const device = await devicesOf(law, place)
    running.push(device)
    const agent = await trees[which].startAgent(place, device.devices)
    running.push(agent)
    return { agent, tills: await trees[which].openShop(agent.url, place, registers, law), law }
  }
  const inOrder = async <T>(act: (which: keyof Pair) => Promise<T>): Promise<Record<keyof Pair, T>> => {
    if (isNowFirst) return { now: await act('now'), kept: await act('kept') }
    const kept = await act('kept')
    return { now: await act('now'), kept }
  }
  try {
    const shops = await inOrder(open)
    const measurePair = async (scenario: Scenario): Promise<Pair> => {
      const sold: Record<keyof Pair, Sold[]> = { now: [], kept: [] }
      for (let portion = 0; portion < scenario.portions; portion++)
        await inOrder(async (which) => sold[which].push(await sell(load, shops[which], scenario)))
      return { now: measuredOf(sold.now), kept: measuredOf(sold.kept) }
    }
    const warmUp = { tills: registers, sales: WARM_UP_SALES[law] / WARM_UP_ROUNDS }
    for (let round = 0; round < WARM_UP_ROUNDS; round++) await inOrder((which) => sell(load, shops[which], warmUp))
    for (const [scenario, pairsOf] of pairs) pairsOf.push(await measurePair(scenario))
  } finally {
    await Promise.all(running.map((each) => each.stop()))
  }
}

/** The devices of a law. The printer runs in a separate process. */
async function devicesOf(law: Law, folder: string): Promise<Devices> {
  if (law !== 'rt') return { devices: law === 'tse' ? TSE_DEVICES : AUSTRIAN_DEVICES, stop: () => undefined }
  const printer = fork(fileURLToPath(new URL('printer.ts', import.meta.url)), [folder])
  const [{ port }] = (await once(printer, 'message')) as [{ port: number }]
  const device = { id: 'rt-1', driver: 'rt-rch', tcp: { host: '127.0.0.1', port } }
  return { devices: [device], stop: () => printer.disconnect() }
}

async function sell(
  load: Load,
  { agent, tills, law }: Shop,
  portion: Pick<Scenario, 'tills' | 'sales'>,
): Promise<Sold> {
  const cpuMs = cpuMsOf(agent.pid)
  const { wholeSales, wallMs } = await load.run({
    url: agent.url,
    tills: tills.slice(0, portion.tills),
    sales: portion.sales,
    law,
  })
  return { wholeSales, wallMs, cpuMs: cpuMsOf(agent.pid) - cpuMs }
}

function measuredOf(portions: readonly Sold[]): Measured {
  const { p50, p99, count } = distributionOf(portions.flatMap(({ wholeSales }) => wholeSales))
  const sumOf = (pick: (sold: Sold) => number): number => portions.reduce((sum, sold) => sum + pick(sold), 0)
  return {
    p50,
    p99,
    perSecond: (count * 1000) / sumOf(({ wallMs }) => wallMs),
    cpuMs: sumOf(({ cpuMs }) => cpuMs) / count,
  }
}

function rowsOf({ name }: Scenario, pairs: readonly Pair[], commit: string): Row[] {
  const section = `Signed sale, ${name} (floor column: the agent of ${commit})`
  const compare = (what: string, unit: Row['unit'], pick: (measured: Measured) => number): Omit<Row, 'met'> => ({
    section,
    what,
    unit,
    measured: median(pairs.map(({ now }) => pick(now))),
    floor: median(pairs.map(({ kept }) => pick(kept))),
    ratio: geometricMean(pairs.map(({ now, kept }) => pick(now) / pick(kept))),
  })
  return [
    ratioRow(
      compare('sale p50', 'ms', (measured) => measured.p50),
      1.03,
      'at most',
    ),
    compare('sale p99', 'ms', (measured) => measured.p99),
    ratioRow(
      compare('sales a second', '/s', (measured) => measured.perSecond),
      0.97,
      'at least',
    ),
    compare('CPU time a sale', 'ms', (measured) => measured.cpuMs),
  ]
}

/** The mean of ratios: the half and the double are equally far from 1. */
function geometricMean(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
}
