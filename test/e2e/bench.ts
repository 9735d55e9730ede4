import { randomBytes } from 'node:crypto'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../../agent/agent-config.ts'
import type { Agent } from '../../agent/compose.ts'
import { compose } from '../../agent/compose.ts'
import { checkConfig as checkConfigWith } from '../../agent/config/config.ts'
import { contractOf } from '../../agent/contract/contract-of.ts'
import type { CreateExport } from '../../agent/contract/export.ts'
import { hasJournal } from '../../agent/journal/journal-file.ts'
import { readJournal } from '../../agent/journal/reader.ts'
import type { Law } from '../../agent/laws/law.ts'
import { LAW_KEYS } from '../../agent/laws/laws.ts'
import type { Boot } from '../../agent/process/clock-steps.ts'
import type { ProcessFigures } from '../../agent/process/process-figures.ts'
import type { MachineNumbers } from '../../agent/state/machine-numbers.ts'
import type { DiskLook } from '../../agent/state/places.ts'
import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { randomStore } from '../../base/ids.ts'
import { lifetimes } from '../../base/lifetime.ts'
import type { Log } from '../../base/log.ts'
import { keysOf } from '../../base/settings/law-settings.ts'
import { crowded } from '../../scripts/tests/slowness.ts'
import { misshapen } from '../document-check.ts'
import { EDITED_STATES } from '../edited-states.ts'
import { emptyReserve } from '../empty-reserve.ts'
import { contradictions } from '../progress-check.ts'
import { turnedMs } from '../turning-clock.ts'
import { WAIT_LIMIT_MS } from '../waits.ts'
import type { Members } from './client.ts'
import { Client } from './client.ts'
import { BUILT_IN, ContractCheck } from './contract-check.ts'
import { untilFiscalized } from './fiscalized.ts'
import { event } from './goods.ts'
import { keepBench } from './kept-benches.ts'

export type BenchOptions = {
  /** System time by default; FastClock if deadlines or probes matter. */
  clock?: Clock
  /** Over the default configuration: one TSE simulator `tse-1`. */
  config?: Members
  /** Instead of `lines`: the log that the daemon itself would write. */
  log?: Log
  /** As the daemon gives them; none by default. */
  processFigures?: () => ProcessFigures
  /** The commands that report who keeps the clock; none by default. */
  commands?: Readonly<Record<string, string>>
  /** The disks of the folders; the kernel reports them by default. */
  diskLook?: DiskLook
  /** The machine on which the next start is, as the daemon reads it; none by default. */
  machine?: () => MachineNumbers
  /** The boot of the operating system; without it each start is one after a reboot. */
  boot?: Boot
  /** Those that are built in by default. */
  laws?: readonly Law<never>[]
  /** The test edits the journal itself. */
  edits?: boolean
  /** Called with the name of every fault point that is reached; may throw. */
  atPoint?: (point: string) => void
}

/** A register that may sell, and its till. */
export type Register = { id: string; clientId: string; key: string; till: Client }

type Line = { level: 'info' | 'warn' | 'error'; message: string; fields: Members }

const ADDRESS = { line1: 'Hauptstraße 1', city: 'Berlin', postal_code: '10115', country_code: 'DEU' }
export const GERMAN_MERCHANT = {
  legal_name: 'Bäckerei Muster GmbH',
  country_code: 'DEU',
  address: ADDRESS,
  fiscal_identities: [{ country_code: 'DEU', tax_number: '27/123/45678', vat_id: 'DE123456789' }],
}
/** Another taxpayer each: an agent takes no second active merchant with the same tax number. */
export function germanMerchant(number: number): typeof GERMAN_MERCHANT {
  const [identity] = GERMAN_MERCHANT.fiscal_identities
  const identities = [
    { country_code: 'DEU', vat_id: 'DE123456789', ...identity, tax_number: `27/124/${10_000 + number}` },
  ]
  return { ...GERMAN_MERCHANT, fiscal_identities: identities }
}
export const GERMAN_LOCATION = { name: 'Filiale Mitte', address: ADDRESS, timezone: 'Europe/Berlin' }

/** Often while it may come at once, then seldom: a look costs as much as the work that it waits for. */
const POLL_LEAST_MS = 2
const POLL_MOST_MS = 25
/** Of devices and what is read from them, of clock, machine, program, journal and targets: no request makes these. */
const UNREQUESTED = /^(alert|clock|device|journal|machine|printer|program|sync|tse|unit)\./
/** Of the log and the journal, in the failure of a wait. */
const LINES_SHOWN = 12
const EVENTS_SHOWN = 4

/**
 * The real agent in this process, over HTTP, on a separate state directory. Use it with `await using`, which stops the
 * agent and removes the state.
 */
