import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { systemClock } from '../../base/clock.ts'
import { openPostgresStore } from '../../receiver/postgres/store.ts'
import { openSqliteStore } from '../../receiver/sqlite/store.ts'
import type { Store } from '../../receiver/store.ts'
import { issueToken } from '../../receiver/tokens.ts'
import { MemoryJournal } from '../../test/sync/memory-journal.ts'
import { startPostgres } from '../../test/sync/servers/postgres.ts'
import { startReceiver } from '../../test/sync/servers/receiver-child.ts'
import { batchText, contentDigest, Wire } from '../../test/sync/wire.ts'
import type { SenderJob, SenderReport } from './sync-sender.ts'

// Measures how fast a backlog is sent, its memory, and how fast a receiver on PostgreSQL takes the backlogs of many
// shops.
const { values } = parseArgs({
  options: {
    chains: { type: 'string', default: '100' },
    batches: { type: 'string', default: '5' },
    backlog: { type: 'string', default: '100000' },
    behind: { type: 'string', default: '1000000' },
    singles: { type: 'string', default: '10' },
    connections: { type: 'string', default: '16' },
  },
})

const BATCH = 200
const SMALL_HEAP = ['--max-old-space-size=64', '--max-semi-space-size=1']

await backlog()
await manyChains()

/** A sender in a separate process, as the daemon runs, with a short backlog and with a long one. */
async function backlog(): Promise<void> {
  const short = await send({ behind: 2000, sent: 2000, singles: Number(values.singles) })
  const long = await send({ behind: Number(values.behind), sent: Number(values.backlog), singles: 0 })
  const rate = Math.round(long.events / long.seconds)
  const perCore = Math.round(long.events / long.cpuSeconds)
  const growthMiB = long.peakMiB - short.peakMiB
  console.log(`backlog of ${values.behind} events, ${long.events} of them sent to a receiver on SQLite`)
  console.log(`  sent              ${rate} events/s; ${perCore} for each second of one core (least 5000)`)
  console.log(`  memory            ${growthMiB.toFixed(1)} MiB more than with a backlog of 2000 (most 19)`)
  console.log(`  answered → acked  ${Math.round(Math.max(...short.singleMs))} ms at most when idle (most 3000)`)
}

async function send(job: { behind: number; sent: number; singles: number }): Promise<SenderReport> {
  const directory = mkdtempSync(join(tmpdir(), 'sync-load-'))
  const file = join(directory, 'receiver.db')
  const [chainId, agentId] = [randomUUID(), randomUUID()]
  const store = openSqliteStore(file, systemClock)
  const { token } = await issueToken(store, { kind: 'agent', tenantId: randomUUID(), agentId })
  await store.close()
  const receiver = await startReceiver(file)
  const sender = fork(join(import.meta.dirname, 'sync-sender.ts'), [], {
    execArgv: SMALL_HEAP,
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
  })
  const task: SenderJob = { url: receiver.url, token, chainId, agentId, ...job }
  sender.send(task)
  const ended = once(sender, 'exit').then(() => Promise.reject(new Error('the sender ended')))
  const [report] = (await Promise.race([once(sender, 'message'), ended])) as [SenderReport]
  ended.catch(() => undefined)
  await receiver.kill()
  rmSync(directory, { recursive: true, force: true })
  return report
}

/** Ready-made batches of many chains, some connections at once, against one receiver on PostgreSQL. */
async function manyChains(): Promise<void> {
  const postgres = await startPostgres()
  const store = openPostgresStore({ connection: postgres.application, onError: () => undefined })
  const receiver = await startReceiver(postgres.application)
  try {
    const chains: Chain[] = []
    while (chains.length < Number(values.chains)) {
      chains.push(await makeChain(store, receiver.url, Number(values.batches)))
    }
    const events = chains.length * Number(values.batches) * BATCH
    const seconds = await postAll(receiver.url, chains)
    console.log(
      `receiver on PostgreSQL, ${values.chains} chains, batches of ${BATCH}, ${values.connections} connections`,
    )
    console.log(`  taken             ${Math.round(events / seconds)} events/s (${events} in ${seconds.toFixed(1)} s)`)
  } finally {
    await receiver.kill()
    await store.close()
    await postgres.stop()
  }
}

/** Returns the seconds that it took. */
async function postAll(url: string, chains: Chain[]): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number(values.connections) })
  const started = performance.now()
  const work = async (): Promise<void> => {
    for (let chain = chains.pop(); chain !== undefined; chain = chains.pop()) {
      for (const body of chain.bodies) await post(agent, url, chain, body)
    }
  }
  await Promise.all(Array.from({ length: Number(values.connections) }, work))
  agent.destroy()
  return (performance.now() - started) / 1000
}

type Chain = { chainId: string; token: string; bodies: Buffer[] }

async function makeChain(store: Store, url: string, batches: number): Promise<Chain> {
  const journal = new MemoryJournal({ bodyOf: (seq) => JSON.stringify({ seq, sale: saleText(seq) }) })
  const { agentId, chainId } = journal.chain
  const { token } = await issueToken(store, { kind: 'agent', tenantId: randomUUID(), agentId })
  await new Wire(url, token).register(journal)
  journal.append(batches * BATCH)
  const bodies = Array.from({ length: batches }, (_, index) =>
    gzipSync(batchText(journal, index * BATCH + 1, (index + 1) * BATCH), { level: 1 }),
  )
  return { chainId, token, bodies }
}

/** Some 1,100 characters of a sale that gzip finds as repetitive as a real one. */
function saleText(seq: number): string {
  const line = (item: number): string =>
    `{"id":"li_${seq}_${item}","name":"Brot ${item}","total":"${(seq * item) % 97}.10"}`
  return `${Array.from({ length: 14 }, (_, item) => line(item)).join(',')}${randomUUID()}${randomUUID()}`
}

function post(agent: Agent, url: string, { chainId, token }: Chain, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
      'content-digest': contentDigest(body),
      'content-length': body.length,
    }
    const sent = request(`${url}/v1/chains/${chainId}/events`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${answer.statusCode}`))))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
