import { writeFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SmtpServer } from '../../test/alerts/smtp-server.ts'
import type { LoadResult, Till } from './load.ts'
import { memoryOf, startAgent, startLoad } from './processes.ts'
import type { Pair, Row } from './report.ts'
import { limitRow, saleRows } from './report.ts'
import { openShop } from './shop.ts'
import type { Distribution } from './statistics.ts'
import { distributionOf } from './statistics.ts'
import { technicianOf } from './technician.ts'
import type { TempFolder } from './temp-folder.ts'

const ROUND_SALES = 200
const WARM_UP_SALES = 300
/** Longer than a pause between two customers: the agent releases memory when the tills rest. */
const IDLE_MS = 8000
const SENT_LIMIT_MS = 60_000
/** The second one is pulled: its alert is what the channels should send. */
const DEVICES = ['tse-1', 'tse-2'].map((id) => ({ id, driver: 'tse-simulator', latencyMs: 0 }))
const AT_ONCE = { digest: false, rules: { device_down: { afterSeconds: 0 } } }

/** Sales while two channels hang, and the memory that the first mail takes. */
export async function alertsSection(folder: TempFolder, rounds: number): Promise<Row[]> {
  return [...(await salesRows(folder, rounds)), ...(await memoryRows(folder))]
}

function mailTo(port: number): object {
  const addresses = { from: 'till@shop.example', to: ['owner@shop.example'] }
  return { host: '127.0.0.1', port, security: 'none', ...addresses }
}

/** In turns: the same agent with a pulled TSE, without a channel and with two that take nothing. */
async function salesRows(folder: TempFolder, rounds: number): Promise<Row[]> {
  const hanging = await HangingServer.start()
  const [calmFolder, deadFolder] = [await folder.make('alerts-none'), await folder.make('alerts-dead')]
  writeFileSync(join(deadFolder, 'hook.secret'), 'secret', { mode: 0o600 })
  const webhooks = [{ id: 'office', url: `http://127.0.0.1:${hanging.port}/`, secretFile: 'hook.secret' }]
  const alerts = { ...AT_ONCE, mail: mailTo(hanging.port) }
  const calm = await startAgent(calmFolder, { devices: DEVICES })
  const dead = await startAgent(deadFolder, { devices: DEVICES, alerts, webhooks })
  const load = startLoad()
  const sell = (url: string, tills: readonly Till[], sales: number): Promise<LoadResult> =>
    load.run({ url, tills, sales })
  try {
    const [calmTills, deadTills] = [await shopOf(calm.url, calmFolder), await shopOf(dead.url, deadFolder)]
    await sell(calm.url, calmTills, WARM_UP_SALES)
    await sell(dead.url, deadTills, WARM_UP_SALES)
    for (const place of [calmFolder, deadFolder]) await (await technicianOf(place)).fault('tse-2', 'unplugged@*')
    await hanging.connected(2)
    const pairs: Pair<Distribution>[] = []
    for (let round = 0; round < rounds; round++) {
      const floor = distributionOf((await sell(calm.url, calmTills, ROUND_SALES)).wholeSales)
      pairs.push({ measured: distributionOf((await sell(dead.url, deadTills, ROUND_SALES)).wholeSales), floor })
    }
    const section = 'Sale while two channels for alerts are dead, 1 client (floor column: no channel)'
    return saleRows(section, pairs, { p99: 1.5 })
  } finally {
    await Promise.all([load.stop(), calm.stop(), dead.stop()])
    hanging.stop()
  }
}

function shopOf(url: string, place: string): Promise<Till[]> {
  return openShop(url, place, 1, 'tse', ['tse-1'])
}

/** The same agent idle before and after its first mail, which loads the library. */
async function memoryRows(folder: TempFolder): Promise<Row[]> {
  await using smtp = await SmtpServer.open({ isPlain: true })
  const place = await folder.make('alerts-memory')
  const agent = await startAgent(place, { devices: DEVICES, alerts: { ...AT_ONCE, mail: mailTo(smtp.port) } })
  try {
    await pause(IDLE_MS)
    const before = memoryOf(agent.pid)
    await (await technicianOf(place)).fault('tse-2', 'unplugged@*')
    const deadline = performance.now() + SENT_LIMIT_MS
    while (smtp.mails.length === 0 && performance.now() < deadline) await pause(100)
    if (smtp.mails.length === 0) throw new Error('no mail was sent')
    await pause(IDLE_MS)
    const after = memoryOf(agent.pid)
    const section = 'Memory of an idle agent after its first mail (floor column: before)'
    const row = { section, what: 'anonymous memory', unit: 'MB' as const }
    const grown = after.anonymous - before.anonymous
    return [
      { ...row, measured: after.anonymous, floor: before.anonymous },
      limitRow({ ...row, what: 'more than before', measured: grown }, 10, 'at most'),
    ]
  } finally {
    await agent.stop()
  }
}

/** Accepts connections and never says anything. */
class HangingServer {
  readonly port: number
  readonly #sockets: Set<Socket>
  readonly #close: () => void

  private constructor(port: number, sockets: Set<Socket>, close: () => void) {
    this.port = port
    this.#sockets = sockets
    this.#close = close
  }

  static async start(): Promise<HangingServer> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined).resume())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new HangingServer((server.address() as AddressInfo).port, sockets, () => server.close())
  }

  async connected(count: number): Promise<void> {
    const deadline = performance.now() + SENT_LIMIT_MS
    while (this.#sockets.size < count && performance.now() < deadline) await pause(50)
    if (this.#sockets.size < count) throw new Error('the channels did not connect')
  }

  stop(): void {
    this.#close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
