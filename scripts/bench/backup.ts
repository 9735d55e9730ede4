import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Part } from '../../agent/backup/manifest.ts'
import { readManifest } from '../../agent/backup/manifest.ts'
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

/**
 * Sales of one client while a backup of a long journal is made, compared with the same without it; the bytes sent to a
 * target.
 */
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
    const startMs = performance.now()
    const backup = startBackup(shop, file)
    const during: number[] = []
    while (backup.exitCode === null && backup.signalCode === null) during.push(...(await sell(ROUND_SALES)))
    await ended(backup)
    const tookMs = performance.now() - startMs
    const first = await partsOf(shop)
    idle.push(...(await sell(IDLE_SALES)))
    await ended(startBackup(shop, `${file}.later`))
    const formerHashes = new Set(first.map(({ sha256 }) => sha256))
    const fresh = (await partsOf(shop)).filter(({ sha256 }) => !formerHashes.has(sha256))
    const [measured, floor] = [distributionOf(during).p99, distributionOf(idle).p99]
    const section = `Backup of ${operations.toLocaleString('en-US')} operations while selling (floor column: without)`
    const sale = { section, what: 'sale p99, 1 client', unit: 'ms' as const, measured, floor, ratio: measured / floor }
    return [
      ratioRow(sale, 2, 'at most'),
      { section, what: 'backup, during the sales', unit: 's', measured: tookMs / 1000 },
      { section, what: 'file, for an operation', unit: 'KB', measured: statSync(file).size / 1000 / operations },
      { section, what: 'sent to a target, the first', unit: 'MB', measured: bytesOf(first) / 1e6 },
      { section, what: `sent after ${IDLE_SALES} more sales`, unit: 'MB', measured: bytesOf(fresh) / 1e6 },
    ]
  } finally {
    await load.stop()
    await agent.stop()
  }
}

function startBackup(shop: string, file: string): ChildProcess {
  const args = [BIN, 'backup', file, '--no-secrets', '--config', join(shop, 'agent.json')]
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

async function ended(backup: ChildProcess): Promise<void> {
  if (backup.exitCode === null && backup.signalCode === null) await once(backup, 'close')
  if (backup.exitCode !== 0) throw new Error(`the backup ended with ${backup.exitCode}`)
}

async function partsOf(shop: string): Promise<readonly Part[]> {
  return (await readManifest(join(shop, 'state')))?.manifest.parts ?? []
}

function bytesOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0)
}
