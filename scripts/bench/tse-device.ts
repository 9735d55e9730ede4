import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../base/clock.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import type { TseSettings } from '../../drivers/tse-catalog.ts'
import { makeTse } from '../../drivers/tse-catalog.ts'
import type { Row } from './report.ts'

type Options = { latencyMs: number; history?: number }
export type Device = { tse: Tse; simulatorPid: number }

/** Measures a driver with its simulator, which is a separate process, and then ends it. */
export async function withDevice(
  driver: string,
  state: string,
  { latencyMs, history = 0 }: Options,
  measure: (device: Device) => Promise<Row[]>,
): Promise<Row[]> {
  const bin = fileURLToPath(new URL('../../bin/fiskal-edge.cjs', import.meta.url))
  const options = ['--state', state, '--latency', String(latencyMs), '--history', String(history), '--json']
  const child = spawn(process.execPath, [bin, 'simulate', driver, ...options], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { device } = JSON.parse(line) as { device: object }
    const tse = await openTse(driver, device, state)
    try {
      return await measure({ tse, simulatorPid: child.pid ?? 0 })
    } finally {
      await tse.close()
    }
  } finally {
    child.kill('SIGTERM')
    await once(child, 'close')
  }
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
