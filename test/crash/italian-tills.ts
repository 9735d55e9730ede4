import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { PrintedRecord } from '../../drivers/rt/simulated-memory.ts'
import { LOCATION, MERCHANT, movement } from '../e2e/italy/shop.ts'
import type { AnswerLog, Members } from './answer-log.ts'
import { paidDifferences, paperDifferences } from './italian-paper.ts'
import { italianPayments } from './italian-payments.ts'
import { drawTrade } from './italian-trade.ts'
import type { Till } from './till.ts'
import { beginGoods, fiscalize, money, refusalOf, TillStopped } from './till.ts'

/** Refused in an emergency, or of an entry after it. */
const WAITING: ReadonlySet<string> = new Set(['emergency_open'])
/** A closing came between, or the emergency of the entry has ended. */
const TOO_LATE = /void_after_closing|is an entry of an earlier emergency|has no printed document to annul/

/** Registers of Italy that share one printer: the acts of their tills, and the expected paper. */
export class ItalianTills {
  readonly #slips: boolean
  readonly #vouchers: boolean
  readonly #hasEmergencies: boolean
  /** A return of an entry has no document that a voucher comes back to. */
  readonly #comeBack: boolean

  /**
   * `slips`: cash is moved and sales are for training too, which print one. `vouchers`: the printer deducts those of one
   * purpose. `hasEmergencies`: what only the printer can do is refused while its emergency register is open.
   */
  constructor({ slips = true, vouchers = true, hasEmergencies = false } = {}) {
    this.#hasEmergencies = hasEmergencies
    this.#comeBack = vouchers && !hasEmergencies
    this.#slips = slips
    this.#vouchers = vouchers
  }

  async openShop(office: Till, registers: number): Promise<string[]> {
    await office.act('/v1/merchants', MERCHANT)
    const { id: location_id } = await office.act('/v1/locations', LOCATION)
    const ids: string[] = []
    for (let number = 1; number <= registers; number++) {
      const id = String((await office.act('/v1/registers', { location_id, name: `Cassa ${number}` }))['id'])
      ids.push(await fiscalize(office, id))
      await office.act('/v1/operations', { ...drawer(id), type: 'session_open', opening_balance_amount: '50.00' })
    }
    return ids
  }

