import { isOver } from '../waits.ts'
import type { AnswerLog, Asked, Given, Members } from './answer-log.ts'
import type { Seeded } from './seeded.ts'

/** How a till reaches the agent: over HTTP or, in the simulation, by calls. */
export type Line = {
  /** Undefined if no answer came: too late, broken off, not connected. Never throws. */
  send(asked: Asked): Promise<Given | undefined>
  /** Before the next try. */
  wait(): Promise<void>
  /** The pause before the next act, as a cashier makes it. */
  think(): Promise<void>
  /** The date by the clock of the agent. */
  today(): string
}

/** The test is over, or the agent has refused what it must accept. */
export class TillStopped extends Error {
  override readonly name = 'TillStopped'
  /** The refusal, if it was one. */
  readonly given: Given | undefined

  constructor(message: string, given?: Given) {
    super(message)
    this.given = given
  }
}

const TRIES_MAX = 2000
const STATUS_LATER = new Set([429, 503])

export type TillOptions = {
  random: Seeded
  log: AnswerLog
  line: Line
  /** Share of answered requests that are sent again, to get the same answer. */
  repeats?: number
  /** Asked before every new act: no further work when true. */
  over: () => boolean
}

/** A till that retries without limit: each act is sent under its key until it is answered, and counted once. */
export class Till {
  readonly log: AnswerLog
  readonly #options: TillOptions
  #acts = 0
  readonly name: string
  readonly #answered: Asked[] = []

  constructor(name: string, options: TillOptions) {
    this.name = name
    this.#options = options
    this.log = options.log
  }

  /** Sends until a 2xx comes; throws TillStopped for a refusal that the request does not deserve. */
  async act(path: string, body: object, ifMatch?: number): Promise<Members> {
    return this.#send({ path, body, ...(ifMatch !== undefined && { ifMatch }) })
  }

  /** Replaces the goods of an open operation; the same otherwise. */
  async amend(path: string, body: object, ifMatch: number): Promise<Members> {
    return this.#send({ method: 'PATCH', path, body, ifMatch })
  }

  async #send(request: Omit<Asked, 'key'>): Promise<Members> {
    const asked: Asked = { ...request, key: `${this.name}-${++this.#acts}` }
    await this.#options.line.think()
    const answer = await this.#persist(asked)
    this.#answered.push(asked)
    await this.#repeatSometimes()
    return answer
  }

  /** If the clock has jumped since, the agent names the dates that are possible. */
  async close(event: object): Promise<Members> {
    const close = (business_date: string): Promise<Members> =>
      this.act('/v1/operations', { ...event, type: 'session_close', business_date })
    try {
      return await close(this.#options.line.today())
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal['code'] !== 'business_date_implausible') throw error
      return close(String((refusal['details'] as Members)['first']))
    }
  }

  async #persist(asked: Asked): Promise<Members> {
    const { line, random, repeats = 0 } = this.#options
    const sinceMs = performance.now()
    for (let tries = 0; tries < TRIES_MAX || !isOver(sinceMs); tries++) {
      // The same request twice at once, as an impatient proxy sends it.
      if (random.chance(repeats)) void this.#once(asked)
      const given = await this.#once(asked)
      const document = given !== undefined && given.status < 300 ? (JSON.parse(given.body) as Members) : undefined
      if (document !== undefined && document['fiscalization_status'] !== 'pending') return document
      if (given !== undefined && document === undefined && !mayComeLater(given)) {
        throw new TillStopped(`${asked.path} ${asked.key} was refused: ${given.status} ${given.body}`, given)
      }
      await line.wait()
    }
    throw new TillStopped(`${asked.path} ${asked.key} was not answered in ${TRIES_MAX} tries or more`)
  }

  async #once(asked: Asked): Promise<Given | undefined> {
    const given = await this.#options.line.send(asked)
    if (given !== undefined) this.log.note(asked, given)
    return given
  }

  async #repeatSometimes(): Promise<void> {
    const { random, repeats = 0 } = this.#options
    if (!random.chance(repeats)) return
    const asked = this.#answered[random.below(this.#answered.length)]
    if (asked !== undefined) await this.#once(asked)
  }

  pause(): Promise<void> {
    return this.#options.line.wait()
  }

  get over(): boolean {
    return this.#options.over()
  }

  get random(): Seeded {
    return this.#options.random
  }

  /** Every request that got its 2xx, to be sent again after a restart. */
  get sent(): readonly Asked[] {
    return this.#answered
  }
}

/**
 * A refusal that a device has made is over with its fault: a cashier tries the same completion again. A document that is
 * not in its memory does not come into it.
 */
function mayComeLater({ status, body }: Given): boolean {
  if (status === 409) return body.includes('idempotency_key_in_use')
  if (status === 422) return body.includes('"device_code"') && !body.includes('"document_unknown"')
  return STATUS_LATER.has(status)
}

const ADDRESS = { line1: 'Marktplatz 3', city: 'Lindenau', postal_code: '04177', country_code: 'DEU' }

