import { outageRow } from './outage.ts'
import { startAgent, startLoad } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { openShop } from './shop.ts'
import type { TempFolder } from './temp-folder.ts'

const LATENCY_MS = 150
const REGISTERS = 4
const FOR_MS = 12_000

/**
 * A slow device that several registers share: it must never wait for the agent, and each register is served in turn.
 */
export async function deviceSection(folder: TempFolder): Promise<Row[]> {
  const load = startLoad()
  const own = await folder.make('device-agent')
  const agent = await startAgent(own, { latencyMs: LATENCY_MS })
  try {
    const tills = await openShop(agent.url, own, REGISTERS)
    const { soldBy, wallMs } = await load.run({ url: agent.url, tills, forMs: FOR_MS })
    const acts = 2 * soldBy.reduce((sum, sold) => sum + sold, 0)
    const section = `Device of ${LATENCY_MS} ms a signature, ${REGISTERS} registers`
    const busy = { section, what: 'device busy', unit: '%' as const, measured: (100 * acts * LATENCY_MS) / wallMs }
    const fair = { section, what: 'sales of the slowest register / of the fastest', unit: '' as const }
    return [
      limitRow(busy, 95, 'at least'),
      limitRow({ ...fair, measured: Math.min(...soldBy) / Math.max(...soldBy) }, 0.8, 'at least'),
      await outageRow(agent, own, load, tills[0] ?? { register: '', headers: {} }, 'tse-1', 'tse'),
    ]
  } finally {
    await Promise.all([load.stop(), agent.stop()])
  }
}
