import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../agent/clock.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import type { TseSettings } from '../../drivers/tse-catalog.ts'
import { makeTse } from '../../drivers/tse-catalog.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { distributionOf } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const DRIVERS = ['tse-cryptovision', 'tse-diebold', 'tse-epson', 'tse-swissbit']
const LATENCY_MS = 250
const REGISTERS = 4
const FOR_MS = 10_000
const SINGLE_SALES = 20

/**
 * What the drivers of the TSEs of shops add to a device of 250 ms, each against its simulator in another process,
 * whose own work is within those 250 ms.
 */
export async function tseSection(folder: TempFolder): Promise<Row[]> {
  const rows: Row[] = []
  for (const driver of DRIVERS) rows.push(...(await driverRows(driver, await folder.make(driver.slice(4, 7)))))
  return rows
}

async function driverRows(driver: string, state: string): Promise<Row[]> {
  const bin = fileURLToPath(new URL('../../bin/fiskal-edge.cjs', import.meta.url))
  const options = ['simulate', driver, '--state', state, '--latency', String(LATENCY_MS), '--json']
  const child = spawn(process.execPath, [bin, ...options], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { device } = JSON.parse(line) as { device: object }
    const tse = await openTse(driver, device, state)
    try {
      return await measured(driver, tse)
    } finally {
      await tse.close()
    }
  } finally {
    child.kill('SIGTERM')
    await once(child, 'close')
  }
}

async function measured(driver: string, tse: Tse): Promise<Row[]> {
  const clients = Array.from({ length: REGISTERS }, (_, index) => `till-${index + 1}`)
  for (const client of clients) await tse.registerClient(client)
  const aboveMs: number[] = []
  for (let sale = 0; sale < SINGLE_SALES; sale++)
    await sell(tse, 'till-1', (tookMs) => aboveMs.push(tookMs - LATENCY_MS))
  let signatures = 0
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()]
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() - startedAt < FOR_MS) await sell(tse, client, () => (signatures += 1))
    }),
  )
  const wallMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  const section = `${driver} on a device of ${LATENCY_MS} ms, its simulator beside it`
  return [
    limitRow(
      { section, what: 'above the device, median', unit: 'ms', measured: distributionOf(aboveMs).p50 },
      5,
      'at most',
    ),
    limitRow(
      {
        section,
        what: `device busy, ${REGISTERS} registers`,
        unit: '%',
        measured: (100 * signatures * LATENCY_MS) / wallMs,
      },
      95,
      'at least',
    ),
    limitRow(
      { section, what: 'CPU of the waiting driver', unit: '%', measured: (user + system) / 10 / wallMs },
      2,
      'at most',
    ),
  ]
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

async function openTse(driver: string, device: object, state: string): Promise<Tse> {
  const settings = { id: 'tse-1', slot: 1, timeouts: { replyMs: 5000, longMs: 60_000 }, ...device }
  const isWide = driver === 'tse-cryptovision'
  const digits = async (name: string): Promise<string> => {
    if (name === 'secret') throw new Error('that of the factory')
    return '1234567890'.slice(0, name.endsWith('uk') ? (isWide ? 10 : 6) : isWide ? 8 : 5)
  }
  const { unit } = await makeTse(settings as unknown as TseSettings, {
    clock: systemClock,
    directoryOf: () => state,
    storeOf: () => {
      throw new Error('its memory is not ours')
    },
    readSecret: (path) => readFile(path, 'utf8'),
    secretsOf: (_id, files) => ({
      read: (name) => (files[name] === undefined ? digits(name) : readFile(files[name], 'utf8')),
      provide: digits,
    }),
  })
  await unit.open()
  await unit.initialise()
  return unit
}
