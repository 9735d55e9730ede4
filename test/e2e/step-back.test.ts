// @module-tag heavy
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readJournal } from '../../agent/journal/reader.ts'
import type { Daemon } from '../cli/command.ts'
import { ownTill } from '../cli/command.ts'
import { MERCHANT as AUSTRIAN, ONE_CARD, LOCATION as VIENNA } from './austria/shop.ts'
import { GERMAN_LOCATION, GERMAN_MERCHANT } from './bench.ts'
import type { Members } from './client.ts'
import { event, goods, pay } from './goods.ts'
import { MERCHANT as ITALIAN, ONE_PRINTER, LOCATION as TURIN } from './italy/shop.ts'
import type { Program } from './later-program.ts'
import { command, hanging, LATER_VERSION, laterProgram, PLANTED, start, THIS } from './later-program.ts'

type Country = { devices: readonly object[]; merchant: object; location: object; rate: string }
const COUNTRIES: readonly [string, Country][] = [
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

type Sent = { path: string; body?: object; key?: string; ifMatch?: unknown; method?: string }
type Reply = { status: number; json: Members; text: string }

const TRIES_MAX = 10

/** A shop that one program after another serves from one state; no answer of it is ever 500. */
class Shop {
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

  async post(path: string, body: object, more: Partial<Sent> = {}): Promise<Members> {
    const sent = { key: `key-${++this.#serial}`, path, body, ...more }
    let reply = await this.send(sent)
    // As a till does: a device may still be asked about an act of the former start.
    for (let tries = 0; reply.status === 503 && tries < TRIES_MAX; tries++) reply = await this.send(sent)
    const { status, json, text } = reply
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

/** What the later program leaves behind. */
type Left = {
  swap: Members
  swapKey: Sent
  ended: Members
  endedKey: Sent
  sold: Members
  open: Record<string, Members>
  acts: Sent[]
}

async function work(shop: Shop): Promise<Left> {
  const first = await shop.sell()
  const type = { type: 'swap', related_operation_id: first['id'] }
  const swapBody = { ...shop.goods('exchange', ['-10.00', '14.00']), ...type }
  const endedKey: Sent = { path: '/v1/operations', body: { ...swapBody, note: 'ended' }, key: 'ended' }
  const begun = await shop.post(endedKey.path, endedKey.body ?? {}, endedKey)
  const end = shop.completion(begun, '4.00')
  const ended = await shop.post(end.path, end.body ?? {}, end)
  const second = await shop.sell()
  const swapKey: Sent = { ...endedKey, body: { ...swapBody, related_operation_id: second['id'] }, key: 'swap' }
  const swap = await shop.post(swapKey.path, swapKey.body ?? {}, swapKey)
  const amended = await shop.begin(undefined)
  await shop.post(
    `/v1/operations/${amended['id']}`,
    {
      line_items: (shop.goods('sale', ['12.00']) as { line_items: object }).line_items,
      ...amounts(shop.goods('sale', ['12.00'])),
    },
    { method: 'PATCH', ifMatch: amended['resource_version'] },
  )
  const open = {
    swap,
    amended,
    member: await shop.begin(PLANTED.member),
    mark: await shop.begin(PLANTED.mark),
  }
  const sold = await shop.sell(PLANTED.member)
  return { swap, swapKey, ended, endedKey, sold, open, acts: [] }
}

function amounts({ pretax_amount, tax_amount, tip_amount, total_amount }: Members): Members {
  return { pretax_amount, tax_amount, tip_amount, total_amount }
}

/** Acts that never end: the process is killed while they run. Where a law holds the answer, no till gets one. */
async function hang(shop: Shop, law: string): Promise<Sent[]> {
  const notes = law === 'Germany' ? [PLANTED.act, PLANTED.actMember] : [PLANTED.act]
  const sent: Sent[] = []
  for (const note of notes) {
    const open = await shop.begin(`${note}, ${PLANTED.hangs}`)
    const completion = { ...shop.completion(open), key: `hangs-${sent.length}` }
    const answer = shop.send(completion).catch(() => undefined)
    const isIntended = () =>
      shop.events().some(({ op, body }) => op === open['id'] && /"act":.*(_later"|"levy":1)/.test(body))
    while (!isIntended()) await shop.send({ path: '/healthz' })
    if (law === 'Germany') await answer
    sent.push(completion)
  }
  return sent
}

function tooOld(effect: string): object {
  return expect.objectContaining({
    code: 'version_too_old',
    fiscal_effect: effect,
    details: expect.objectContaining({ version: LATER_VERSION }),
  })
}

test.each(COUNTRIES)(
  '%s: a shop steps back from a later program, sells, closes, and steps forward again',
  async (law, country) => {
    const later = laterProgram()
    const shop = new Shop(country)
    await shop.open(later)
    const left = await work(shop)
    const acts = await hang(shop, law)
    await shop.stop('SIGKILL')
    const before = shop.events().length

    await shop.serve(THIS)
    for (const [name, { id, resource_version: ifMatch }] of Object.entries(left.open)) {
      const path = `/v1/operations/${id}`
      const complete = await shop.send(shop.completion({ id, resource_version: ifMatch }))
      expect([name, complete.status, complete.json]).toEqual([name, 409, tooOld('none')])
      const gone = await shop.send({ path: `${path}/void`, body: { reason: 'operator_cancelled' }, ifMatch })
      expect([name, gone.status, gone.json]).toEqual([name, 409, tooOld('none')])
      const receipt = await shop.send({ path: `${path}/receipt` })
      expect([name, receipt.status]).toEqual([name, 409])
      expect((await shop.send({ path })).status).toBe(name === 'swap' ? 409 : 200)
    }
    expect((await shop.send(left.swapKey)).json).toEqual(tooOld('recorded'))
    expect((await shop.send(left.endedKey)).json).toEqual(tooOld('recorded'))
    for (const act of acts) expect((await shop.send(act)).json).toEqual(tooOld('unknown'))
    const readiness = await shop.send({ path: '/readyz' })
    expect(readiness.text).toContain('journal_newer')
    expect((await shop.send({ path: '/v1/operations' })).json['data']).not.toContainEqual({})
    await shop.sell()
    await shop.session('session_cash_count', { counted_closing_amount: '100.00' })
    await shop.session('session_close', { business_date: new Date().toISOString().slice(0, 10) })
    await shop.openSession()
    await shop.sell()
    const untouched = new Set([
      ...Object.values(left.open).map(({ id }) => String(id)),
      ...acts.map(({ path }) => path.split('/')[3] ?? ''),
    ])
    expect(shop.events().filter(({ seq, op }) => seq > before && untouched.has(op))).toEqual([])
    const listed = await shop.run(THIS, 'journal', 'check')
    expect([listed.code, listed.out.trim().split('\n').length]).toEqual([
      1,
      Object.keys(left.open).length + acts.length,
    ])
    await shop.stop('SIGTERM')
    const verified = await shop.run(THIS, 'journal', 'verify', '--json')
    const report = JSON.parse(verified.out) as { codes: { code: string; level: string }[]; projections: string }
    expect([verified.code, report.codes.filter(({ level }) => level === 'error'), report.projections]).toEqual([
      1,
      [expect.objectContaining({ code: 'version_too_old', facts: { version: LATER_VERSION } })],
      'equal',
    ])

    rmSync(hanging(later.root))
    await shop.serve(later)
    const replays = await Promise.all([shop.send(left.swapKey), shop.send(left.endedKey)])
    expect(replays.map(({ status }) => status)).toEqual([201, 201])
    for (const act of acts) expect((await shop.post(act.path, act.body ?? {}, act))['status']).toBe('completed')
    await shop.sell()
    for (const { id } of Object.values(left.open)) {
      const { json } = await shop.send({ path: `/v1/operations/${id}` })
      const late = await shop.send(shop.completion(json, String(json['total_amount'])))
      expect(late.json['code']).toBe('session_invalid_state')
      const gone = await shop.send({
        path: `/v1/operations/${id}/void`,
        body: { reason: 'operator_cancelled' },
        ifMatch: json['resource_version'],
      })
      expect([gone.status, gone.text]).toEqual([200, gone.text])
    }
    await shop.stop('SIGTERM')
    const whole = await shop.run(later, 'journal', 'verify')
    expect([whole.code, whole.out]).toEqual([0, expect.stringMatching(/^✔ /)])
  },
  240_000,
)

test('a journal that asks for a newer version is opened and restored by no older one, also from a tail', async () => {
  const [, germany] = COUNTRIES[0] ?? []
  if (germany === undefined) throw new Error('no country')
  const later = laterProgram(LATER_VERSION)
  const shop = new Shop(germany)
  await shop.open(THIS)
  const before = join(shop.state, '../before.backup')
  expect((await shop.run(THIS, 'backup', before, '--no-secrets')).code).toBe(0)
  await shop.stop('SIGTERM')
  expect((await shop.run(THIS, 'journal', 'check')).code).toBe(0)

  await shop.serve(later)
  await shop.sell()
  const [after, tail] = [join(shop.state, '../after.backup'), join(shop.state, '../tail.ndjson')]
  expect((await shop.run(later, 'backup', after, '--no-secrets')).code).toBe(0)
  expect((await shop.run(later, 'export', 'journal', '--out', tail)).code).toBe(0)
  await shop.stop('SIGTERM')
  expect(readFileSync(join(shop.state, 'journal.version'), 'utf8')).toContain(`min_safe_version ${LATER_VERSION}`)

  await expect(shop.serve(THIS)).rejects.toThrow('journal_too_new')
  for (const args of [
    ['journal', 'check'],
    ['restore', after, '--no-secrets', '--unsealed'],
    ['restore', before, '--no-secrets', '--unsealed', '--tail', tail],
  ]) {
    const other = new Shop(germany)
    const { code, err, out } = await (args[0] === 'restore' ? other : shop).run(THIS, ...args)
    expect([args, code, `${out}${err}`]).toEqual([args, 1, expect.stringContaining('journal_too_new')])
    expect(existsSync(join(other.state, 'journal.db'))).toBe(false)
  }
  const restored = new Shop(germany)
  const done = await restored.run(later, 'restore', after, '--no-secrets', '--unsealed')
  expect([done.code, done.err]).toEqual([0, ''])
}, 240_000)
