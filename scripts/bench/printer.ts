import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Floors } from './floors.ts'
import { cpuMsOf, startAgent, startLoad } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { openShop } from './shop.ts'
import type { Distribution } from './statistics.ts'
import { distributionOf } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const BAUD = 9600
const PRINT_MS = 300
/** The agent of a shop has sold before: on a line without a speed, so that it takes no time. */
const WARM_UP_SALES = 200
const BARE_EXCHANGES = 400
/** The state of the printer, with the packet character 0. */
const ENQUIRY = Buffer.from('\x0201005N<</?s02B\x03', 'latin1')

type Passed = { bytes: number; exchanges: number }
type Measured = { documentMs: Distribution; bytes: number; exchanges: number; cpuPercent: number }

/** A printer on a serial line of 9600 bit/s: what a sale takes above its bytes and the printing, and what it costs. */
export async function printerSection(folder: TempFolder, floors: Floors, sales: number): Promise<Row[]> {
  const own = await folder.make('printer-agent')
  const printer = fork(fileURLToPath(new URL('paced-printer.ts', import.meta.url)), [
    await folder.make('printer'),
    String(BAUD),
    String(PRINT_MS),
  ])
  try {
    const { port } = await told<{ port: number }>(printer)
    // Before and after, since a machine has its moments: the lesser of the two leaves more to the agent.
    const before = await bareExchangeMs(port, printer)
    const measured = await sell(own, port, printer, sales)
    const bareMs = Math.min(before, await bareExchangeMs(port, printer))
    return rowsOf(measured, bareMs, floors)
  } finally {
    printer.disconnect()
  }
}

async function sell(own: string, port: number, printer: ChildProcess, sales: number): Promise<Measured> {
  const load = startLoad()
  const devices = [{ id: 'rt-1', driver: 'rt-rch', tcp: { host: '127.0.0.1', port } }]
  const agent = await startAgent(own, { devices })
  try {
    const tills = await openShop(agent.url, own, 1, 'rt')
    printer.send('at-once')
    await load.run({ url: agent.url, tills, sales: WARM_UP_SALES, law: 'rt' })
    printer.send('paced')
    const [before, cpuBefore] = [await passed(printer), cpuMsOf(agent.pid)]
    const { completes, wallMs } = await load.run({ url: agent.url, tills, sales, law: 'rt' })
    const after = await passed(printer)
    return {
      documentMs: distributionOf(completes),
      bytes: (after.bytes - before.bytes) / sales,
      exchanges: (after.exchanges - before.exchanges) / sales,
      cpuPercent: (100 * (cpuMsOf(agent.pid) - cpuBefore)) / wallMs,
    }
  } finally {
    await Promise.all([load.stop(), agent.stop()])
  }
}

function rowsOf({ documentMs, bytes, exchanges, cpuPercent }: Measured, bareMs: number, floors: Floors): Row[] {
  const [lineMs, wakingMs] = [msOf(bytes) + PRINT_MS, exchanges * bareMs]
  const { p50, p99 } = documentMs
  // Three syncs a document; on a disk that is slower than the target's they are its own time.
  const limitMs = 5 + 3 * Math.max(0, floors.sync.p99 - 1)
  const above = (ms: number) => ms - lineMs - wakingMs
  const section = `Italian sale on a line of ${BAUD} bit/s, ${Math.round(bytes)} bytes in ${Math.round(exchanges)} exchanges, ${PRINT_MS} ms of printing`
  return [
    { section, what: 'document p50 (floor: bytes ÷ baud + printing)', unit: 'ms', measured: p50, floor: lineMs },
    { section, what: 'a client that only sends and hears, for as many exchanges', unit: 'ms', measured: wakingMs },
    limitRow({ section, what: 'overhead above both, p50', unit: 'ms', measured: above(p50) }, 5, 'at most'),
    limitRow({ section, what: 'overhead above both, p99', unit: 'ms', measured: above(p99) }, limitMs, 'at most'),
    limitRow({ section, what: 'CPU while it prints without a pause', unit: '%', measured: cpuPercent }, 12, 'at most'),
  ]
}

/** What this machine takes to wake two processes, for each exchange above its bytes. */
async function bareExchangeMs(port: number, printer: ChildProcess): Promise<number> {
  const socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'connect')
  const before = (await passed(printer)).bytes
  const started = performance.now()
  for (let sent = 0; sent < BARE_EXCHANGES; sent++) {
    socket.write(ENQUIRY)
    for (let heard = ''; !heard.endsWith('\x03'); ) heard += String((await once(socket, 'data'))[0])
  }
  const tookMs = performance.now() - started
  socket.destroy()
  return (tookMs - msOf((await passed(printer)).bytes - before)) / BARE_EXCHANGES
}

function msOf(bytes: number): number {
  return (bytes * 10 * 1000) / BAUD
}

async function passed(printer: ChildProcess): Promise<Passed> {
  const answer = told<Passed>(printer)
  printer.send('passed')
  return answer
}

async function told<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, 'message')
  return message as T
}
