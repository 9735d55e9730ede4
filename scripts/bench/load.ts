import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Law } from './requests.ts'
import { completionOf, saleOf } from './requests.ts'

/** One till: its register and its key. */
export type Till = { register: string; headers: Readonly<Record<string, string>> }
/**
 * A job for the load process: each till sells in a closed loop, `sales` in all or until `forMs` is over. With
 * `perSecond` no sale begins before its time, one till after the other.
 */
export type Job = { url: string; tills: readonly Till[]; sales?: number; forMs?: number; perSecond?: number; law?: Law }
export type LoadResult = {
  /** ms of each create, each complete, and of both. */
  creates: number[]
  completes: number[]
  wholeSales: number[]
  /** When each complete was answered: ms of the monotonic clock, which all processes share. */
  completedAt: number[]
  /** When the first sale began, by the same clock. */
  startedAt: number
  wallMs: number
}

type Reply = { status: number; body: string; ms: number }

const ANSWER_LIMIT_MS = 60_000

function send(agent: Agent, url: string, till: Till, path: string, body: object, ifMatch?: string): Promise<Reply> {
  const text = JSON.stringify(body)
  const headers: Record<string, string | number> = {
    ...till.headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'idempotency-key': randomUUID(),
    ...(ifMatch !== undefined && { 'if-match': ifMatch }),
  }
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, { method: 'POST', agent, headers, timeout: ANSWER_LIMIT_MS }, (res) => {
      let answer = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => {
        answer += chunk
      })
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body: answer, ms: performance.now() - started }))
      res.on('error', reject)
    })
    call.on('timeout', () => call.destroy(new Error(`${path} was not answered`)))
    call.on('error', reject)
    call.end(text)
  })
}

function accepted(reply: Reply, path: string): Reply {
  if (reply.status >= 200 && reply.status < 300) return reply
  throw new Error(`${path} was answered ${reply.status}: ${reply.body.slice(0, 400)}`)
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

async function sellAlong(
  job: Job,
  index: number,
  agent: Agent,
  result: LoadResult,
  goOn: () => boolean,
): Promise<void> {
  const till = job.tills[index]
  if (till === undefined) return
  const sale = saleOf(till.register, job.law)
  for (let sold = 0; goOn(); sold++) {
    if (job.perSecond !== undefined) {
      const dueAt = result.startedAt + ((sold * job.tills.length + index) * 1000) / job.perSecond
      await pause(Math.max(0, dueAt - monotonicMs()))
    }
    const created = accepted(await send(agent, job.url, till, '/v1/operations', sale), 'create')
    const { id } = JSON.parse(created.body) as { id: string }
    const path = `/v1/operations/${id}/complete`
    const completed = accepted(await send(agent, job.url, till, path, completionOf(id), '"1"'), 'complete')
    result.creates.push(created.ms)
    result.completes.push(completed.ms)
    result.completedAt.push(monotonicMs())
    result.wholeSales.push(created.ms + completed.ms)
  }
}

async function run(job: Job): Promise<LoadResult> {
  const startedAt = monotonicMs()
  const result: LoadResult = {
    creates: [],
    completes: [],
    wholeSales: [],
    completedAt: [],
    startedAt,
    wallMs: 0,
  }
  const agents = job.tills.map(() => new Agent({ keepAlive: true, maxSockets: 1 }))
  const started = performance.now()
  let begunSales = 0
  const goOn = (): boolean =>
    job.sales === undefined ? performance.now() - started < (job.forMs ?? 0) : begunSales++ < job.sales
  await Promise.all(agents.map((agent, index) => sellAlong(job, index, agent, result, goOn)))
  result.wallMs = performance.now() - started
  for (const agent of agents) agent.destroy()
  return result
}

process.on('message', (job: Job) => {
  run(job).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  )
})
