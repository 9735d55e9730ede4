import { join } from 'node:path'
import type { RunningSimulator, SimulateOptions } from '../running-simulator.ts'
import { running } from '../running-simulator.ts'
import type { MemoryRecord } from './simulated-memory.ts'
import { shownLines } from './simulated-paper.ts'

type OnLine = Parameters<typeof running>[0] & {
  open(): void
  serveTcp(port: number): Promise<number>
  servePty(link: string): Promise<void>
}

/** Shows the printed lines of each record. */
export function showRecords(show: SimulateOptions['show']): (record: MemoryRecord) => void {
  return (record) => show(shownLines(record))
}

/** On a TCP port if one is given, else on a pseudo-terminal. */
export async function onLine(
  simulator: OnLine,
  driver: string,
  { directory, link = join(directory, 'line'), port }: Pick<SimulateOptions, 'directory' | 'link' | 'port'>,
): Promise<RunningSimulator> {
  simulator.open()
  if (port !== undefined) {
    const tcp = { host: '127.0.0.1', port: await simulator.serveTcp(port) }
    return running(simulator, { driver, tcp })
  }
  await simulator.servePty(link)
  return running(simulator, { driver, serial: { path: link } })
}
