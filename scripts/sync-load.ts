import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { systemClock } from '../base/clock.ts'
import { auditChains } from '../receiver/audit.ts'
import { openPostgresStore } from '../receiver/postgres/store.ts'
import { issueToken } from '../receiver/tokens.ts'
import { JournalSync } from '../sync/journal-sync.ts'
import { httpsTarget } from '../sync/targets/https.ts'
import { silentLog } from '../test/silent-log.ts'
import { MemoryCursor, MemoryJournal } from '../test/sync/memory-journal.ts'
import { startPostgres } from '../test/sync/servers/postgres.ts'
import { startReceiver } from '../test/sync/servers/receiver-child.ts'

// node scripts/sync-load.ts --shops 2000 --seconds 30 --rate 0.3 --outage 10
// That many shops, each with its own journal, sync and connection, sell that many events a second to one receiver on
// PostgreSQL, which is killed in the middle and stays down for a while. Afterwards the receiver must have all events. The
// senders share this process, the receiver and the database this machine: it shows that a fleet behaves, not how fast.
const { values } = parseArgs({
  options: {
    shops: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '0.3' },
    outage: { type: 'string', default: '10' },
  },
})
const [shopCount, seconds, rate, outage] = [values.shops, values.seconds, values.rate, values.outage].map(Number)
const TICK_MS = 100
const DRAIN_LIMIT_MS = 600_000

/** A journal on its way, and how long its events took. */
class Shop {
  readonly journal: MemoryJournal
  readonly ackMs: number[] = []
  readonly #sync: JournalSync
  #waiting: { seq: number; sinceMs: number } | undefined

  constructor(url: string, journal: MemoryJournal, token: string) {
    this.journal = journal
    const options = { url, token: async () => token, clock: systemClock, requestId: randomUUID }
    this.#sync = new JournalSync({
      epochs: () => [journal],
      target: httpsTarget({ id: 'cloud', ...options }),
      cursorOf: () => new MemoryCursor(),
      clock: systemClock,
      random: Math.random,
      log: silentLog,
      onChange: () => this.#changed(),
    })
  }

  open(): Promise<void> {
    return this.#sync.open()
  }

  sell(): void {
    this.journal.append(1)
    this.#waiting ??= { seq: this.journal.events.length, sinceMs: performance.now() }
  }

  get unacked(): number {
    return this.#sync.status().unacked
  }

  close(): Promise<void> {
    return this.#sync.close()
  }

  #changed(): void {
    if (this.#waiting === undefined || this.#sync.status().acked_seq < this.#waiting.seq) return
    this.ackMs.push(performance.now() - this.#waiting.sinceMs)
    this.#waiting = undefined
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
const postgres = await startPostgres()
const store = openPostgresStore({ connection: postgres.application, onError: () => undefined })
let receiver = await startReceiver(postgres.application)
const { url } = receiver
const shops: Shop[] = []
const tenantId = randomUUID()
for (let shop = 0; shop < Number(shopCount); shop++) {
  const journal = new MemoryJournal()
  journal.append(1)
  const { token } = await issueToken(store, { kind: 'agent', tenantId, agentId: journal.chain.agentId })
  shops.push(new Shop(url, journal, token))
}
console.log(`${shops.length} shops begin`)
await Promise.all(shops.map((shop) => shop.open()))

async function sellFor(forMs: number): Promise<void> {
  const untilMs = performance.now() + forMs
  let due = 0
  for (let last = performance.now(); last < untilMs; ) {
    await sleep(TICK_MS)
    const now = performance.now()
    due += ((now - last) / 1000) * Number(rate) * shops.length
    last = now
    for (; due >= 1; due--) shops[Math.floor(Math.random() * shops.length)]?.sell()
  }
}

async function drained(): Promise<number> {
  const startedMs = performance.now()
  while (shops.some(({ unacked }) => unacked > 0)) {
    if (performance.now() - startedMs > DRAIN_LIMIT_MS) throw new Error('it was not all acknowledged')
    await sleep(TICK_MS)
  }
  return (performance.now() - startedMs) / 1000
}

console.log(`all of them known to the receiver after ${(await drained()).toFixed(1)} s`)
await sellFor(Number(seconds) * 500)
const quiet = shops.flatMap(({ ackMs }) => ackMs.splice(0)).sort((a, b) => a - b)
await receiver.kill()
await sellFor(Number(outage) * 1000)
const waiting = shops.reduce((sum, { unacked }) => sum + unacked, 0)
receiver = await startReceiver(postgres.application, Number(new URL(url).port))
await sellFor(Number(seconds) * 500)
const drainSeconds = await drained()
await Promise.all(shops.map((shop) => shop.close()))
let broken = 0
const stored = new Map<string, number>()
for await (const { chainId, events, finding } of auditChains(store)) {
  stored.set(chainId, events)
  if (finding !== undefined) broken++
}
const short = shops.filter(({ journal }) => stored.get(journal.chain.chainId) !== journal.events.length).length

function at(share: number): string {
  return ((quiet[Math.floor(quiet.length * share)] ?? Number.NaN) / 1000).toFixed(1)
}
const events = shops.reduce((sum, { journal }) => sum + journal.events.length, 0)
console.log(`${events} events; before the outage acknowledged after p50 ${at(0.5)} s, p99 ${at(0.99)} s`)
console.log(
  `${waiting} events waited when the receiver came back; all there ${drainSeconds.toFixed(1)} s after the last sale`,
)
console.log(`${stored.size} chains audited: ${broken} broken, ${short} not complete`)
await store.close()
await receiver.kill()
await postgres.stop()
process.exitCode = broken + short === 0 ? 0 : 1
