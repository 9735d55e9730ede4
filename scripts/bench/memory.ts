import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Till } from './load.ts'
import type { Load, Server } from './processes.ts'
import { memoryOf, startAgent, startLoad, startMinimalAgent } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow, ratioRow } from './report.ts'
import { openShop } from './shop.ts'
import type { TempFolder } from './temp-folder.ts'

type Memory = ReturnType<typeof memoryOf>
type Found = { boot: Memory; idle: Memory; databaseBytes: number }

const CLIENTS = 20
const IDLE_MS = 3000
const NOBODY: Till = { register: 'reg_01', headers: {} }
const KINDS = ['anonymous', 'pss', 'rss'] as const

/** Memory after many sales at full speed, then idle, and what they take on disk. */
export async function memorySection(folder: TempFolder, sales: number): Promise<Row[]> {
  const load = startLoad()
  try {
    const minimal = await measureMinimal(load, await folder.make('memory-minimal'), sales)
    const agent = await measureAgent(load, await folder.make('memory-agent'), sales)
    const section = `After ${sales.toLocaleString('en-US')} sales, idle (floor column: the minimal agent)`
    const rows = KINDS.map((kind) =>
      ratioRow(
        {
          section,
          what: { anonymous: 'anonymous memory', pss: 'PSS', rss: 'RSS' }[kind],
          unit: 'MB',
          measured: agent.idle[kind],
          floor: minimal.idle[kind],
        },
        1.25,
        'at most',
      ),
    )
    const boot: Row = { section, what: 'RSS at start', unit: 'MB', measured: agent.boot.rss, floor: minimal.boot.rss }
    const bytes = {
      section,
      what: 'database a sale',
      unit: 'KB' as const,
      measured: agent.databaseBytes / sales / 1000,
    }
    return [...rows, boot, limitRow({ ...bytes, floor: minimal.databaseBytes / sales / 1000 }, 8, 'at most')]
  } finally {
    await load.stop()
  }
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
