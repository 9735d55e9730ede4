import type { OperationKind } from '../../../../agent/journal/documents/kind.ts'
import type { OwnPart } from '../../../../agent/journal/documents/own.ts'
import type { Members } from '../../../../agent/journal/events.ts'
import type { Bon, BonPayment, BonTse, Closing } from '../../../../agent/laws/germany/dsfinvk/bon.ts'
import { ClosingVat } from '../../../../agent/laws/germany/dsfinvk/closing-vat.ts'
import type { BonFrame, ReferredBon } from '../../../../agent/laws/germany/dsfinvk/document-bon.ts'
import { documentBon } from '../../../../agent/laws/germany/dsfinvk/document-bon.ts'
import { LocalTime } from '../../../../agent/laws/germany/dsfinvk/local-time.ts'
import { netted, noPayment } from '../../../../agent/laws/germany/dsfinvk/payments.ts'
import { ABBRUCH, KASSENBELEG, processDataOf, processTypeOf } from '../../../../agent/laws/germany/process-data.ts'
import { formatCents } from '../../../../base/money.ts'
import { documentOf } from '../../../some-document.ts'
import { articleLine } from './bakery.ts'
import type { Random } from './random.ts'
import type { Goods } from './random-goods.ts'
import { capture, OF_FILE, randomGoods, randomMove, randomUnpaid, reversal } from './random-goods.ts'
import { closingOf, Signer, totalOf } from './signer.ts'

const MOVEMENTS: readonly (readonly [string, number])[] = [
  ['safe_drop', -1],
  ['float_in', 1],
  ['owner_withdrawal', -1],
  ['owner_deposit', 1],
  ['pay_in', 1],
  ['pay_out', -1],
  ['wage', -1],
  ['tip_payout', -1],
  ['correction', 1],
]
const CLIENT = 'EDGE-000123'
/** Handhelds of the register; the other bons of a round are its own. */
const TERMINALS = [
  { id: 'Handgerät "1"', serial_number: 'HG-1', brand: 'Muster', model: 'M 5' },
  { id: 'T;2', serial_number: '9'.repeat(70), software_brand: 'Kellner', software_version: '4.2' },
]
const HALL = { line1: 'Markt 1', line2: 'Hof', city: 'Köln', postal_code: '50667', country_code: 'DEU' }
const AGENCIES = [
  { id: 1, name: 'Lotto "Glück"; GmbH', address: HALL, tax_number: '27/555/00001' },
  { id: 9999, name: 'x'.repeat(200), address: HALL, vat_id: 'ATU12345678' },
]
const BONS_A_ROUND = 7
const IN_FORCE = [
  { key: 1, rate: '0.19', from: '2021-01-01' },
  { key: 2, rate: '0.07', from: '2021-01-01' },
  { key: 3, rate: '0.078', from: '2025-01-01' },
  { key: 4, rate: '0.055', from: '2007-01-01' },
] as const
const berlin = new LocalTime('Europe/Berlin')

/** Trades for some sessions of a register with every kind of operation, and signs it with real keys. */
export class RandomTrade {
  readonly closings: Closing[] = []
  readonly #random: Random
  readonly #taxonomy: string
  readonly #signers = [new Signer(CLIENT)]
  readonly #referable = new Map<string, { bon: ReferredBon; goods: Goods }>()
  #reversed = new Set<string>()
  readonly #deposits: Goods[] = []
  readonly #counts = new Map<string, ReferredBon>()
  #nowMs: number
  #bonId = 0
  #leftCents: bigint | undefined
  #bons: Bon[] = []
  #vat = new ClosingVat('2026-03-02')
  #operations = 0

  constructor(random: Random, taxonomy = '2.4') {
    this.#random = random
    this.#taxonomy = taxonomy
    // Some days are those on which the clocks change.
    this.#nowMs = Date.parse(random.pick(['2026-03-02T06:00:00Z', '2026-03-28T22:00:00Z', '2026-10-24T23:00:00Z']))
  }

