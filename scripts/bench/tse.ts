import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import daemon from '../../bin/daemon.json' with { type: 'json' }
import type { Tse } from '../../drivers/ports/tse.ts'
import { TSES } from '../../drivers/tse-catalog.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { distributionOf } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'
import type { Device } from './tse-device.ts'
import { withDevice } from './tse-device.ts'

/** The families whose simulator can be slow, and can have an archive of years. */
const DRIVERS = TSES.flatMap(({ driver, simulator }) => {
  const choices: readonly string[] = simulator?.choices ?? []
  return choices.includes('latency') && choices.includes('history') ? [driver] : []
})
const LATENCY_MS = 250
const REGISTERS = 4
const FOR_MS = 10_000
const QUICK_MS = 20
const SINGLE_SALES = 200

/**
 * The cost of the drivers of real TSEs in addition to the device, each with its simulator in another process, whose own
 * work is within its configured latency: 250 ms for the utilisation and the cost of waiting, 20 ms for the many calls
 * that a p99 needs, and no latency with a gigabyte of logs for the archive.
 */
export async function tseSection(folder: TempFolder, exportBytes: number): Promise<Row[]> {
  const rows: Row[] = []
  for (const driver of DRIVERS) {
    const name = driver.slice(4, 7)
    rows.push(
      ...(await withDevice(driver, await folder.make(`${name}l`), { latencyMs: LATENCY_MS }, measured(driver))),
      ...(await withDevice(driver, await folder.make(`${name}q`), { latencyMs: QUICK_MS }, quick(driver))),
      ...archived(driver, await folder.make(`${name}x`), exportBytes),
    )
  }
  return rows
}

function quick(driver: string) {
  return async ({ tse }: Device): Promise<Row[]> => {
    await tse.registerClient('till-1')
    const aboveMs: number[] = []
    for (let sale = 0; sale < SINGLE_SALES; sale++)
      await sell(tse, 'till-1', (tookMs) => aboveMs.push(tookMs - QUICK_MS))
    const section = `${driver} on a device of ${QUICK_MS} ms, ${aboveMs.length} calls`
    const { p50, p99 } = distributionOf(aboveMs)
    return [
      { section, what: 'above the device, median', unit: 'ms', measured: p50 },
      limitRow({ section, what: 'above the device, p99', unit: 'ms', measured: p99 }, 5, 'at most'),
    ]
  }
}

function archived(driver: string, state: string, exportBytes: number): Row[] {
  const script = fileURLToPath(new URL('./tse-archive.ts', import.meta.url))
  const args = [...daemon.flags, script, driver, state, String(exportBytes)]
  const out = execFileSync(process.execPath, args, { env: { ...process.env, ...daemon.environment } })
  return JSON.parse(out.toString()) as Row[]
}

function measured(driver: string) {
  return async ({ tse }: Device): Promise<Row[]> => {
    const clients = Array.from({ length: REGISTERS }, (_, index) => `till-${index + 1}`)
    for (const client of clients) await tse.registerClient(client)
    await sell(tse, 'till-1', () => undefined)
    let signatures = 0
    const [startedAt, cpu] = [performance.now(), process.cpuUsage()]
    await Promise.all(
      clients.map(async (client) => {
        while (performance.now() - startedAt < FOR_MS) await sell(tse, client, () => (signatures += 1))
      }),
    )
    const wallMs = performance.now() - startedAt
    const { user, system } = process.cpuUsage(cpu)
    const section = `${driver} on a device of ${LATENCY_MS} ms, its simulator on the same machine`
    const busy = { section, what: `device busy, ${REGISTERS} registers`, unit: '%' as const }
    const waiting = { section, what: 'CPU of the waiting driver', unit: '%' as const }
    return [
      limitRow({ ...busy, measured: (100 * signatures * LATENCY_MS) / wallMs }, 95, 'at least'),
      limitRow({ ...waiting, measured: (user + system) / 10 / wallMs }, 2, 'at most'),
    ]
  }
}

async function sell(tse: Tse, client: string, signed: (tookMs: number) => void): Promise<void> {
  const data = Buffer.from('Beleg^0.00_2.55_0.00_0.00_0.00^2.55:Bar')
  let before = performance.now()
  const { transaction } = await tse.start(client)
  signed(performance.now() - before)
  before = performance.now()
  await tse.finish(transaction, client, 'Kassenbeleg-V1', data)
  signed(performance.now() - before)
}
