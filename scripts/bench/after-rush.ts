import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Tree } from './kept-commit.ts'
import { keptTree, workingTree } from './kept-commit.ts'
import type { LoadResult, Till } from './load.ts'
import type { Load, Server } from './processes.ts'
import { startLoad, untilAlone } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow, ratioRow } from './report.ts'
import type { Distribution } from './statistics.ts'
import { distributionOf } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

export type RushOptions = {
  /** Sales of the rush. */
  readonly sales: number
  /** How long sales are measured after it. */
  readonly seconds: number
  /** A commit whose agent is measured in the same way; empty for none. */
  readonly against: string
}

const RUSH_TILLS = 20
const CALM_TILLS = 4
const CALM_PER_SECOND = 8
const QUARTERS = 4
/** As in sale.ts: V8 optimizes for so long. */
const WARM_UP_SALES = 8000
const REST_MS = 20_000
const P90_MOST = 3
const LONGEST_MS = 100

/** The arguments of the command that runs during the sales; undefined for none. */
const COMPANIONS: Readonly<Record<string, ((folder: string) => readonly string[]) | undefined>> = {
  nothing: undefined,
  export: (folder) => ['export', 'journal', '--out', join(folder, 'journal.ndjson')],
  backup: (folder) => ['backup', join(folder, 'shop.backup'), '--no-secrets'],
  archive: () => ['device', 'archive', 'tse-1'],
  'journal verify': () => ['journal', 'verify'],
  audit: (folder) => ['audit', '--out', join(folder, 'audit')],
}

type Calm = { readonly quiet: Distribution; readonly quarters: readonly Distribution[]; readonly tookSeconds?: number }

/**
 * Twenty tills sell as fast as they can; from the first second after that four tills sell calmly, and each command that
 * reads the journal begins with them. Each one has its own agent with a fresh journal, whose calm sales before the
 * rush are the reference.
 */
export async function afterRushSection(folder: TempFolder, options: RushOptions): Promise<Row[]> {
  const trees = [await workingTree(await folder.make('now-rush'))]
  if (options.against !== '') trees.push(await keptTree(options.against, await folder.make('kept-rush')))
  const rows: Row[] = []
  for (const [index, companion] of Object.keys(COMPANIONS).entries()) {
    // Each tree is first in turn.
    for (const tree of index % 2 === 0 ? trees : trees.toReversed()) {
      const place = await folder.make(`rush-${index}-${trees.indexOf(tree)}`)
      rows.push(...rowsOf(await measure(tree, place, companion, options), { tree, companion, options }))
    }
  }
  return rows
}

async function measure(tree: Tree, folder: string, companion: string, options: RushOptions): Promise<Calm> {
  const load = startLoad()
  let agent: Server | undefined
  try {
    agent = await tree.startAgent(folder)
    const { url, pid } = agent
    const tills = await tree.openShop(url, folder, RUSH_TILLS)
    await load.run({ url, tills, sales: WARM_UP_SALES })
    await untilAlone(pid)
    await pause(REST_MS)
    const quiet = distributionOf((await sellCalmly(load, url, tills, options.seconds / QUARTERS)).wholeSales)
    await load.run({ url, tills, sales: options.sales })
    const command = COMPANIONS[companion]?.(folder)
    const taking = command && runCommand(tree, folder, command)
    const result = await sellCalmly(load, url, tills, options.seconds)
    const tookSeconds = await taking
    return { quiet, quarters: quartersOf(result, options.seconds), ...(tookSeconds !== undefined && { tookSeconds }) }
  } finally {
    await Promise.all([load.stop(), agent?.stop()])
  }
}

function sellCalmly(load: Load, url: string, tills: readonly Till[], seconds: number): Promise<LoadResult> {
  return load.run({ url, tills: tills.slice(0, CALM_TILLS), perSecond: CALM_PER_SECOND, forMs: seconds * 1000 })
}

/** Returns its seconds. Exit code 1 reports findings, which do not matter here. */
async function runCommand({ root }: Tree, folder: string, command: readonly string[]): Promise<number> {
  const startedMs = performance.now()
  const args = [join(root, 'bin', 'fiskal-edge.cjs'), ...command, '--config', join(folder, 'agent.json')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === null || code > 1) throw new Error(`${command.join(' ')} ended with ${code}`)
  return (performance.now() - startedMs) / 1000
}

function quartersOf({ wholeSales, completedAt, startedAt }: LoadResult, seconds: number): Distribution[] {
  const quarterMs = (seconds * 1000) / QUARTERS
  const quarterOf = (at: number): number => Math.min(QUARTERS - 1, Math.floor((at - startedAt) / quarterMs))
  return Array.from({ length: QUARTERS }, (_, quarter) =>
    distributionOf(wholeSales.filter((_ms, sale) => quarterOf(completedAt[sale] ?? 0) === quarter)),
  )
}

type Context = { readonly tree: Tree; readonly companion: string; readonly options: RushOptions }

function rowsOf({ quiet, quarters, tookSeconds }: Calm, { tree, companion, options }: Context): Row[] {
  const sales = options.sales.toLocaleString('en-US')
  const section = `Four tills after a rush of ${sales} sales, with ${companion}, ${tree.name} (floor column: before it)`
  const unit = 'ms' as const
  const measured = quarters.flatMap(({ p50, p90, longest }, quarter) => {
    const seconds = (options.seconds / QUARTERS) * (quarter + 1)
    return [
      { section, what: `sale p50, until ${seconds} s`, unit, measured: p50, floor: quiet.p50 },
      ratioRow(
        { section, what: `sale p90, until ${seconds} s`, unit, measured: p90, floor: quiet.p90 },
        P90_MOST,
        'at most',
      ),
      limitRow(
        { section, what: `longest sale, until ${seconds} s`, unit, measured: longest, floor: quiet.longest },
        LONGEST_MS,
        'at most',
      ),
    ]
  })
  if (tookSeconds === undefined) return measured
  return [...measured, { section, what: `${companion}, during the sales`, unit: 's', measured: tookSeconds }]
}