  session(operations: number): void {
    const random = this.#random
    this.#bons = []
    const day = berlin.text(this.#nowMs).slice(0, 10)
    // With the rates that its closing recorded, or without: then the first bon of a key has the rate in force.
    this.#vat = new ClosingVat(day, random.chance(50) ? IN_FORCE : undefined)
    if (random.chance(20)) this.#stray()
    const float = random.chance(20) ? 0n : BigInt(random.int(20_000))
    const opening = random.chance(50) ? (this.#leftCents ?? float) : float
    this.#document({ type: 'session_open', opening_balance_amount: formatCents(opening) })
    let cash = opening
    for (let count = 0; count < operations; count++) cash += this.#operation()
    const diff = random.chance(50) ? 0n : BigInt(random.int(1000) - 500)
    const miscounted = random.chance(20) ? BigInt(1 + random.int(2000)) : 0n
    this.#count(cash, diff + miscounted, 0n)
    if (miscounted !== 0n) this.#count(cash, diff, -miscounted)
    const adjustment = random.chance(60) ? -(cash + diff) / 2n : 0n
    if (adjustment !== 0n) this.#document({ type: 'session_close', closing_adjustment_amount: formatCents(adjustment) })
    this.#leftCents = cash + diff + adjustment
    this.#close()
  }

  /** A count that corrects the one before is booked with its difference to that. */
  #count(cash: bigint, diff: bigint, correction: bigint): void {
    const id = `op_c${this.#counts.size}`
    const bon = this.#document({
      id,
      type: 'session_cash_count',
      expected_closing_amount: formatCents(cash),
      counted_closing_amount: formatCents(cash + diff),
      closing_cashcount_diff: formatCents(diff),
      ...(correction !== 0n && {
        corrects_operation_id: `op_c${this.#counts.size - 1}`,
        correction_amount: formatCents(correction),
      }),
    })
    this.#counts.set(id, this.#referred(bon))
  }

  #referred(bon: Bon): ReferredBon {
    return { registerId: 'reg-abc123', closing: this.closings.length + 1, bonId: String(bon.id), date: undefined }
  }

  #close(): void {
    const number = this.closings.length + 1
    const createdAt = berlin.text(this.#nowMs)
    const agency = (id: number) => AGENCIES.find((one) => one.id === id)
    const facts = { number, createdAt, taxonomyVersion: this.#taxonomy, agency, vat: this.#vat }
    const dates = [...this.closings.map((closing) => closing.createdAt), createdAt]
    const bons = this.#bons.map((bon) => withDates(bon, dates))
    this.closings.push(closingOf(facts, bons, this.#signers))
    this.#nowMs += 3_600_000
  }

  /** Returns the cash that went into the drawer. */
  #operation(): bigint {
    const random = this.#random
    const id = `op_${++this.#operations}`
    // A new TSE in the middle of a session.
    if (random.chance(2)) this.#signers.push(new Signer(CLIENT))
    const dice = random.int(100)
    if (dice < 55) return this.#goods(randomGoods(random, id, 'sale', this.#people()))
    if (dice < 65) return this.#goods(randomGoods(random, id, random.pick(['return', 'exchange']), this.#reference()))
    if (dice < 70) return this.#aborted(id)
    if (dice < 75) return this.#goods(randomGoods(random, id, 'sale', { training: true }))
    if (dice < 80) return this.#reverse(id)
    if (dice < 84) return this.#deposits.length > 0 && random.chance(30) ? this.#capture(id) : this.#deposit(id)
    if (dice < 92) return this.#movement()
    if (dice < 94) return this.#order(id)
    if (dice < 96) return this.#drawer()
    if (dice < 98) return this.#stray()
    return this.#foreign()
  }

  #people(): Members {
    const operator = this.#random.chance(50) ? { operator_id: 'u7', operator_name: 'Erika Muster' } : {}
    const address = { line1: 'Weg 1', line2: 'Hof', city: 'Köln', postal_code: '50667', country_code: 'DEU' }
    const customer = { customer: { name: 'Firma "Ä"', id: 'k-1', address, vat_id: 'DE123456789' } }
    return { ...operator, ...(this.#random.chance(10) && customer) }
  }

  #reference(): Members {
    const referableIds = [...this.#referable.keys()]
    if (referableIds.length > 0 && this.#random.chance(60))
      return { related_operation_id: this.#random.pick(referableIds) }
    return { external_related_operation: { description: 'Alte Kasse', external_operation_id: 'alt-1' } }
  }

  #goods(goods: Goods): bigint {
    const bon = this.#document(goods)
    if (goods['training'] === true) return 0n
    if (goods.type !== 'void') this.#referable.set(goods.id, { bon: this.#referred(bon), goods })
    return bon.payments.filter(({ type }) => type === 'Bar').reduce((sum, { cents }) => sum + cents, 0n)
  }

  #aborted(id: string): bigint {
    const { payments: _, ...goods } = randomGoods(this.#random, id, 'sale')
    this.#document({ ...goods, status: 'voided' })
    return 0n
  }

  #reverse(id: string): bigint {
    const open = [...this.#referable].filter(([key]) => !this.#reversed.has(key))
    if (open.length === 0) return 0n
    const [key, { goods }] = this.#random.pick(open)
    this.#reversed.add(key)
    return this.#goods(reversal(id, goods))
  }

  /** Taken off at once, later, in another session, or never. */
  #deposit(id: string): bigint {
    const deposit = randomGoods(this.#random, id, 'deposit')
    this.#deposits.push(deposit)
    const cash = this.#goods(deposit)
    return this.#random.chance(40) ? cash + this.#capture(`${id}-capture`) : cash
  }

  #capture(id: string): bigint {
    const random = this.#random
    const count = Math.min(this.#deposits.length, random.pick([1, 1, 2, 3]))
    const taken = Array.from({ length: count }, () => this.#deposits.splice(random.int(this.#deposits.length), 1))
    return this.#goods(capture(random, id, taken.flat()))
  }

  #movement(): bigint {
    const [movement, sign] = this.#random.pick(MOVEMENTS)
    const cents = BigInt(sign * (1 + this.#random.int(5000)))
    this.#document({ type: 'session_cash_adjustment', cash_amount: formatCents(cents), movement_type: movement })
    return cents
  }

  /** Goods without payments, now and then the bill of a table, and moves between two. */
  #order(id: string): bigint {
    const random = this.#random
    if (random.chance(25)) {
      this.#document(randomMove(random, id))
      return 0n
    }
    const type = random.pick(['order', 'order', 'order', 'transfer', 'employee_benefit'])
    const unpaid = randomUnpaid(random, id, type)
    this.#document(random.chance(10) ? { ...unpaid, status: 'voided' } : unpaid)
    if (random.chance(60)) return 0n
    const bill = randomGoods(random, `${id}-bill`, 'sale', { allocation_group: String(unpaid['allocation_group']) })
    return this.#goods(bill)
  }

  #drawer(): bigint {
    this.#bon((times) => ({
      id: ++this.#bonId,
      type: 'AVSonstige',
      name: 'Kassenladenöffnung',
      note: 'Wechselgeld geprüft',
      ...times,
      operator: { id: 'POS' },
      lines: [],
      payments: noPayment('EUR'),
      tse: this.#finish('Kassenladenöffnung: Wechselgeld geprüft', 'SonstigerVorgang'),
    }))
    return 0n
  }

  #stray(): bigint {
    this.#bon((times) => ({
      id: ++this.#bonId,
      type: 'AVBelegabbruch',
      ...times,
      operator: { id: 'POS' },
      lines: [],
      payments: noPayment('EUR'),
      tse: this.#finish(ABBRUCH, 'Kassenbeleg-V1'),
    }))
    return 0n
  }

  /** Swiss francs, with the change in euros. */
  #foreign(): bigint {
    const payments: BonPayment[] = netted(
      [
        { type: 'Bar', name: 'Bargeld', currency: 'CHF', foreignCents: 2000n, cents: 1860n },
        { type: 'Bar', name: 'Bargeld', currency: 'EUR', cents: -360n },
      ],
      'EUR',
    )
    const lines = [articleLine('Uhr', 'UHR', 1n, 1500n, 1)]
    this.#bon((times) =>
      this.#signed({ id: ++this.#bonId, type: 'Beleg', ...times, operator: { id: 'POS' }, lines, payments }),
    )
    return -360n
  }

  #signed(draft: Omit<Bon, 'tse'>): Bon {
    const [startMs, endMs] = [this.#nowMs, this.#nowMs + 1000]
    const signed = this.#signer.sign(draft, startMs, endMs)
    if (totalOf(draft) === 0n) throw new Error('a draft without turnover')
    return signed
  }

  /** The signed text comes from the document, by the code that the till signs with. */
  #document(document: Members): Bon {
    let made: Bon | undefined
    this.#bon((times) => {
      const { kind, own, set } = partsIn(document)
      const { set: fiscal, law } = this.#fiscal(document)
      const frame: BonFrame = {
        vat: this.#vat,
        leftCents: this.#leftCents,
        defaultOperator: 'POS',
        tseSerial: this.#signer.master.serial,
        refer: (operation) => this.#referable.get(operation)?.bon ?? this.#counts.get(operation),
      }
      const bon = documentBon(
        documentOf(kind, { set: { id: 'op', ...set, ...fiscal }, own, law: { ...law, vat: OF_FILE } }),
        frame,
        ++this.#bonId,
        times,
      )
      if (bon === undefined) throw new Error('no bon')
      made = bon
      return bon
    })
    if (made === undefined) throw new Error('no bon')
    return made
  }

  #fiscal(document: Members): { set: Members; law: Members } {
    const error = { code: 'unavailable', message: 'The TSE does not answer.' }
    const failed = { fiscal: { state: 'failed', error }, fiscal_information: null }
    if (this.#random.chance(4)) {
      if (this.#random.chance(50)) return { set: failed, law: {} }
      const { serial, transaction, startMs } = this.#signer.start(this.#nowMs)
      return { set: failed, law: { transaction: { serial, transaction, started_at: new Date(startMs).toISOString() } } }
    }
    const { kind, own, set: shown } = partsIn(document)
    const toSign = documentOf(kind, { set: shown, own, law: { vat: OF_FILE } })
    const isVoided = document['status'] === 'voided'
    const data = isVoided ? ABBRUCH : processDataOf(toSign)
    const tse = this.#finish(data, isVoided ? KASSENBELEG : processTypeOf(toSign))
    if (tse.state !== 'signed') throw new Error('not signed')
    const set = {
      fiscal: { state: 'succeeded' },
      fiscal_information: {
        regime: 'KassenSichV',
        tss_serial_number: tse.serial,
        transaction_number: tse.transaction,
        start_event: { signed_at: new Date(tse.startMs).toISOString() },
        end_event: {
          signed_at: new Date(tse.endMs).toISOString(),
          transaction_counter: tse.counter,
          signature: tse.signature,
          process_type: tse.processType,
          process_data: tse.processData,
        },
      },
    }
    return { set, law: {} }
  }

  #finish(data: string, type: string): BonTse {
    return this.#signer.finish(data, type, this.#nowMs, this.#nowMs + 1000)
  }

  get #signer(): Signer {
    const signer = this.#signers.at(-1)
    if (signer === undefined) throw new Error('no TSE')
    return signer
  }

  #bon(make: (times: { start: string; end: string }) => Bon): void {
    const times = { start: berlin.text(this.#nowMs), end: berlin.text(this.#nowMs + 1000) }
    const made = make(times)
    const terminal = TERMINALS[made.id % BONS_A_ROUND]
    this.#bons.push(terminal === undefined ? made : { ...made, terminal })
    this.#nowMs += 1000 * (1 + this.#random.int(600))
  }
}

/** References have the time of their closing, also of the one that is being made. */
function withDates({ references = [], ...bon }: Bon, dates: readonly string[]): Bon {
  const dated = references.map((one) => (one.closing === undefined ? one : { ...one, date: dates[one.closing - 1] }))
  return { ...bon, references: dated }
}

/** Random goods carry the agent's part beside what is answered. */
function partsIn({ own = {}, ...set }: Members): { kind: OperationKind; set: Members; own: OwnPart } {
  return { kind: set['type'] as OperationKind, set, own: own as OwnPart }
}
