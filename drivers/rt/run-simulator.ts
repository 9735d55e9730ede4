import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { RunningSimulator, SimulateOptions } from '../running-simulator.ts'
import { running } from '../running-simulator.ts'
import type { MemoryRecord } from './simulated-memory.ts'
import { shownLines } from './simulated-paper.ts'
import { simulatedSerial } from './simulated-serial.ts'

type SimulatorOptions = { directory: string; clock: Clock; serial: string; onRecord: (record: MemoryRecord) => void }

type OnLine = Parameters<typeof running>[0] & {
  open(): void
  serveTcp(port: number): Promise<number>
  servePty(link: string): Promise<void>
}

/** Shows the printed lines of each record. */
export function showRecords(show: SimulateOptions['show']): (record: MemoryRecord) => void {
  return (record) => show(shownLines(record))
}

/**
 * A simulated printer with its own serial number, which begins with `family`: on a TCP port if one is given, else on a
 * pseudo-terminal.
 */
export async function runOnLine(
  driver: string,
  family: string,
  { directory, clock, show, link = join(directory, 'line'), port }: SimulateOptions,
  make: (options: SimulatorOptions) => OnLine,
): Promise<RunningSimulator> {
  const serial = simulatedSerial(directory, family)
  const simulator = make({ directory, clock, serial, onRecord: showRecords(show) })
  simulator.open()
  if (port !== undefined) {
    const tcp = { host: '127.0.0.1', port: await simulator.serveTcp(port) }
    return running(simulator, { driver, tcp })
  }
  await simulator.servePty(link)
  return running(simulator, { driver, serial: { path: link } })
}
