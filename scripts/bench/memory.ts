import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Till } from './load.ts'
import type { Load, Server } from './processes.ts'
import { memoryOf, startAgent, startLoad, startMinimalAgent } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow, ratioRow } from './report.ts'
import { openShop } from './shop.ts'
import { median } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

type Memory = ReturnType<typeof memoryOf>
type Found = { boot: Memory; idle: Memory; databaseBytes: number }
type Pair = { agent: Found; minimal: Found }

const CLIENTS = 20
/** Longer than a pause between two customers: the agent releases memory when the tills rest. */
const IDLE_MS = 8000
const NOBODY: Till = { register: 'reg_01', headers: {} }

/**
 * Memory after many sales at full speed, then idle, and the disk space that they take. A few rounds: the amount of
 * garbage after the last sale is a matter of chance.
 */
export async function memorySection(folder: TempFolder, sales: number, rounds: number): Promise<Row[]> {
  const load = startLoad()
  const pairs: Pair[] = []
  try {
    for (let round = 0; round < rounds; round++) {
      const minimal = await measureMinimal(load, await folder.make(`memory-minimal-${round}`), sales)
      pairs.push({ minimal, agent: await measureAgent(load, await folder.make(`memory-agent-${round}`), sales) })
    }
  } finally {
    await load.stop()
  }
  const section = `After ${sales.toLocaleString('en-US')} sales, idle (floor column: the minimal agent)`
  const compare = (what: string, unit: Row['unit'], pick: (figures: Found) => number): Row => ({
    section,
    what,
    unit,
    measured: median(pairs.map(({ agent }) => pick(agent))),
    floor: median(pairs.map(({ minimal }) => pick(minimal))),
  })
  return [
    ratioRow(
      compare('anonymous memory', 'MB', ({ idle }) => idle.anonymous),
      1.25,
      'at most',
    ),
    ratioRow(
      compare('PSS', 'MB', ({ idle }) => idle.pss),
      1.25,
      'at most',
    ),
    ratioRow(
      compare('RSS', 'MB', ({ idle }) => idle.rss),
      1.25,
      'at most',
    ),
    compare('RSS at start', 'MB', ({ boot }) => boot.rss),
    limitRow(
      compare('database a sale', 'KB', ({ databaseBytes }) => databaseBytes / sales / 1000),
      8,
      'at most',
    ),
  ]
}

async function measureAgent(load: Load, folder: string, sales: number): Promise<Found> {
  const agent = await startAgent(folder)
  const boot = memoryOf(agent.pid)
  const tills = await openShop(agent.url, folder, CLIENTS)
  const idle = await sellAndRest(load, agent, tills, sales)
  await agent.stop()
  return { boot, idle, databaseBytes: statSync(join(folder, 'state', 'journal.db')).size }
}

async function measureMinimal(load: Load, folder: string, sales: number): Promise<Found> {
  const minimal = await startMinimalAgent(folder)
  const boot = memoryOf(minimal.pid)
  const nobodies = Array.from({ length: CLIENTS }, () => NOBODY)
  const idle = await sellAndRest(load, minimal, nobodies, sales)
  await minimal.stop()
  return { boot, idle, databaseBytes: statSync(join(folder, 'minimal.db')).size }
}

async function sellAndRest(load: Load, server: Server, tills: readonly Till[], sales: number): Promise<Memory> {
  await load.run({ url: server.url, tills, sales })
  await pause(IDLE_MS)
  return memoryOf(server.pid)
}
