import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { readJournal } from '../../agent/journal/reader.ts'
import type { Daemon } from '../cli/command.ts'
import { ownTill } from '../cli/command.ts'
import { WAIT_LIMIT_MS } from '../waits.ts'
import { MERCHANT as AUSTRIAN, ONE_CARD, LOCATION as VIENNA } from './austria/shop.ts'
import { GERMAN_LOCATION, GERMAN_MERCHANT } from './bench.ts'
import type { Members } from './client.ts'
import { event, goods, pay } from './goods.ts'
import { MERCHANT as ITALIAN, ONE_PRINTER, LOCATION as TURIN } from './italy/shop.ts'
import type { Program } from './later-program.ts'
import { command, start } from './later-program.ts'

export type Country = { devices: readonly object[]; merchant: object; location: object; rate: string }
export const COUNTRIES: readonly [string, Country][] = [
  [
    'Germany',
    {
      devices: [{ id: 'tse-1', driver: 'tse-simulator' }],
      merchant: GERMAN_MERCHANT,
      location: GERMAN_LOCATION,
      rate: '0.19',
    },
  ],
  ['Austria', { devices: ONE_CARD.devices, merchant: AUSTRIAN, location: VIENNA, rate: '0.20' }],
  ['Italy', { devices: ONE_PRINTER.devices, merchant: ITALIAN, location: TURIN, rate: '0.22' }],
]

export type Sent = { path: string; body?: object; key?: string; ifMatch?: unknown; method?: string }
type Reply = { status: number; json: Members; text: string }

/** A shop that one program after another serves from one state; no answer of it is ever 500. */
export class Shop {
  readonly #config: string
  readonly #country: Country
  #daemon: Daemon | undefined
  #key = ''
  #serial = 0
  register = ''

  constructor(country: Country) {
    this.#country = country
    this.#config = ownTill(country.devices, { deadlineMs: 2000 })
  }

  get state(): string {
    return join(dirname(this.#config), 'state')
  }

  async serve(program: Program): Promise<void> {
    this.#daemon = await start(program, this.#config)
  }

  run(program: Program, ...args: readonly string[]) {
    return command(program, ...args, '--config', this.#config)
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#daemon?.child.kill(signal)
    await this.#daemon?.ended
  }

  async send({ path, body, key, ifMatch, method }: Sent): Promise<Reply> {
    const response = await fetch(new URL(path, this.#daemon?.url), {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        Authorization: `Bearer ${this.#key}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(body !== undefined && { 'Idempotency-Key': key ?? `key-${++this.#serial}` }),
        ...(ifMatch !== undefined && { 'If-Match': `"${ifMatch}"` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    expect([path, response.status, text]).not.toEqual([path, 500, text])
    return { status: response.status, text, json: text.startsWith('{') ? (JSON.parse(text) as Members) : {} }
  }

  /** Repeats the request as a till does: a device may still be asked about an act of the former start. */
  async answered(sent: Sent): Promise<Reply> {
    let reply = await this.send(sent)
    const isAnswered = async (): Promise<boolean> => {
      if (reply.status === 503) reply = await this.send(sent)
      return reply.status !== 503
    }
    await expect.poll(isAnswered, { message: `an answer to ${sent.path}`, timeout: WAIT_LIMIT_MS }).toBe(true)
    return reply
  }

  async post(path: string, body: object, more: Partial<Sent> = {}): Promise<Members> {
    const sent = { key: `key-${++this.#serial}`, path, body, ...more }
    const { status, json, text } = await this.answered(sent)
    expect([path, status, text]).toEqual([path, expect.toBeOneOf([200, 201, 202]), text])
    return json
  }

  async open(program: Program): Promise<void> {
    await this.serve(program)
    const { out } = await this.run(program, 'key', 'create', 'platform', '--json')
    this.#key = String((JSON.parse(out) as Members)['key'])
    const { merchant, location } = this.#country
    await this.post('/v1/merchants', merchant)
    const { id } = await this.post('/v1/locations', location)
    const { id: register } = await this.post('/v1/registers', { location_id: id, name: 'Kasse 1' })
    this.register = String(register)
    await this.post(`/v1/registers/${register}/fiscalize`, {})
    await this.openSession()
  }

  openSession(): Promise<Members> {
    return this.session('session_open', { opening_balance_amount: '50.00' })
  }

  session(type: string, members: Members): Promise<Members> {
    return this.post('/v1/operations', event(type, this.register, members))
  }

  goods(type: 'sale' | 'exchange' | 'return', amounts: readonly string[], more: Members = {}): Members {
    return goods(
      type,
      this.register,
      amounts.map((amount) => [amount, this.#country.rate]),
      more,
    )
  }

  begin(note: string | undefined, key?: string): Promise<Members> {
    const body = this.goods('sale', ['10.00'], note === undefined ? {} : { note })
    return this.post('/v1/operations', body, { ...(key !== undefined && { key }) })
  }

  completion({ id, resource_version }: Members, amount = '10.00'): Sent {
    return {
      path: `/v1/operations/${id}/complete`,
      body: { payments: [pay('cash', amount)] },
      ifMatch: resource_version,
    }
  }

  async sell(note?: string): Promise<Members> {
    const open = await this.begin(note)
    const { path, body = {}, ...more } = this.completion(open)
    return this.post(path, body, more)
  }

  events(): { seq: number; kind: string; op: string; body: string }[] {
    return readJournal(this.state, (db) =>
      db.prepare('SELECT seq, kind, op, body FROM event ORDER BY seq').all(),
    ) as never
  }
}