export class Bench {
  readonly config: Config
  /** Everything the agent logged. */
  readonly lines: Line[] = []
  readonly #options: BenchOptions
  readonly #directory: string
  /** agent.json. */
  readonly #plain: Members
  #agent: Agent | undefined
  readonly #check: ContractCheck
  #url = ''
  readonly #urls: string[] = []
  #platformKey = ''
  #shops = 0

  private constructor(directory: string, options: BenchOptions) {
    this.#directory = directory
    this.#options = options
    this.#check = options.laws === undefined ? BUILT_IN : new ContractCheck(contractOf(options.laws))
    const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
    this.#plain = { version: 1, state: 'state', listen: { port: 0 }, devices, ...options.config }
    this.config = configWith(options.laws ?? [], this.#plain, directory)
  }

  static async open(options: BenchOptions = {}): Promise<Bench> {
    const bench = new Bench(await mkdtemp(join(tmpdir(), 'e2e-')), options)
    emptyReserve(bench.config.state)
    await bench.start()
    bench.#platformKey = (await bench.agent.administration.createKey('platform')).key
    return bench
  }

  get agent(): Agent {
    if (this.#agent === undefined) throw new Error('the agent is stopped')
    return this.#agent
  }

  get url(): string {
    return this.#url
  }

  get platformKey(): string {
    return this.#platformKey
  }

  /** The platform key with another last character. */
  get mistypedKey(): string {
    return `${this.#platformKey.slice(0, -1)}${this.#platformKey.endsWith('_') ? '-' : '_'}`
  }

  /** A back office with the platform key; follows a restart to the new port. */
  get office(): Client {
    return this.client({ Authorization: `Bearer ${this.#platformKey}` })
  }

  client(headers: Readonly<Record<string, string>>): Client {
    return new Client(() => this.#url, headers, this.#check)
  }

  async start(): Promise<void> {
    const clock = this.#options.clock ?? systemClock
    const random = randomStore(randomBytes)
    const fault = this.#options.atPoint ?? (() => undefined)
    const { processFigures, commands, boot, diskLook, laws, machine } = this.#options
    const environment = {
      clock,
      random,
      log: this.#options.log ?? this.#log(),
      fault,
      ...(processFigures && { processFigures }),
      ...(commands && { commands }),
      ...(boot && { boot }),
      ...(diskLook && { diskLook }),
      ...(machine && { machineNumbers: async () => machine(), comparesMachine: true }),
      // The configuration has the keys of these laws.
      ...(laws && { laws: laws as readonly Law<Config>[] }),
    }
    this.#agent = await compose(this.config, environment)
    this.#url = (await this.#agent.listen()).url
    this.#urls.push(this.#url)
  }

  async stop(): Promise<void> {
    const agent = this.#agent
    this.#agent = undefined
    await agent?.stop()
    if (agent !== undefined) this.#demandProgress()
  }

  /** An orderly stop and a new start on the same state, on another port. `between` gets the idle state. */
  async restart(between: () => Promise<void> = async () => undefined): Promise<void> {
    await this.stop()
    await between()
    await this.start()
  }

  /** Injects faults into a simulator: `NAME[=ARG]@ACT[#WHICH]`, or `clear`. */
  async fault(...faults: readonly string[]): Promise<void> {
    for (const fault of faults) await this.agent.administration.fault('tse-1', fault)
  }

  /** The same for a device of that id. */
  async faultAt(device: string, fault: string): Promise<void> {
    await this.agent.administration.fault(device, fault)
  }

  /** Merchant and location in Germany, as a back office makes them once. */
  async shop(office: Client = this.office): Promise<{ merchantId: string; locationId: string }> {
    const merchant = this.#shops === 0 ? GERMAN_MERCHANT : germanMerchant(this.#shops)
    this.#shops++
    const merchantId = String((await office.post('/v1/merchants', merchant))['id'])
    const owner = office.forMerchant(merchantId)
    return { merchantId, locationId: String((await owner.post('/v1/locations', GERMAN_LOCATION))['id']) }
  }

  /** A fiscalized register at a location. */
  async register(locationId: string, office: Client = this.office): Promise<Register> {
    return (await this.#fiscalize(locationId, office)).register
  }

  async #fiscalize(locationId: string, office: Client): Promise<{ register: Register; answer: Members }> {
    const newRegister = await office.post('/v1/registers', { location_id: locationId, name: 'Kasse' })
    const id = String(newRegister['id'])
    const answer = await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
    const key = String(answer['register_api_key'])
    const { client_id: clientId } = answer['fiscalization'] as { client_id: string }
    return { register: { id, clientId, key, till: this.client({ 'X-Register-Api-Key': key }) }, answer }
  }

  /** A register of a new shop with an open session. */
  async till(float = '50.00'): Promise<Register> {
    const { locationId } = await this.shop()
    const { register, answer } = await this.#fiscalize(locationId, this.office)
    await untilFiscalized(this.office, answer)
    await register.till.create(event('session_open', register.id, { opening_balance_amount: float }))
    return register
  }

  /** Waits until a look is worth something; fails at the limit of a wait. */
  async until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
    // Many agents of one file may share a busy machine.
    const sinceMs = turnedMs()
    for (let polls = 0; turnedMs() - sinceMs < WAIT_LIMIT_MS * crowded(); polls++) {
      const seen = await look()
      if (seen !== undefined && seen !== false) return seen
      await delay(Math.min(POLL_MOST_MS, POLL_LEAST_MS * (1 + polls)))
    }
    const seen = { runs: lifetimes(), log: this.lines.slice(-LINES_SHOWN), last: this.journal().slice(-EVENTS_SHOWN) }
    throw new Error(`still waiting for ${look}: ${JSON.stringify(seen, undefined, 1)}`)
  }

  /** Waits until the device is in that state. */
  async untilDevice(state: string): Promise<void> {
    await this.until(() => this.agent.application.devices().some((device) => device['state'] === state))
  }

  /** Waits until every target has the whole journal. */
  async untilSynced(): Promise<void> {
    await this.until(async () => {
      const rows = await this.office.list('/v1/sync')
      return rows.length > 0 && rows.every((row) => row['unacked'] === 0)
    })
  }

  /** The TSE is missing at the next start, and another replaces it. */
  async loseTse(): Promise<void> {
    const device = join(this.config.state, 'devices', 'tse-1')
    await this.restart(() => rename(device, `${device}-lost`))
    await this.untilDevice('foreign')
  }

  /** Everything in the journal after an event, oldest first. */
  journal(after = 0): readonly Event[] {
    const events: Event[] = []
    for (let more = true; more; ) {
      const page = this.agent.application.journal(Number(events.at(-1)?.seq ?? after), 200)
      events.push(...page.data.map((line) => line as unknown as Event))
      more = page.next_cursor !== null
    }
    return events
  }

  /** The number of the newest event. */
  head(): number {
    return this.agent.application.changes.head()
  }

  /** What requests recorded after an event. A living agent also records by itself, at any moment. */
  requestedSince(head: number): readonly Event[] {
    return this.journal(head).filter(({ kind }) => !UNREQUESTED.test(kind))
  }

  /** Exports the whole archive or journal through the API and fetches the file by its link. */
  async exported(type: CreateExport['type'], more: Members = {}, office: Client = this.office): Promise<Uint8Array> {
    return (await this.exportedJob(type, more, office)).bytes
  }

  /** The same, with the job that was done. */
  async exportedJob(
    type: CreateExport['type'],
    more: Members = {},
    office: Client = this.office,
  ): Promise<{ job: Members; bytes: Uint8Array }> {
    const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
    const { id } = await office.post('/v1/exports', { type, ...range, ...more }, 202)
    const job = await this.until(async () => {
      const seen = await office.get(`/v1/exports/${String(id)}`)
      return seen['status'] !== 'pending' && seen
    })
    if (job['status'] !== 'completed') throw new Error(JSON.stringify(job))
    const response = await fetch(String(job['download_url']))
    if (!response.ok) throw new Error(`${JSON.stringify(job)}: ${response.status}`)
    return { job, bytes: new Uint8Array(await response.arrayBuffer()) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    const { laws, edits, machine } = this.#options
    // A release has its own laws, and the machine of its tests; an edited journal is none of an agent.
    if (laws === undefined && edits !== true && machine === undefined && !EDITED_STATES.has(this.config.state))
      keepBench(this.#directory, this.#plain, this.#urls, this.#platformKey)
    // A running command of a unit may finish after the stop of the agent: its file comes then.
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
  }

  /** For every sale of the test, each event follows from those before it, and each document fits the contract. */
  #demandProgress(): void {
    if (this.#options.edits === true || !hasJournal(this.config.state)) return
    const all = 'SELECT * FROM event ORDER BY seq'
    const events = readJournal(this.config.state, (db) => db.prepare<[], Event>(all).all())
    const isEdited = EDITED_STATES.has(this.config.state)
    const contradictionsFound = [
      ...contradictions(events),
      ...(isEdited ? [] : misshapen(events, this.#check.contract)),
    ]
    if (contradictionsFound.length > 0)
      throw new Error(`the journal contradicts itself:\n${contradictionsFound.join('\n')}`)
  }

  #log(): Log {
    const log = (level: Line['level']) => (fields: Members, message: string) => {
      this.lines.push({ level, message, fields })
    }
    return { info: log('info'), warn: log('warn'), error: log('error') }
  }
}

/** The built-in laws have their keys in any case. */
function configWith(laws: readonly Law<never>[], plain: Members, directory: string): Config {
  return checkConfigWith('bench', plain, directory, { ...LAW_KEYS, ...keysOf(laws) })
}

type Event = {
  seq: number
  kind: string
  op: string
  at: string
  boot: string
  mono: string
  body: string
  hash: string
}