/** Merchant, location and registers with their TSE clients, each on the device named or on the only one. */
export async function openShop(office: Till, registers: number, devices: readonly string[] = []): Promise<string[]> {
  await office.act('/v1/merchants', {
    legal_name: 'Bäckerei Morgenrot GmbH',
    country_code: 'DEU',
    address: ADDRESS,
    fiscal_identities: [{ country_code: 'DEU', tax_number: '232/123/45678', vat_id: 'DE123456789' }],
    agencies: [{ id: 7, name: 'Lotto "Glück"', address: ADDRESS, vat_id: 'DE999999999' }],
  })
  const location = await office.act('/v1/locations', {
    name: 'Marktplatz',
    address: ADDRESS,
    timezone: 'Europe/Berlin',
  })
  const ids: string[] = []
  for (let number = 1; number <= registers; number++) {
    const device = devices[number - 1]
    const wanted = device === undefined ? {} : { fiscal_device: device }
    const register = { location_id: location['id'], name: `Kasse ${number}`, ...wanted }
    const newRegister = await office.act('/v1/registers', register)
    ids.push(await fiscalize(office, String(newRegister['id'])))
  }
  return ids
}

const FISCALIZE_TRIES = 500

/** Repeated under a new key if the device was down, as a back office would. */
export async function fiscalize(office: Till, id: string): Promise<string> {
  for (let tries = 0; tries < FISCALIZE_TRIES; tries++) {
    const register = await office.act(`/v1/registers/${id}/fiscalize`, {})
    const status = register['fiscalization_status']
    if (status === 'fiscalized') return id
    await office.pause()
  }
  throw new TillStopped(`register ${id} could not be fiscalized`)
}

/** What a request was refused with; an error of another kind is thrown again. */
export function refusalOf(error: unknown): Members {
  if (error instanceof TillStopped && error.given !== undefined) return JSON.parse(error.given.body || '{}') as Members
  throw error
}

/** How goods get into an operation. */
export type Way = 'whole' | 'amended' | 'corrected' | 'with_completion'

const WAYS: readonly [Way, ...Way[]] = ['whole', 'whole', 'whole', 'amended', 'corrected', 'with_completion']

/** An operation with its goods; `last` comes with its completion. */
export type Begun = { id: string; path: string; version: number; last: object }

type Goods = { line_items?: unknown; cart_level_discounts?: unknown; total_amount?: unknown }

/**
 * Begins an operation with the goods of a request: whole, empty and amended, amended again to a part of them and back, or
 * empty until its completion.
 */
export async function beginGoods(till: Till, body: Goods, way: Way = till.random.pick(WAYS)): Promise<Begun> {
  const { line_items, cart_level_discounts, ...others } = body
  const empty = { ...others, ...NOTHING, line_items: [] }
  const open = await till.act('/v1/operations', way === 'whole' ? body : empty)
  const [id, path] = [String(open['id']), `/v1/operations/${String(open['id'])}`]
  let version = Number(open['resource_version'])
  const amend = async (goods: Goods): Promise<void> => {
    const amended = await till.amend(path, goods, version++)
    demand(amended['resource_version'] === version, `${path} must have version ${version}`)
    demand(amended['total_amount'] === (goods.total_amount ?? '0.00'), `${path} must have the amounts of its amendment`)
  }
  if (way === 'amended' || way === 'corrected') await amend(goodsOf(body))
  if (way === 'corrected') {
    await amend({ ...NOTHING, line_items: [] })
    await amend(goodsOf(body))
  }
  return { id, path, version, last: way === 'with_completion' ? goodsOf(body) : {} }
}

/** Completes what was begun, with the goods that were left for then. */
export async function endGoods(till: Till, { path, version, last }: Begun, members: object = {}): Promise<Members> {
  const done = await till.act(`${path}/complete`, { ...members, ...last }, version)
  demand(done['status'] === 'completed', `${path} must be completed: ${String(done['status'])}`)
  return done
}

const NOTHING = { pretax_amount: '0.00', tax_amount: '0.00', tip_amount: '0.00', total_amount: '0.00' }

/** The members that an amendment replaces. */
function goodsOf(body: Members): Goods {
  const names = ['line_items', 'cart_level_discounts', ...Object.keys(NOTHING)]
  return Object.fromEntries(names.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]))
}

/** A sale of one thing at 19 %. */
export function saleBody(register: string, cents: number) {
  const tax = Math.round((cents * 19) / 119)
  const total_amount = money(cents)
  const line = { sku_identifier: 'coffee', title: 'Kaffee', quantity: 1, unit_price: total_amount, total_amount }
  return {
    type: 'sale',
    source: 'POS',
    register_id: register,
    currency: 'EUR',
    pretax_amount: money(cents - tax),
    tax_amount: money(tax),
    tip_amount: '0.00',
    total_amount,
    line_items: [{ ...line, taxes: [{ name: 'USt 19 %', rate: '0.19', tax_amount: money(tax) }] }],
  }
}

export function paymentsOf(total: string, cash: boolean): object[] {
  const method = cash ? 'cash' : 'card'
  return [{ payment_id: 'p1', method, status: 'captured', amount: total, currency: 'EUR' }]
}

export function money(cents: number): string {
  const sign = cents < 0 ? '-' : ''
  const whole = Math.abs(Math.round(cents))
  return `${sign}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')}`
}

export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new TillStopped(otherwise)
}
