import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startAgent, startLoad, untilAlone } from './processes.ts'
import type { Row } from './report.ts'
import { ratioRow } from './report.ts'
import { keptJournal } from './start.ts'
import { distributionOf } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const WARM_UP_SALES = 300
const IDLE_SALES = 2000
const ROUND_SALES = 200
const BIN = fileURLToPath(new URL('../../bin/fiskal-edge.cjs', import.meta.url))

/** Sales of one client while a backup of a long journal is made, beside the same without it. */
export async function backupSection(folder: TempFolder, operations: number): Promise<Row[]> {
  const { folder: shop, tills } = await keptJournal(operations)
  const agent = await startAgent(shop)
  const load = startLoad()
  const sell = async (sales: number): Promise<readonly number[]> =>
    (await load.run({ url: agent.url, tills: tills.slice(0, 1), sales })).wholeSales
  try {
    await untilAlone(agent.pid)
    await sell(WARM_UP_SALES)
    const idle = [...(await sell(IDLE_SALES))]
    const file = join(await folder.make('backup'), 'shop.backup')
    const begun = performance.now()
    const backup = spawn(
      process.execPath,
      [BIN, 'backup', file, '--no-secrets', '--config', join(shop, 'agent.json')],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    const ended = once(backup, 'close')
    const during: number[] = []
    while (backup.exitCode === null && backup.signalCode === null) during.push(...(await sell(ROUND_SALES)))
    const [code] = (await ended) as [number | null]
    if (code !== 0) throw new Error(`the backup ended with ${code}`)
    const tookMs = performance.now() - begun
    idle.push(...(await sell(IDLE_SALES)))
    const [measured, floor] = [distributionOf(during).p99, distributionOf(idle).p99]
    const section = `Backup of ${operations.toLocaleString('en-US')} operations while selling (floor column: without)`
    const sale = { section, what: 'sale p99, 1 client', unit: 'ms' as const, measured, floor, ratio: measured / floor }
    return [
      ratioRow(sale, 2, 'at most'),
      { section, what: 'backup, beside the sales', unit: 's', measured: tookMs / 1000 },
      { section, what: 'file, for an operation', unit: 'KB', measured: statSync(file).size / 1000 / operations },
    ]
  } finally {
    await load.stop()
    await agent.stop()
  }
}
