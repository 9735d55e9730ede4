import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { fileURLToPath } from 'node:url'
import { entered, entryRows } from './entries.ts'
import type { Floors } from './floors.ts'
import type { Till } from './load.ts'
import type { Exchange } from './paced-printer.ts'
import type { Delayed } from './printout.ts'
import { delayed } from './printout.ts'
import { cpuMsOf, startAgent, startLoad } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { openShop } from './shop.ts'
import type { Distribution } from './statistics.ts'
import { distributionOf } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const BAUD = 9600
const PRINT_MS = 300
/** The agent of a shop has sold for months; the warm-up runs on a line without a speed, so that it takes no time. */
const WARM_UP_SALES = 1500
/** Exchanges of a client without work for each document, before and after: together about as many as a document has. */
const BARE_EXCHANGES = 8
/** The request, the printer's state before, and the outcome. */
const SYNCS = 3
/** The state of the printer, with the packet character 0. */
const ENQUIRY = Buffer.from('\x0201005N<</?s02B\x03', 'latin1')

type Measured = {
  till: Till
  documentMs: Distribution
  /**
   * The time outside the printer: for each document its time without the printer's own, as that printer measured it.
   */
  aboveMs: Distribution
  /** The journal's syncs in a document, as the agent measured them. */
  syncsMs: number
  bytes: number
  exchanges: number
  cpuPercent: number
  /** A sale that comes with an X report. */
  delayed: Delayed
}

/**
 * A printer on a serial line of 9600 bit/s: the time of a sale in addition to its bytes and the printing, and its cost.
 */
export async function printerSection(folder: TempFolder, floors: Floors, sales: number): Promise<Row[]> {
  const own = await folder.make('printer-agent')
  const { process: printer, device } = await startPacedPrinter(await folder.make('printer'))
  try {
    const { port } = device.tcp
    // Before and after, since a machine's speed varies, and as often as there are documents: a late wake-up in one of a
    // hundred documents hits this client, too.
    const before = await bareGaps(port, printer, BARE_EXCHANGES * sales)
    const measured = await sell(own, device, printer, sales)
    const after = await bareGaps(port, printer, BARE_EXCHANGES * sales)
    printer.kill()
    const entries = await entered(own, [device], measured.till)
    return [...rowsOf(measured, [...before, ...after], floors), ...entryRows(entries, measured.documentMs.p99)]
  } finally {
    printer.kill()
  }
}

/** A printer in a separate process, and its entry for the configuration of the agent. */
export async function startPacedPrinter(folder: string) {
  const path = fileURLToPath(new URL('paced-printer.ts', import.meta.url))
  const printer = fork(path, [folder, String(BAUD), String(PRINT_MS)])
  const { port } = await messageFrom<{ port: number }>(printer)
  return { process: printer, device: { id: 'rt-1', driver: 'rt-rch', tcp: { host: '127.0.0.1', port } } }
}

async function sell(own: string, device: object, printer: ChildProcess, sales: number): Promise<Measured> {
  const load = startLoad()
  const agent = await startAgent(own, [device])
  try {
    const tills = await openShop(agent.url, own, 1, 'rt')
    printer.send('at-once')
    await load.run({ url: agent.url, tills, sales: WARM_UP_SALES, law: 'rt' })
    printer.send('paced')
    await exchangesOf(printer)
    const [cpuBefore, syncsBefore] = [cpuMsOf(agent.pid), await syncsOf(agent.url)]
    const { completes, completedAt, wallMs } = await load.run({ url: agent.url, tills, sales, law: 'rt' })
    const cpuPercent = (100 * (cpuMsOf(agent.pid) - cpuBefore)) / wallMs
    const syncs = await syncsOf(agent.url)
    const documents = documentsOf(await exchangesOf(printer), completes, completedAt)
    const [till] = tills
    if (till === undefined) throw new Error('the shop has no till')
    return {
      till,
      documentMs: distributionOf(completes),
      aboveMs: distributionOf(completes.map((ms, index) => ms - sum(documents[index]?.map(printerMs) ?? []))),
      syncsMs: (SYNCS * (syncs.ms - syncsBefore.ms)) / (syncs.count - syncsBefore.count),
      bytes: sum(documents.flatMap((each) => each.map(({ bytes }) => bytes))) / sales,
      exchanges: Math.round(documents.flat().length / sales),
      cpuPercent,
      delayed: await delayed(agent.url, till),
    }
  } finally {
    await Promise.all([load.stop(), agent.stop()])
  }
}

