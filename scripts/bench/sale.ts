import type { Floors } from './floors.ts'
import type { LoadResult, Till } from './load.ts'
import { probeDuring } from './probe.ts'
import type { Load, Server } from './processes.ts'
import {
  AUSTRIAN_DEVICES,
  cpuMsOf,
  startAgent,
  startBareServer,
  startLoad,
  startMinimalAgent,
  writtenBytesOf,
} from './processes.ts'
import type { Pair, Row } from './report.ts'
import { comparedRow, limitRow, ratioRow } from './report.ts'
import type { Law } from './requests.ts'
import { openShop } from './shop.ts'
import type { Distribution } from './statistics.ts'
import { distributionOf } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

type Measured = {
  sale: Distribution
  request: Distribution
  perSecond: number
  /** CPU time of a sale. */
  cpuMs: number
  writtenKb: number
  health: Distribution
  /** A server that does nothing else: the wait that this machine alone causes for a probe. */
  bare: Distribution
}

type Servers = { agent: Server; minimal: Server; bare: Server }
type Scenario = { name: string; tills: number; clients: number; sales: number; law: Law }

const REGISTERS = 20
/**
 * V8 continues to optimize for so long (`--trace-opt`: 350 functions by then, a dozen in as many sales after it); a
 * daemon runs for months.
 */
const WARM_UP_SALES = 8000
/**
 * Agents take turns: one that rests for seconds before its measurement has released memory
 * (agent/process/idle-memory.ts), and its compiled code with it.
 */
const WARM_UP_ROUNDS = 4
const SCENARIOS: readonly Omit<Scenario, 'law'>[] = [
  { name: '1 client', tills: 1, clients: 1, sales: 600 },
  { name: '20 clients on 20 registers', tills: REGISTERS, clients: REGISTERS, sales: 3000 },
  { name: '20 clients on one register', tills: 1, clients: REGISTERS, sales: 3000 },
]
const NONE = distributionOf([])
const NOBODY: Till = { register: 'reg_01', headers: {} }

/** Overhead of a signed sale (create and complete) with a device that takes no time. */
export async function saleSection(
  folder: TempFolder,
  floors: Floors,
  rounds: number,
  law: Law = 'tse',
): Promise<Row[]> {
  const load = startLoad()
  const agentFolder = await folder.make(`sale-agent-${law}`)
  const agent = await startAgent(agentFolder, law === 'rksv' ? AUSTRIAN_DEVICES : undefined)
  const minimal = await startMinimalAgent(await folder.make(`sale-minimal-${law}`), law)
  const bare = await startBareServer('http', await folder.make(`sale-bare-${law}`))
  try {
    const tills = await openShop(agent.url, agentFolder, REGISTERS, law)
    const sales = WARM_UP_SALES / WARM_UP_ROUNDS
    for (let round = 0; round < WARM_UP_ROUNDS; round++) {
      await load.run({ url: minimal.url, tills: tills.map(() => NOBODY), sales, law })
      await load.run({ url: agent.url, tills, sales, law })
    }
    const scenarios = SCENARIOS.map((scenario): Scenario => ({ ...scenario, law }))
    const pairs = new Map<Scenario, Pair<Measured>[]>(scenarios.map((scenario) => [scenario, []]))
    for (let round = 0; round < rounds; round++)
      for (const scenario of scenarios)
        pairs.get(scenario)?.push(await measurePair(load, { agent, minimal, bare }, tills, scenario))
    return [...pairs].flatMap(([course, figures]) => rowsOf(course, figures, floors))
  } finally {
    await Promise.all([load.stop(), agent.stop(), minimal.stop(), bare.stop()])
  }
}

/** One round: the same load on the agent and on the minimal one, one right after the other. */
async function measurePair(
  load: Load,
  { agent, minimal, bare }: Servers,
  tills: readonly Till[],
  scenario: Scenario,
): Promise<Pair<Measured>> {
  const clients = Array.from({ length: scenario.clients }, (_, index) => tills[index % scenario.tills] ?? NOBODY)
  const nobodies = clients.map(() => NOBODY)
  const floor = await measure(load, minimal, bare, nobodies, scenario)
  return { floor, measured: await measure(load, agent, bare, clients, scenario) }
}

async function measure(
  load: Load,
  { url, pid }: Server,
  idle: Server,
  tills: readonly Till[],
  { sales, law }: Scenario,
): Promise<Measured> {
  const [cpuMs, written] = [cpuMsOf(pid), writtenBytesOf(pid)]
  const probed = [`${url}/healthz`, idle.url]
  const { result, answers } = await probeDuring(probed, () => load.run({ url, tills, sales, law }))
  const [health = NONE, bare = NONE] = answers
  return {
    ...distributions(result),
    perSecond: (sales * 1000) / result.wallMs,
    cpuMs: (cpuMsOf(pid) - cpuMs) / sales,
    writtenKb: (writtenBytesOf(pid) - written) / sales / 1000,
    health,
    bare,
  }
}

function distributions({ wholeSales, creates, completes }: LoadResult): Pick<Measured, 'sale' | 'request'> {
  return { sale: distributionOf(wholeSales), request: distributionOf([...creates, ...completes]) }
}

function rowsOf({ name, clients, law }: Scenario, pairs: readonly Pair<Measured>[], floors: Floors): Row[] {
  const whose = law === 'rksv' ? 'Austrian sale' : 'Signed sale'
  const section = `${whose}, ${name} (floor column: the minimal agent)`
  const compare = (what: string, unit: Row['unit'], pick: (measured: Measured) => number): Row =>
    comparedRow({ section, what, unit }, pairs, pick)
  const sale = compare('sale p50', 'ms', (measured) => measured.sale.p50)
  const rate = compare('sales a second', '/s', (measured) => measured.perSecond)
  const requestP99 = compare('request p99', 'ms', (measured) => measured.request.p99)
  const cpu = compare('CPU time a sale', 'ms', (measured) => measured.cpuMs)
  const written = compare('written to the disk a sale', 'KB', (measured) => measured.writtenKb)
  const tail = compare('sale p99', 'ms', (measured) => measured.sale.p99)
  const health = compare('/healthz p50 under that load', 'ms', (measured) => measured.health.p50)
  const bare = compare('a server that does nothing, p50 under that load', 'ms', (measured) => measured.bare.p50)
  const requests: Row = {
    section,
    what: 'request p50',
    unit: 'ms',
    measured: sale.measured / 2,
    floor: floors.requestMs,
  }
  // The time above a millisecond that a sync takes is added twice.
  const slowSync = 2 * Math.max(0, floors.sync.p99 - 1)
  // On a busy host: the additional time of a server that does nothing under the same load.
  const busyHost = Math.max(0, bare.measured - floors.http.p50)
  if (clients === 1) {
    return [
      ratioRow(sale, 1.5, 'at most'),
      tail,
      limitRow(requestP99, 5 + slowSync, 'at most'),
      // An Austrian sale is one device act, not one a request.
      ...(law === 'tse' ? [{ ...requests, what: 'request p50 (floor column: sum of its parts)' }] : []),
      rate,
      cpu,
    ]
  }
  return [
    ratioRow(sale, 1.5, 'at most'),
    ratioRow(tail, 1.5, 'at most'),
    ratioRow(rate, 0.6, 'at least'),
    limitRow(health, 1 + slowSync + busyHost, 'at most'),
    bare,
    cpu,
    written,
  ]
}
