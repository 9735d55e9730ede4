import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Floors } from './floors.ts'
import { cpuMsOf, startAgent, startLoad } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { openShop } from './shop.ts'
import { distributionOf } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const BAUD = 9600
const PRINT_MS = 300
const WARM_UP_SALES = 3

/** A printer on a serial line of 9600 bit/s: what a sale takes above its bytes and the printing, and what it costs. */
export async function printerSection(folder: TempFolder, floors: Floors, sales: number): Promise<Row[]> {
  const load = startLoad()
  const own = await folder.make('printer-agent')
  const printer = fork(fileURLToPath(new URL('paced-printer.ts', import.meta.url)), [
    await folder.make('printer'),
    String(BAUD),
    String(PRINT_MS),
  ])
  const { port } = await told<{ port: number }>(printer)
  const devices = [{ id: 'rt-1', driver: 'rt-rch', tcp: { host: '127.0.0.1', port } }]
  const agent = await startAgent(own, { devices })
  try {
    const tills = await openShop(agent.url, own, 1, 'rt')
    await load.run({ url: agent.url, tills, sales: WARM_UP_SALES, law: 'rt' })
    const [bytesBefore, cpuBefore] = [await bytesOf(printer), cpuMsOf(agent.pid)]
    const { completes, wallMs } = await load.run({ url: agent.url, tills, sales, law: 'rt' })
    const bytes = (await bytesOf(printer)) - bytesBefore
    const cpuPercent = (100 * (cpuMsOf(agent.pid) - cpuBefore)) / wallMs
    const floorMs = (bytes * 10 * 1000) / BAUD / sales + PRINT_MS
    const { p50, p99 } = distributionOf(completes)
    // Three syncs a document; on a disk that is slower than the target's they are its own time.
    const limitMs = 5 + 3 * Math.max(0, floors.sync.p99 - 1)
    const section = `Italian sale on a line of ${BAUD} bit/s, ${Math.round(bytes / sales)} bytes, ${PRINT_MS} ms of printing`
    return [
      { section, what: 'document p50 (floor: bytes ÷ baud + printing)', unit: 'ms', measured: p50, floor: floorMs },
      limitRow({ section, what: 'overhead above the line p50', unit: 'ms', measured: p50 - floorMs }, 5, 'at most'),
      limitRow(
        { section, what: 'overhead above the line p99', unit: 'ms', measured: p99 - floorMs },
        limitMs,
        'at most',
      ),
      limitRow(
        { section, what: 'CPU while it prints without a pause', unit: '%', measured: cpuPercent },
        12,
        'at most',
      ),
    ]
  } finally {
    await Promise.all([load.stop(), agent.stop()])
    printer.disconnect()
  }
}

async function bytesOf(printer: ChildProcess): Promise<number> {
  const answer = told<{ bytes: number }>(printer)
  printer.send('bytes')
  return (await answer).bytes
}

async function told<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, 'message')
  return message as T
}