  /** One act of everything that is printed. */
  async work(till: Till, register: string): Promise<void> {
    try {
      await this.#work(till, register)
    } catch (error) {
      if (!this.#hasEmergencies || !(WAITING.has(String(refusalOf(error)['code'])) || isUndated(error))) throw error
    }
  }

  async #work(till: Till, register: string): Promise<void> {
    const lot = till.random.below(20)
    if (lot < 6) await this.#sell(till, register)
    else if (lot < 10)
      await this.#complete(till, drawTrade(till.random, register, { vouchers: this.#vouchers, slips: this.#slips }))
    else if (lot < 11) await this.#takeBack(till, register, 'return')
    else if (lot < 12 && this.#comeBack) await this.#takeVoucherBack(till, register)
    else if (lot < 12) await this.#takeBack(till, register, 'return')
    else if (lot < 14) await this.#takeBack(till, register, 'exchange')
    else if (lot < 16) await this.#reverse(till, register)
    else if (lot < 19 && !this.#slips) await this.#sell(till, register)
    else if (lot < 17) await this.#sell(till, register, { training: true })
    else if (lot < 19)
      await till.act('/v1/operations', { ...drawer(register), type: 'session_cash_adjustment', cash_amount: '5.00' })
    else await till.act(`/v1/registers/${register}/closings`, {})
  }

  /** Paper and journal: each reported document is printed once, and each one with our mark was reported. */
  prove(state: string, printed: readonly PrintedRecord[], answers: AnswerLog): string[] {
    const recorded = operationsOf(state)
    const operations = recorded.map(({ id, status, fiscal_information: facts }) => ({
      ...{ id, status, names: namesOf(facts as Members | null) },
    }))
    const told = operations.flatMap(({ names }) => names)
    const unfinished = operations.filter(({ names, status }) => names.length > 0 && status !== 'completed')
    const lost = told.filter((name) => printed.filter((record) => nameOf(record) === name).length !== 1)
    const ours = printed.filter(({ kind, lines }) => kind === 'void' || lines.some((line) => line.startsWith('#REF ')))
    const annulled = annulledIn(state)
    const untold = ours.filter((record) => !annulled.has(subjectOf(record))).map(nameOf)
    const unknown = untold.filter((name) => !told.includes(name))
    const counted = ours.filter((record) => told.includes(nameOf(record)))
    const answered = answers.held.flatMap(({ body }) =>
      namesOf((JSON.parse(body) as Members)['fiscal_information'] as Members | null | undefined),
    )
    return [
      ...paperDifferences(closingsOf(state), counted),
      ...paidDifferences(recorded, counted),
      ...unfinished.map(({ id, status, names }) => `RT ${String(id)} is ${String(status)} and has ${names}`),
      ...told.filter((name, index) => told.indexOf(name) < index).map((name) => `RT ${name} was told twice`),
      ...lost.map((name) => `RT ${name} is not on paper once`),
      ...unknown.map((name) => `RT ${name} is on paper and in no operation`),
      ...answered
        .filter((name) => !told.includes(name))
        .map((name) => `RT ${name} was answered and is in no operation`),
    ]
  }

  async #sell(till: Till, register: string, more: Members = {}): Promise<Members> {
    const lines = Array.from({ length: 1 + till.random.below(3) }, () => ({
      title: till.random.pick(['Pane', 'Caffè', 'Torta']),
      amount: money(1 + till.random.below(5000)),
      rate: till.random.pick(['0.22', '0.10', '0.04']),
    }))
    return this.#complete(till, movement('sale', { id: register }, lines, more))
  }

  /** An exchange prints two documents: a kill may come between them. */
  async #takeBack(till: Till, register: string, type: 'return' | 'exchange'): Promise<void> {
    const sold = await this.#sell(till, register)
    const [first] = sold['line_items'] as { taxes: { rate: string }[] }[]
    // Only goods at a rate of the sale can come back.
    const back = { title: 'Reso', amount: '-0.01', rate: String(first?.taxes[0]?.rate) }
    const lines = type === 'return' ? [back] : [back, { title: 'Nuovo', amount: '4.00', rate: '0.10' }]
    const related = { related_operation_id: sold['id'] }
    await this.#complete(till, movement(type, { id: register }, lines, related))
  }

  /** Goods that a voucher had paid come back: it is valid again, and pays others. */
  async #takeVoucherBack(till: Till, register: string): Promise<void> {
    const number = `BM-${till.name}-${till.random.below(1_000_000_000)}`
    const cents = 100 + till.random.below(5000)
    const line = (paid: number) => {
      const more = { type: 'single_purpose_voucher', gift_card_id: number }
      return { title: 'Buono', amount: money(paid), more }
    }
    const goods = (paid: number) => ({ title: 'Massaggio', amount: money(paid) })
    const sale = (...lines: Parameters<typeof movement>[2]) => movement('sale', { id: register }, lines)
    await this.#complete(till, sale(line(cents)))
    const rest = till.random.below(300)
    const sold = await this.#complete(till, sale(goods(cents + rest), line(-cents)))
    const related = { related_operation_id: sold['id'] }
    await this.#complete(till, movement('return', { id: register }, [goods(-cents - rest), line(cents)], related))
    await this.#complete(till, sale(goods(cents), line(-cents)))
  }

  /** A closing of another register may come between: then it is too late for a void. */
  async #reverse(till: Till, register: string): Promise<void> {
    const { id } = await this.#sell(till, register)
    try {
      await till.act('/v1/operations', { ...drawer(register), type: 'void', related_operation_id: id })
    } catch (error) {
      if (!TOO_LATE.test(error instanceof TillStopped ? error.message : '') && !isUndated(error)) throw error
    }
  }

  async #complete(till: Till, body: Members): Promise<Members> {
    if (this.#hasEmergencies) return this.#completeOrVoid(till, body)
    const { path, version, last } = await beginGoods(till, body)
    const payments = italianPayments(till.random, Math.round(Number(body['total_amount']) * 100))
    return till.act(`${path}/complete`, { payments, ...last }, version)
  }

  /** The emergency register may be opened after the begin. Half of an exchange may be printed: it waits for the printer. */
  async #completeOrVoid(till: Till, body: Members): Promise<Members> {
    const { path, version, last } = await beginGoods(
      till,
      body,
      till.random.pick(['whole', 'with_completion'] as const),
    )
    const payments = italianPayments(till.random, Math.round(Number(body['total_amount']) * 100))
    for (;;) {
      try {
        return await till.act(`${path}/complete`, { payments, ...last }, version)
      } catch (error) {
        const { code, message } = refusalOf(error)
        if (code !== 'emergency_open' && !isUndated(error)) throw error
        if (String(message).includes('The same completion')) await till.pause()
        else {
          await till.act(`${path}/void`, { reason: 'operator_cancelled' }, version)
          throw error
        }
      }
    }
  }
}