function rowsOf(measured: Measured, gaps: readonly number[], floors: Floors): Row[] {
  const { documentMs, aboveMs, syncsMs, bytes, exchanges, cpuPercent, delayed: x } = measured
  const bare = distributionOf(grouped(gaps, exchanges).map(sum))
  // On a disk that is slower than the target's, the syncs count as its own time.
  const limitMs = 5 + SYNCS * Math.max(0, floors.sync.p99 - 1)
  const section = `Italian sale on a line of ${BAUD} bit/s, ${Math.round(bytes)} bytes in ${exchanges} exchanges, ${PRINT_MS} ms of printing`
  const client = 'a client that only sends and receives, as many exchanges'
  const ms = (what: string, value: number): Row => ({ section, what, unit: 'ms', measured: value })
  return [
    { ...ms('document p50 (floor: bytes ÷ baud + printing)', documentMs.p50), floor: msOf(bytes) + PRINT_MS },
    ms("above the printer's own time, p50", aboveMs.p50),
    ms("above the printer's own time, p99", aboveMs.p99),
    ms('the three syncs of the journal in it, mean', syncsMs),
    ms(`${client}, p50`, bare.p50),
    ms(`${client}, p99`, bare.p99),
    limitRow(ms('overhead above such a client, p50 less its p50', aboveMs.p50 - bare.p50), 5, 'at most'),
    limitRow(ms('overhead above such a client, p99 less its p99', aboveMs.p99 - bare.p99), limitMs, 'at most'),
    ms('p99 less its p50', aboveMs.p99 - bare.p50),
    ms('an X report alone, p50', x.reportMs.p50),
    ms('a sale that comes with an X report, less both alone, p50', x.delayedMs.p50 - x.saleMs.p50 - x.reportMs.p50),
    limitRow({ ...ms('CPU while it prints without a pause', cpuPercent), unit: '%' }, 12, 'at most'),
  ]
}

/** The time of a client without any work between a reply and its next command, as the printer measures it, in ms. */
async function bareGaps(port: number, printer: ChildProcess, count: number): Promise<number[]> {
  const socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
  await once(socket, 'connect')
  await exchangesOf(printer)
  for (let sent = 0; sent < count; sent++) {
    socket.write(ENQUIRY)
    for (let reply = ''; !reply.endsWith('\x03'); ) reply += String((await once(socket, 'data'))[0])
  }
  socket.destroy()
  const exchanges = await exchangesOf(printer)
  return exchanges.slice(1).map(({ seenAt }, index) => seenAt - (exchanges[index]?.answeredAt ?? seenAt))
}

/** All commits of the agent so far. */
async function syncsOf(url: string): Promise<{ ms: number; count: number }> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const figure = (name: string): number =>
    Number(new RegExp(`^fiskal_journal_commit_seconds_${name} (\\S+)$`, 'm').exec(text)?.[1])
  return { ms: 1000 * figure('sum'), count: figure('count') }
}

/** The exchanges of each document, by the times of its request and answer. */
function documentsOf(
  exchanges: readonly Exchange[],
  completes: readonly number[],
  completedAt: readonly number[],
): Exchange[][] {
  return completes.map((ms, index) => {
    const end = completedAt[index] ?? 0
    return exchanges.filter(({ seenAt }) => seenAt > end - ms && seenAt < end)
  })
}

function printerMs({ seenAt, answeredAt }: Exchange): number {
  return answeredAt - seenAt
}

/** In groups of that size, without a rest. */
function grouped(values: readonly number[], size: number): number[][] {
  const groups = Math.floor(values.length / size)
  return Array.from({ length: groups }, (_, index) => values.slice(index * size, (index + 1) * size))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function msOf(bytes: number): number {
  return (bytes * 10 * 1000) / BAUD
}

function exchangesOf(printer: ChildProcess): Promise<Exchange[]> {
  const answer = messageFrom<Exchange[]>(printer)
  printer.send('exchanges')
  return answer
}

async function messageFrom<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, 'message')
  return message as T
}
