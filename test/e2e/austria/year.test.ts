// @module-tag heavy
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { matchDep7s } from '../../../agent/laws/austria/verify-together.ts'
import type { Armed } from '../../crash/daemon.ts'
import { administer } from '../../crash/daemon.ts'
import type { Seeded } from '../../crash/seeded.ts'
import { seeded } from '../../crash/seeded.ts'
import { SOFTHSM, tokensOfFile } from '../../drivers/native/soft-token.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Answer, Members } from '../client.ts'
import { completion } from '../client.ts'
import { elsewhere, event, goods, pay } from '../goods.ts'
import { Lives } from './lives.ts'

const PIN = '74091358'
const POINTS = [
  'journal.before-commit',
  'journal.after-commit',
  'device.before-sign',
  'device.after-sign',
  'answer.before',
] as const
const tokens = tokensOfFile(async (made) => {
  for (const label of ['kassa-1', 'kassa-2']) await made.makeToken(label, PIN)
  writeFileSync(join(made.folder, 'pin'), PIN, { mode: 0o600 })
})

function cardIn(token: string) {
  const settings = { driver: 'card-pkcs11', module: SOFTHSM, token, pinFile: join(tokens.folder, 'pin') }
  return { id: 'card-1', ...settings }
}

/** A register through a year: each call is a day with a separate agent, which may kill itself at a seeded step. */
class Year {
  readonly shop = new Lives(cardIn('kassa-1'))
  readonly random: Seeded
  register = ''
  cents = 0
  #acts = 0

  constructor(seed: number) {
    this.random = seeded(seed)
  }

  async begin(at: string): Promise<void> {
    this.shop.offsetMs = Date.parse(at) - Date.now()
    this.register = await this.shop.open()
    await this.sell()
  }

  /** A day of receipts. Some days the agent is killed and started again until each is answered. */
  async day(at: string, armed?: Armed): Promise<void> {
    await this.shop.bury()
    this.shop.offsetMs = Date.parse(at) - Date.now()
    await this.shop.live(armed ?? this.#death())
    for (let receipts = 1 + this.random.below(4); receipts > 0; receipts--) await this.act()
  }

  async act(): Promise<void> {
    const lot = this.random.below(10)
    if (lot < 5) await this.sell()
    else if (lot < 7) await this.sell('return', -1, elsewhere)
    else if (lot < 8) await this.sell('sale', 1, { training: true })
    else await this.reverse(await this.sell())
  }

  async sell(type: 'sale' | 'return' = 'sale', sign = 1, more: Members = {}): Promise<Answer> {
    const cents = sign * (1 + this.random.below(20_000))
    const amount = (cents / 100).toFixed(2)
    const rate = this.random.pick(['0.20', '0.10', '0.13', '0.19', '0'])
    const body = goods(type, this.register, [[amount, rate]], more)
    const open = await this.#insist('/v1/operations', body)
    const done = await this.shop.insist(completion({ id: String(open.json['id']) }, [pay('cash', amount)]))
    if (!('training' in more)) this.cents += cents
    return done
  }

  async reverse(sold: Answer): Promise<void> {
    const more = { related_operation_id: String(sold.json['id']) }
    await this.#insist('/v1/operations', event('void', this.register, more))
    this.cents -= Math.round(Number(sold.json['total_amount']) * 100)
  }

  close(type: string): Promise<Answer> {
    return this.#insist(`/v1/registers/${this.register}/closings`, { type })
  }

  #insist(path: string, body: object): Promise<Answer> {
    this.#acts += 1
    return this.shop.insist({ path, body, key: `act-${this.#acts}` })
  }

  #death(): Armed | undefined {
    if (!this.random.chance(0.4)) return undefined
    return { points: [this.random.pick(POINTS)], hit: 1 + this.random.below(5), from: 'ready' }
  }
}

test('a seeded year of special receipts, outages, a change of card, both clock changes and crashes verifies', async () => {
  const year = new Year(20_260_101)
  const { shop } = year
  await year.begin('2026-01-02T08:00:00Z')
  await year.day('2026-02-03T09:00:00Z')
  // Summer time begins: 01:30, then 03:30.
  await year.day('2026-03-29T00:30:00Z')
  await year.day('2026-03-29T01:30:00Z')
  await year.day('2026-04-20T09:00:00Z')
  await year.close('zero')

  await tokens.pull()
  await year.day('2026-05-10T09:00:00Z')
  await year.day('2026-05-13T10:00:00Z')
  const warned = JSON.stringify(await shop.office.list('/v1/devices'))
  expect(warned).toContain('card_outage_report_due')
  await tokens.putBack()
  await year.day('2026-05-14T09:00:00Z')

  const config = JSON.parse(readFileSync(shop.place.config, 'utf8')) as object
  writeFileSync(shop.place.config, JSON.stringify({ ...config, devices: [cardIn('kassa-2')] }))
  await year.day('2026-06-15T09:00:00Z', { points: [], hit: 1, from: 'ready' })
  await administer(shop.place.state, 'deviceAct', 'card-1', 'init')
  await year.day('2026-06-16T09:00:00Z')
  await year.close('monthly')
  // No receipt in July and August; summer time ends: 02:30, then 02:10.
  await year.day('2026-10-25T00:30:00Z')
  await year.day('2026-10-25T01:10:00Z')

  await tokens.pull()
  await year.day('2026-11-29T09:00:00Z')
  await year.day('2026-12-02T09:00:00Z')
  await tokens.putBack()
  await year.day('2026-12-03T09:00:00Z')
  await year.day('2027-01-04T09:00:00Z')
  await shop.insist({
    path: '/v1/operations',
    body: event('session_cash_count', year.register, { counted_closing_amount: '0.00' }),
    key: 'count',
  })
  await shop.insist({
    path: '/v1/operations',
    body: event('session_close', year.register, { business_date: '2027-01-04' }),
    key: 'close',
  })
  await shop.insist({ path: `/v1/registers/${year.register}/decommission`, body: {}, key: 'end' })

  const closings = await shop.office.list(`/v1/registers/${year.register}/closings?limit=100`)
  const kinds = closings.map(({ type, period }) => [type, ...(period === undefined ? [] : [period])].join(' '))
  expect(kinds.filter((kind) => kind !== 'collective')).toEqual([
    'start',
    'monthly 2026-01',
    'monthly 2026-02',
    'monthly 2026-03',
    'zero',
    'monthly 2026-04',
    'monthly 2026-05',
    'monthly 2026-06',
    'monthly 2026-10',
    'monthly 2026-11',
    'annual 2026',
    'final',
  ])
  const report = await shop.verifiedDep(year.register)
  const [dep7, journal] = ['dep7.json', 'journal.ndjson'].map((name) => join(shop.place.folder, name)) as [
    string,
    string,
  ]
  const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
  await administer(shop.place.state, 'exportTo', 'journal', range, journal)
  await shop.bury()
  const match = await matchDep7s(journal, [{ file: dep7, isSound: false }], { isEverything: true })
  expect(match).toMatchObject({ findings: [], matched: report.receipts, outages: report.outageReceipts, absent: [] })
  expect(match.signatures).toBe(report.signaturesVerified)
  expect(report.findings).toEqual([])
  expect(report).toMatchObject({ valid: true, turnoverCents: BigInt(year.cents) })
  expect(report.outageReceipts).toBeGreaterThan(3)
  expect(kinds.filter((kind) => kind === 'collective').length).toBeGreaterThan(1)
  expect(report.signaturesVerified).toBe(report.receipts - report.outageReceipts)
  expect(await verifyJournal(shop.place.state)).toMatchObject({ valid: true })
})
