import type { KeyObject } from 'node:crypto'
import { verifyDep7 } from '../../verify/rksv/verify-dep7.ts'
import { LOCATION, MERCHANT } from '../e2e/austria/shop.ts'
import { elsewhere, goods } from '../e2e/goods.ts'
import type { AnswerLog, Members } from './answer-log.ts'
import type { Lines } from './lines-back.ts'
import { linesBack } from './lines-back.ts'
import { OwnReceivables } from './own-receivables.ts'
import { OwnVouchers } from './own-vouchers.ts'
import type { Till } from './till.ts'
import { beginGoods, fiscalize, money, paymentsOf } from './till.ts'

type Type = Parameters<typeof goods>[0]
/** The files of a register for an inspector; `report`: of its open session, if it has one. */
export type RegisterFiles = { dep: string; dep131: string; aesKey: KeyObject; report?: Members }

const RATES = ['0.20', '0.20', '0.10', '0.13', '0.19', '0'] as const
/** Fields 5 to 9 of the code, by rate, and their names in the books. */
const FIELDS = ['Normal', 'Ermaessigt-1', 'Ermaessigt-2', 'Null', 'Besonders'] as const
const NULL_FIELD = 3
const FIELD_OF: ReadonlyMap<number, number> = new Map([
  ...([
    [0.2, 0],
    [0.1, 1],
    [0.13, 2],
    [0, NULL_FIELD],
    [0.19, 4],
  ] as const),
])
/** Field 10 of the code, and what training has there. */
const COUNTER = 10
const TRAINING = 'VFJB'
/** Cents by field: of signed receipts, and of all operations. */
type Counters = { readonly signed: number[]; readonly all: number[] }
/** What adds to a counter. */
type Counted = { line_items?: unknown; tip_amount?: unknown }

/** The acts of tills under the law of Austria, and their knowledge after them. */
export class AustrianTills {
  /** The five counters of each register by the tills' own arithmetic. */
  readonly #counters = new Map<string, Counters>()
  /** Counts over all registers, once proven; a group ends if another unit takes over. */
  #location = ''
  readonly proven = { receipts: 0, outageReceipts: 0, groups: 0 }

  /** Two tills on each register: its receipts wait for each other. */
  async openShop(office: Till, tills: number): Promise<string[]> {
    await office.act('/v1/merchants', MERCHANT)
    const { id: location_id } = await office.act('/v1/locations', LOCATION)
    this.#location = String(location_id)
    const ids: string[] = []
    for (let number = 1; number <= tills / 2; number++) {
      const wanted = { location_id, name: `Kassa ${number}`, fiscal_device: 'card-1' }
      const id = String((await office.act('/v1/registers', wanted))['id'])
      ids.push(await fiscalize(office, id))
      await office.act('/v1/operations', openingOf(id))
    }
    return [...ids, ...ids]
  }

