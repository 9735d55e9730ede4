import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { routes } from '../../agent/contract/routes.ts'
import type { Till } from './load.ts'
import type { Load } from './processes.ts'
import { startAgent, startLoad } from './processes.ts'
import type { Row } from './report.ts'
import { ratioRow } from './report.ts'
import { openShop } from './shop.ts'
import { distributionOf } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const REQUESTS_A_SECOND = 200
const SALES_A_SECOND = 50
const ALONE_MS = 10_000
const EACH_MS = 500
const WARM_UP_SALES = 1_000
/** Requests that were due together. */
const AT_ONCE_MOST = 20
const ADDRESSES = [1, 100]
const PARAMETERS = { '{code}': 'not_found', '{file}': 'status.css', '{token}': 'AAAAAAAAAAAAAAAAAAAAAA' }

/** Each route without a key, an unknown path, and one that needs a key. */
const PATHS = [
  ...Object.values(routes).flatMap(({ auth, path }) => (auth === 'none' ? [path] : [])),
  ...['/nothing', '/v1/operations'],
].map((path) => Object.entries(PARAMETERS).reduce((text, [name, value]) => text.replace(name, value), path))

/** The requests of strangers: their begin and end, and whether the answer is read. */
const WAYS = [
  { name: 'HEAD', method: 'HEAD', end: '\r\n\r\n', reads: true },
  { name: 'GET', method: 'GET', end: '\r\n\r\n', reads: true },
  { name: 'GET, unread', method: 'GET', end: '\r\n\r\n', reads: false },
  { name: 'half a request', method: 'GET', end: '', reads: true },
]
type Way = (typeof WAYS)[number]

/** A sale during 200 requests a second of strangers, of each open route in turn. */
export async function strangersSection(folder: TempFolder): Promise<Row[]> {
  const own = await folder.make('strangers')
  const agent = await startAgent(own)
  const load = startLoad()
  try {
    const tills = await openShop(agent.url, own, 1)
    await load.run({ url: agent.url, tills, sales: WARM_UP_SALES })
    const floor = distributionOf(await salesOf(load, agent.url, tills, ALONE_MS)).p99
    const section = 'A sale during 200 requests a second of each open route (floor column: alone)'
    const rows: Row[] = []
    for (const addresses of ADDRESSES)
      for (const way of WAYS) {
        const sales: number[] = []
        for (const path of PATHS) {
          const gone = new AbortController()
          const flood = ask(new URL(agent.url), path, way, addresses, gone.signal)
          sales.push(...(await salesOf(load, agent.url, tills, EACH_MS)))
          gone.abort()
          await flood
        }
        const what = `sale p99: ${way.name}, ${addresses} ${addresses === 1 ? 'address' : 'addresses'}`
        rows.push(ratioRow({ section, what, unit: 'ms', measured: distributionOf(sales).p99, floor }, 3, 'at most'))
      }
    return rows
  } finally {
    await Promise.all([load.stop(), agent.stop()])
  }
}

async function salesOf(load: Load, url: string, tills: readonly Till[], forMs: number): Promise<number[]> {
  return (await load.run({ url, tills, forMs, perSecond: SALES_A_SECOND })).wholeSales
}

async function ask(url: URL, path: string, way: Way, addresses: number, gone: AbortSignal): Promise<void> {
  const open = new Set<Socket>()
  const startedAt = performance.now()
  for (let asked = 0; !gone.aborted; ) {
    const due = ((performance.now() - startedAt) * REQUESTS_A_SECOND) / 1000
    // Requests that a busy machine delayed are left out.
    for (asked = Math.max(asked, Math.floor(due) - AT_ONCE_MOST); asked < due; asked++) {
      const localAddress = `127.0.1.${(asked % addresses) + 1}`
      const socket = connect({ host: '127.0.0.1', port: Number(url.port), localAddress })
      open.add(socket)
      socket.on('error', () => undefined).on('close', () => open.delete(socket))
      if (way.reads) socket.resume()
      socket.write(`${way.method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${url.port}\r\nConnection: close${way.end}`)
    }
    await pause(5)
  }
  for (const socket of open) socket.destroy()
}
