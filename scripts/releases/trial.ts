import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkConfig } from '../../agent/agent-config.ts'
import { until } from '../../agent/cli/demo/until.ts'
import type { Agent } from '../../agent/compose.ts'
import { compose } from '../../agent/compose.ts'
import { verifyJournal } from '../../agent/journal/verify/journal.ts'
import { at } from '../../agent/laws/demo-shift.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import type { Clock } from '../../base/clock.ts'
import { pause, rfc3339, systemClock } from '../../base/clock.ts'
import { sha256 } from '../../base/sha256.ts'
import { event, goods, pay } from '../../test/e2e/goods.ts'
import { emptyReserve } from '../../test/empty-reserve.ts'
import { silentLog } from '../../test/silent-log.ts'
import type { KeptShop, Trial } from './kept-shop.ts'
import { unpackFiles } from './packed.ts'

type Members = { readonly [member: string]: unknown }
type Reply = { status: number; text: string; json: Members; isReplay: boolean }
type Desk = { url: string; key: string }

const LATER_MS = 60_000
const TRIES_MAX = 20
const PAUSE_MS = 100
const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
/** Rates of VAT by country, for the line of the sale. */
const RATES: Readonly<Record<string, string>> = { DEU: '0.19', AUT: '0.20', ITA: '0.22' }
const UNCHECKED = 'projections_not_checked'
/** A package has its sessions by their business dates; the archive of a TSE has the logs of each start. */
const EXPORTS: Readonly<Record<string, readonly string[]>> = {
  DEU: ['dsfinvk'],
  AUT: ['dep7', 'dep131'],
  ITA: [],
}

/** Starts this program on a copy of the shop, one minute after its last event, and repeats, exports and sells. */
export async function tryShop(shop: KeptShop): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), 'kept-'))
  try {
    unpackFiles(shop.files, folder)
    const state = join(folder, 'state')
    emptyReserve(state)
    // Tables of another version of the program are made again at the start, and checked after it.
    const before = (await findings(state)).filter((finding) => !finding.includes(UNCHECKED))
    const rate = { perSecond: 10_000, burst: 100_000 }
    const config = checkConfig('kept', { ...shop.config, rate, state: 'state', listen: { port: 0 } }, folder)
    const clock = laterClock(shop.endedMs + LATER_MS)
    const agent = await compose(config, { clock, random: (length) => randomBytes(length), log: silentLog })
    let trial: Omit<Trial, 'findings'>
    try {
      trial = await continued(agent, shop)
    } finally {
      await agent.stop()
    }
    return { ...trial, findings: [...before, ...(await findings(state))] }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
  }
}

async function continued(agent: Agent, shop: KeptShop): Promise<Omit<Trial, 'findings'>> {
  const { url } = await agent.listen()
  const answers = []
  for (const { method, path, headers, body } of shop.exchanges) {
    const { status, text, isReplay } = await sent(url, path, { method, headers, body })
    answers.push({ status, answer: text, isReplay })
  }
  const desk = { url, key: shop.platformKey }
  const merchants = await rows(desk, '/v1/merchants')
  const exports: Record<string, string> = {}
  for (const merchant of merchants) Object.assign(exports, await exported(desk, merchant, shop.endedMs))
  let sold = false
  for (const merchant of merchants) sold ||= await sells(desk, merchant)
  return { answers, exports, sold }
}

/** Also what an editor of the journal could hide: books, chain, projections. */
async function findings(state: string): Promise<string[]> {
  const report = await verifyJournal(state, { laws: LAW_BOOKS })
  const codes = report.codes.filter(({ level }) => level === 'error').map(({ code }) => code)
  return report.valid ? codes : [...codes, ...report.findings.map(({ what }) => what)]
}

function laterClock(beginMs: number): Clock {
  const offsetMs = beginMs - Date.now()
  return { ...systemClock, now: () => Date.now() + offsetMs }
}

async function sent(url: string, path: string, init: RequestInit): Promise<Reply> {
  const response = await fetch(new URL(path, url), init)
  const text = await response.text()
  const isReplay = response.headers.get('idempotent-replayed') === 'true'
  return { status: response.status, text, isReplay, json: text.startsWith('{') ? (JSON.parse(text) as Members) : {} }
}

function ask({ url, key }: Desk, merchant: string, path: string, body?: Members, version = ''): Promise<Reply> {
  const headers = {
    authorization: `Bearer ${key}`,
    ...(merchant !== '' && { 'x-openfiskal-merchant': merchant }),
    ...(version !== '' && { 'if-match': `"${version}"` }),
    ...(body !== undefined && {
      'content-type': 'application/json',
      'idempotency-key': randomBytes(16).toString('hex'),
    }),
  }
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  return sent(url, path, init)
}

async function rows(desk: Desk, path: string, merchant = ''): Promise<readonly Members[]> {
  return ((await ask(desk, merchant, path)).json['data'] ?? []) as readonly Members[]
}

async function exported(desk: Desk, merchant: Members, endedMs: number): Promise<Record<string, string>> {
  const [id, country] = [at(merchant, 'id'), at(merchant, 'country_code')]
  const made: Record<string, string> = {}
  for (const type of ['journal', ...(EXPORTS[country] ?? [])]) {
    const range = type === 'dsfinvk' ? EVER : { ...EVER, to: rfc3339(endedMs) }
    const { status, json } = await ask(desk, id, '/v1/exports', { type, ...range })
    made[`${id}/${type}`] = status === 202 ? await fileOf(desk, id, at(json, 'id')) : at(json, 'code')
  }
  return made
}

async function fileOf(desk: Desk, merchant: string, id: string): Promise<string> {
  const job = await until(async () => {
    const { json } = await ask(desk, merchant, `/v1/exports/${id}`)
    return json['status'] === 'pending' ? undefined : json
  }, 'an export is not made')
  if (job['status'] !== 'completed') return at(job, 'error', 'code')
  const response = await fetch(at(job, 'download_url'))
  return sha256(new Uint8Array(await response.arrayBuffer())).toString('hex')
}

async function sells(desk: Desk, merchant: Members): Promise<boolean> {
  const [id, country] = [at(merchant, 'id'), at(merchant, 'country_code')]
  const rate = RATES[country]
  if (rate === undefined) return false
  for (const register of await rows(desk, '/v1/registers', id)) {
    if (register['fiscalization_status'] !== 'fiscalized') continue
    if (await sellsAt(desk, id, at(register, 'id'), rate)) return true
  }
  return false
}

async function sellsAt(desk: Desk, merchant: string, register: string, rate: string): Promise<boolean> {
  const post = (path: string, body: Members) => ask(desk, merchant, path, body)
  const session = await ask(desk, merchant, `/v1/registers/${register}/session`)
  if (session.status !== 200)
    await post('/v1/operations', event('session_open', register, { opening_balance_amount: '50.00' }))
  const open = await post('/v1/operations', goods('sale', register, [['5.00', rate]]))
  if (open.status !== 201) return false
  const path = `/v1/operations/${at(open.json, 'id')}/complete`
  const [payments, version] = [[pay('cash', '5.00')], at(open.json, 'resource_version')]
  let done = await ask(desk, merchant, path, { payments }, version)
  // As a till does: a device may not be ready yet.
  for (let tries = 1; done.status === 503 && tries < TRIES_MAX; tries++) {
    await pause(systemClock, PAUSE_MS)
    done = await ask(desk, merchant, path, { payments }, version)
  }
  return done.status === 200 && done.json['status'] === 'completed'
}