  /** One act of everything that is signed, or is not. */
  async work(till: Till, register: string): Promise<void> {
    const lot = till.random.below(26)
    if (lot < 10) await this.#sell(till, register, 'sale', 1)
    else if (lot < 12) await this.#sell(till, register, 'return', -1, elsewhere)
    else if (lot < 13) await this.#sell(till, register, 'exchange', till.random.pick([1, -1]), elsewhere)
    else if (lot < 15) await this.#sell(till, register, 'sale', 1, { training: true })
    else if (lot < 18) await this.#sellAndReverse(till, register)
    else if (lot < 19) await this.#giveUp(till, register)
    else if (lot < 22)
      await new OwnVouchers(till, register, { rates: ['0.20', '0.10'], done: this.#done(register) }).act()
    else if (lot < 25) await this.#claims(till, register).act(Number.POSITIVE_INFINITY)
    else await till.act('/v1/operations', { ...drawer(register), type: 'session_cash_adjustment', cash_amount: '5.00' })
  }

  /** A register of a day: its Startbeleg and its Schlussbeleg. */
  async openAndEnd(office: Till): Promise<void> {
    const wanted = { location_id: this.#location, name: 'Markt', fiscal_device: 'card-1' }
    const id = await fiscalize(office, String((await office.act('/v1/registers', wanted))['id']))
    this.#countersOf(id)
    await office.act(`/v1/registers/${id}/decommission`, {})
  }

  /** Each chain as an inspector sees it, compared with the tills' own counts and answers. */
  async prove(answers: AnswerLog, filesOf: (register: string) => Promise<RegisterFiles>): Promise<string[]> {
    const violations: string[] = []
    const codes = new Set<string>()
    for (const [register, counters] of this.#counters) {
      const files = await filesOf(register)
      const report = await verifyDep7(chunksOf(files.dep), files)
      for (const { id, number, message } of report.findings)
        violations.push(`RKSV ${register} ${number} ${id}: ${message}`)
      this.proven.receipts += report.receipts
      this.proven.outageReceipts += report.outageReceipts
      this.proven.groups += report.groups
      violations.push(...differences(register, files, counters, report.turnoverCents))
      for (const code of codesOf(files.dep)) codes.add(code)
    }
    for (const { key, path, body } of answers.held) {
      const facts = (JSON.parse(body) as Members)['fiscal_information'] as Members | null | undefined
      const code = facts?.['machine_code']
      if (typeof code === 'string' && !codes.has(code))
        violations.push(`RKSV the receipt answered to ${path} ${key} is in no DEP: ${code}`)
    }
    return violations
  }

  async #sell(till: Till, register: string, type: Type, sign: number, more: Members = {}): Promise<Members> {
    const { random } = till
    const line = (): Lines[number] => [money(sign * (1 + random.below(9000))), random.pick(RATES)]
    const lines = Array.from({ length: 1 + random.below(3) }, line)
    const back = type === 'sale' ? linesBack(random, lines, RATES, () => undefined) : []
    const body = goods(type, register, [...lines, ...back], more)
    const { path, version, last } = await beginGoods(till, body)
    const total = String(body['total_amount'])
    const tip = type === 'sale' && Object.keys(last).length === 0 && random.chance(0.2) ? 1 + random.below(300) : 0
    const [isByCash, tipped] = [random.chance(0.5), tip === 0 ? {} : { tip_amount: money(tip) }]
    const payments = paymentsOf(money(Math.round(Number(total) * 100) + tip), isByCash)
    const done = await till.act(`${path}/complete`, { payments, ...tipped, ...last }, version)
    if (more['training'] !== true) this.#done(register)({ ...body, ...tipped })
    return done
  }

  #claims(till: Till, register: string): OwnReceivables {
    const add = (body: Counted) => this.#add(this.#countersOf(register).all, body)
    return new OwnReceivables(till, register, { rate: '0.20', isPartly: false, done: this.#done(register), owed: add })
  }

  async #sellAndReverse(till: Till, register: string): Promise<void> {
    const { id } = await this.#sell(till, register, 'sale', 1)
    const body = { type: 'void', register_id: register, currency: 'EUR', related_operation_id: id }
    this.#done(register)(await till.act('/v1/operations', body))
  }

  async #giveUp(till: Till, register: string): Promise<void> {
    const { path, version } = await beginGoods(till, goods('sale', register, [['1.00', '0.20']]))
    await till.act(`${path}/void`, { reason: 'operator_cancelled' }, version)
  }

  /** A signed receipt over these goods. */
  #done(register: string): (body: Counted) => void {
    return (body) => {
      const { signed, all } = this.#countersOf(register)
      for (const counter of [signed, all]) this.#add(counter, body)
    }
  }