function drawer(register: string): object {
  return { register_id: register, currency: 'EUR' }
}

/** Fiscal documents of an operation as `kind ZZZZ-NNNN`. */
function namesOf(facts: Members | null | undefined): string[] {
  if (facts?.['regime'] !== 'RT') return []
  const documents = (facts['documents'] ?? [facts]) as readonly Members[]
  const fiscal = documents.filter(
    (document) => document['document_type'] !== 'non_fiscal' && document['document_type'] !== 'emergency',
  )
  return fiscal.map((document) => `${String(document['document_type'])} ${String(document['document_number'])}`)
}

function nameOf({ kind, z, number }: PrintedRecord): string {
  return `${kind} ${[z, number].map((part) => String(part).padStart(4, '0')).join('-')}`
}

/** A void is of the sale that it annuls. */
function subjectOf(record: PrintedRecord): string {
  const { kind, original } = record
  return nameOf(kind === 'void' && original !== undefined ? { ...record, ...original, kind: 'sale' } : record)
}

/** Sales that came out instead of a return and were annulled, or were reported to a person. */
function annulledIn(state: string): ReadonlySet<string> {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  try {
    const rows = db.prepare<[], { body: string }>(
      `SELECT body FROM event WHERE body LIKE '%annulment_due%' OR body LIKE '%misprint_annulled%' OR body LIKE '%"annulled"%'`,
    )
    return new Set(
      [...rows.iterate()].flatMap(({ body }) => body.match(/\d{4}-\d{4}/g) ?? []).map((name) => `sale ${name}`),
    )
  } finally {
    db.close()
  }
}

/** Every operation as its events make it. */
function operationsOf(state: string): readonly Members[] {
  return documentsOf(state, 'op')
}

/** Every closing. */
function closingsOf(state: string): readonly Members[] {
  return documentsOf(state, 'cls')
}

function documentsOf(state: string, prefix: string): readonly Members[] {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  try {
    const documents = new Map<string, Members>()
    const rows = db.prepare<[string], { op: string; body: string }>(
      'SELECT op, body FROM event WHERE op LIKE ? ORDER BY seq',
    )
    for (const { op, body } of rows.iterate(`${prefix}_%`)) {
      const { set } = JSON.parse(body) as { set?: Members }
      documents.set(op, { ...documents.get(op), ...set })
    }
    return [...documents.values()]
  } finally {
    db.close()
  }
}

/**
 * A document that a person named has the day of the agent's clock, which may have been wrong: the printer has none of
 * that day, and takes no reversal of it.
 */
function isUndated(error: unknown): boolean {
  return error instanceof TillStopped && error.message.includes('"document_unknown"')
}