  #add(counter: number[], { line_items: lines = [], tip_amount: tip = '0.00' }: Counted): void {
    const add = (field: number, amount: unknown) => {
      counter[field] = (counter[field] ?? 0) + Math.round(Number(amount) * 100)
    }
    for (const { total_amount: total, taxes, type } of lines as readonly Members[]) {
      const [{ rate } = { rate: '0' }] = taxes as readonly { rate: string }[]
      add(type === 'receivable' ? NULL_FIELD : (FIELD_OF.get(Number(rate)) ?? -1), total)
    }
    add(NULL_FIELD, tip)
  }

  #countersOf(register: string): Counters {
    const counters = this.#counters.get(register) ?? { signed: FIELDS.map(() => 0), all: FIELDS.map(() => 0) }
    this.#counters.set(register, counters)
    return counters
  }
}

/** Files and report of a register that have other sums than its tills. `turnoverCents`: the counter. */
function differences(
  register: string,
  { dep, dep131, report }: RegisterFiles,
  { signed, all }: Counters,
  turnoverCents: bigint | undefined,
): string[] {
  const stated: readonly (readonly [string, readonly number[] | undefined, readonly number[]])[] = [
    ['counter', [Number(turnoverCents ?? -1)], [signed.reduce((sum, cents) => sum + cents, 0)]],
    ['DEP7', centsOf(codesOf(dep)), signed],
    ['DEP131', rowCents(dep131), all],
    ['report', report && reportCents(report), all],
  ]
  return stated.flatMap(([what, sums, sold]) =>
    sums === undefined || String(sums) === String(sold)
      ? []
      : [`RKSV the ${what} of ${register} has ${String(sums)}, the tills sold ${String(sold)}`],
  )
}

/** The sums of fields 5 to 9 of codes, without training. */
function centsOf(codes: readonly string[]): number[] {
  const counted = codes.map((code) => code.split('_')).filter((parts) => parts[COUNTER] !== TRAINING)
  return FIELDS.map((_, at) =>
    counted.reduce((sum, parts) => sum + Math.round(Number((parts[5 + at] ?? '').replace(',', '.')) * 100), 0),
  )
}

/** The same of the completed operations in a DEP131. */
function rowCents(dep131: string): number[] {
  const [head = [], ...rows] = dep131
    .trimEnd()
    .split('\n')
    .map((row) => row.split(';'))
  const [kind, field, gross] = ['kind', 'field', 'gross'].map((name) => head.indexOf(name))
  const counted = rows.filter((row) => /^(sale|return|exchange|void)$/.test(row[kind ?? -1] ?? ''))
  return FIELDS.map((name) =>
    counted
      .filter((row) => row[field ?? -1] === `Betrag-Satz-${name}`)
      .reduce((sum, row) => sum + Math.round(Number(row[gross ?? -1]) * 100), 0),
  )
}

/** The same of a report. */
function reportCents({ totals }: Members): number[] {
  const { vat } = totals as { vat: readonly { name: string; amount: string }[] }
  return FIELDS.map((name) =>
    vat
      .filter((row) => row.name === `Betrag-Satz-${name}`)
      .reduce((sum, { amount }) => sum + Math.round(Number(amount) * 100), 0),
  )
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'utf8')
}

function drawer(register: string): object {
  return { register_id: register, currency: 'EUR' }
}

function openingOf(register: string): object {
  return { ...drawer(register), type: 'session_open', opening_balance_amount: '50.00' }
}

/** Machine-readable codes of a DEP: payload, and the signature in standard BASE64. */
function codesOf(dep: string): string[] {
  const { 'Belege-Gruppe': groups } = JSON.parse(dep) as { 'Belege-Gruppe': { 'Belege-kompakt': string[] }[] }
  return groups.flatMap((group) =>
    group['Belege-kompakt'].map((jws) => {
      const [, payload = '', signature = ''] = jws.split('.')
      const text = Buffer.from(payload, 'base64url').toString('utf8')
      return `${text}_${Buffer.from(signature, 'base64url').toString('base64')}`
    }),
  )
}
