import { randomUUID } from 'node:crypto'
import { printedIn } from '../../../agent/laws/italy/shapes.ts'
import type { PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import { drawn } from '../../contracts/printer-faults.ts'
import { customMatrix } from '../../drivers/rt-custom/bench.ts'
import { epsonMatrix } from '../../drivers/rt-epson/bench.ts'
import { rchMatrix } from '../../drivers/rt-rch/bench.ts'
import { looked } from '../../waits.ts'
import type { Bench, Register } from '../bench.ts'
import type { Call, Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import type { FamilyName, PrinterBeside } from './printer-beside.ts'
import { printerOf } from './printer-beside.ts'
import type { SimulatedPrinter } from './printer-families.ts'
import { italianTill, movement } from './shop.ts'

const OPERATIONS = [
  ...(['sale', 'gift', 'rounded', 'tickets', 'return', 'evidence', 'reso_in_sale'] as const),
  ...(['void', 'closure', 'claim', 'slips'] as const),
] as const
type FaultedOperation = (typeof OPERATIONS)[number]

type Frames = Readonly<Record<FaultedOperation, number>>
type FaultedFamily = { faults: readonly string[]; frames: Frames }

const GOODS_ON_LINE = { sale: 28, gift: 30, rounded: 32, tickets: 28 }
/** More frames than any dialogue has, the reading before it included, until the last reply that may be lost. */
const FAMILIES: Readonly<Record<FamilyName, FaultedFamily>> = {
  rch: {
    faults: rchMatrix.faults,
    frames: {
      ...GOODS_ON_LINE,
      return: 29,
      evidence: 29,
      reso_in_sale: 57,
      void: 18,
      closure: 22,
      claim: 22,
      slips: 40,
    },
  },
  custom: {
    faults: customMatrix.faults,
    frames: {
      ...GOODS_ON_LINE,
      return: 32,
      evidence: 32,
      reso_in_sale: 60,
      void: 26,
      closure: 26,
      claim: 22,
      slips: 44,
    },
  },
  // Its slips are not counted: after a lost answer one may be printed twice, which is not fiscal.
  epson: {
    faults: epsonMatrix.faults,
    frames: {
      ...{ sale: 9, gift: 9, rounded: 9, tickets: 9, return: 9, evidence: 9, reso_in_sale: 18 },
      ...{ void: 9, closure: 20, claim: 0, slips: 0 },
    },
  },
}

type Goods = {
  kind: 'sale' | 'return'
  amount: string
  lines?: Parameters<typeof movement>[2]
  more?: Members
  /** Cash by default. */
  payments?: readonly Members[]
}

/** The operations with goods, after the sale with that id. */
const GOODS: Readonly<
  Record<'sale' | 'gift' | 'rounded' | 'tickets' | 'return' | 'evidence', (sold: string) => Goods>
> = {
  sale: () => ({ kind: 'sale', amount: '12.50' }),
  gift: () => ({
    ...{ kind: 'sale', amount: '12.50' },
    lines: [{ title: 'Biscotti', amount: '0.00', more: { type: 'omaggio', unit_price: '3.00' } }],
  }),
  rounded: () => ({
    ...{ kind: 'sale', amount: '12.98' },
    payments: [pay('cash', '20.00'), pay('cash', '-7.00'), pay('rounding', '-0.02')],
  }),
  tickets: () => ({ kind: 'sale', amount: '12.50', payments: [pay('voucher', '12.50', { count: 2 })] }),
  return: (sold) => ({ kind: 'return', amount: '-12.50', more: { related_operation_id: sold } }),
  evidence: () => ({
    ...{ kind: 'return', amount: '-12.50' },
    more: { external_related_operation: { description: 'POS', external_operation_id: 'POS 24-11-2026' } },
  }),
}

/**
 * Paper that is missing for longer than a document waits leaves a slip to be printed later, and after it those that
 * came since.
 */
function faultsOf(family: FamilyName, operation: FaultedOperation): readonly string[] {
  const { faults } = FAMILIES[family]
  return operation === 'slips' ? [...faults, 'paper-out=1500'] : faults
}

export type FaultCase = { family: FamilyName; operation: FaultedOperation; fault: string; frame: number }

export function allCases(family: FamilyName): readonly FaultCase[] {
  return OPERATIONS.flatMap((operation) =>
    faultsOf(family, operation).flatMap((fault) =>
      Array.from({ length: FAMILIES[family].frames[operation] }, (_, index) => ({
        ...{ family, operation, fault, frame: index + 1 },
      })),
    ),
  )
}

export function drawCases(family: FamilyName, count: number, seed: number): readonly FaultCase[] {
  return drawn(allCases(family), count, seed)
}

/** Runs cases of one family through whole agents side by side. Returns what went wrong, one line a case. */
export async function runCases(
  cases: readonly FaultCase[],
  parallel: number,
  progress: (done: number) => void = () => undefined,
): Promise<readonly string[]> {
  const failures: string[] = []
  const waiting = [...cases]
  let done = 0
  const worker = async (): Promise<void> => {
    const [first] = waiting
    if (first === undefined) return
    await using shop = await FaultedShop.open(first.family)
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { operation, fault, frame } = next
      const problem = await shop.run(next).catch(String)
      if (problem !== undefined) failures.push(`${fault}@*#${frame} in a ${operation}: ${problem}`)
      done += 1
      progress(done)
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return failures
}

/**
 * An agent whose printer fails, and a till that follows the contract: it repeats the same request with the same key.
 */
class FaultedShop implements AsyncDisposable {
  readonly #printer: PrinterBeside<SimulatedPrinter>
  readonly #bench: Bench
  readonly #register: Register
  #nextCents = 1000

  private constructor(printer: PrinterBeside<SimulatedPrinter>, bench: Bench, register: Register) {
    this.#printer = printer
    this.#bench = bench
    this.#register = register
  }

  static async open(family: FamilyName): Promise<FaultedShop> {
    const printer = await printerOf(family)
    const bench = await printer.agent({ deadlineMs: 1500 })
    return new FaultedShop(printer, bench, await italianTill(bench, '0.00'))
  }

  async run({ operation, fault, frame }: Omit<FaultCase, 'family'>): Promise<string | undefined> {
    const { till } = this.#register
    const pie = [{ title: 'Torta', amount: '12.50' }]
    const base = await this.#completed(await till.create(movement('sale', this.#register, pie)), '12.50')
    const before = this.#printer.simulator.records().length
    const arm = (): void => this.#printer.simulator.inject(`${fault}@*#${frame}`)
    try {
      if (operation === 'closure') return await this.#close(arm, before)
      if (operation === 'void') return await this.#void(arm, base)
      if (operation === 'slips') return await this.#slips(arm)
      if (operation === 'reso_in_sale') return await this.#resoInSale(arm)
      if (operation === 'claim') return await this.#claim(arm, before)
      const { kind, amount, lines = [], more, payments } = GOODS[operation](base.id)
      const all = [{ title: 'Torta', amount }, ...lines]
      const open = await till.create(movement(kind, this.#register, all, more))
      arm()
      const done = await this.#completed(open, amount, payments)
      const marked = this.#documents((record) => record.lines.includes(`#REF ${open.id.slice(-12)}`))
      // A return that a power blink made a sale of was annulled.
      const ours = marked.filter((record) => kind === record.kind || !this.#isAnnulled(record))
      return compare(done, ours, kind)
    } finally {
      this.#printer.simulator.clearFaults()
    }
  }

  /** Two documents: the fault may strike either, or between them. Pieces are taken off what is sold. */
  async #resoInSale(arm: () => void): Promise<string | undefined> {
    const empties = { title: 'Vuoti', amount: '-2.50', code: 'N1', more: { type: 'container_deposit' } }
    const of = (quantity: number) => {
      const more = { sku_identifier: 'torta', unit_price: '12.50', quantity }
      return { title: 'Torta', amount: (12.5 * quantity).toFixed(2), more }
    }
    const { till } = this.#register
    const open = await till.create(movement('sale', this.#register, [of(2), empties, of(-1)]))
    arm()
    const done = await this.#completed(open, '10.00')
    const marked = this.#documents(({ lines }) => lines.includes(`#REF ${open.id.slice(-12)}`))
    const ours = marked.filter((record) => record.kind === 'return' || !this.#isAnnulled(record))
    const printed = ours.map((record) => `${record.kind} ${record.totalCents} ${nameOf(record)}`)
    const told = documentsOf(done).map((name, index) => `${['return 250', 'sale 1250'][index]} ${name}`)
    if (done.status !== 'completed') return `the operation is ${done.status}`
    const isSame = told.length === 2 && told.join() === printed.join()
    return isSame ? undefined : `told ${told.join(', ')}, printed ${printed.join(', ')}`
  }

  /** A slip for an invoice of its own number. A Custom printer may have ended one without its lines, which counts as printed. */
  async #claim(arm: () => void, before: number): Promise<string | undefined> {
    const number = `RE-${this.#nextCents++}`
    const external_related_operation = { description: 'Fattura', external_operation_id: number, kind: 'invoice' }
    const more = { type: 'receivable', external_related_operation }
    const line = { title: 'Incasso', amount: '12.50', rate: '0', more }
    const open = await this.#register.till.create(movement('sale', this.#register, [line]))
    arm()
    const { status } = await this.#completed(open, '12.50')
    const slips = this.#printer.simulator
      .records()
      .slice(before)
      .flatMap((record) => (record.type === 'slip' ? [record.lines] : []))
    const whole = slips.filter((lines) => lines.some((text) => text.includes(number)))
    const isOnce = slips.length > 0 && whole.length <= 1
    return status === 'completed' && isOnce ? undefined : `${status}, printed ${slips.length}, whole ${whole.length}`
  }

  async #void(arm: () => void, base: Operation): Promise<string | undefined> {
    const body = event('void', this.#register.id, { related_operation_id: base.id })
    arm()
    const { id } = await this.#answered({ path: '/v1/operations', body, key: randomUUID() })
    const original = numberOf(base)
    const ours = this.#documents(
      ({ kind, original: of }) => kind === 'void' && of !== undefined && nameOf(of) === original,
    )
    return compare(await this.#register.till.read(String(id)), ours, 'void')
  }

  /** Two at once, and a sale next to them: slips have no mark on paper, so the test identifies each by its amount. */
  async #slips(arm: () => void): Promise<string | undefined> {
    const { till, id } = this.#register
    const sale = await till.create(movement('sale', this.#register, [{ title: 'Torta', amount: '12.50' }]))
    const amounts = [this.#nextCents++, this.#nextCents++]
    arm()
    const [, ...slips] = await Promise.all([
      this.#completed(sale, '12.50'),
      ...amounts.map((cents) =>
        till.create(event('session_cash_adjustment', id, { cash_amount: (cents / 100).toFixed(2) })),
      ),
    ])
    const states = await Promise.all(slips.map((slip) => this.#settledState(slip.id)))
    const printed = amounts.map((cents) =>
      this.#printer.simulator.records().filter((record) => record.type === 'slip' && record.cashCents === cents),
    )
    const isTrue = states.every((state, index) => printed[index]?.length === (state === 'succeeded' ? 1 : 0))
    return isTrue ? undefined : `told ${states.join(', ')}, printed ${printed.map(({ length }) => length).join(', ')}`
  }

  async #settledState(id: string): Promise<string> {
    const settled = await looked(async () => {
      const { state } = (await this.#register.till.read(id)).fiscal
      return state !== 'pending' && state
    })
    if (settled === undefined) throw new Error(`slip ${id} stays pending`)
    return settled
  }

  async #close(arm: () => void, before: number): Promise<string | undefined> {
    arm()
    const path = `/v1/registers/${this.#register.id}/closings`
    const { document_number: told } = await this.#answered({ path, body: {}, key: randomUUID() })
    const made = this.#printer.simulator
      .records()
      .slice(before)
      .filter(({ type }) => type === 'closure')
    const numbers = made.map((record) => ('z' in record ? String(record.z).padStart(4, '0') : ''))
    return numbers.length === 1 && numbers[0] === told ? undefined : `told ${String(told)}, made ${numbers}`
  }

  async #completed(
    open: Operation,
    amount: string,
    payments: readonly Members[] = [pay('cash', amount)],
  ): Promise<Operation> {
    await this.#answered(completion(open, payments))
    return this.#register.till.read(open.id)
  }

  /** Repeats until the final answer, like a till. */
  async #answered(call: Call): Promise<Members> {
    let last = ''
    const answer = await looked(async () => {
      const { status, json, text } = await this.#register.till.call(call)
      last = text
      return status < 300 && json
    })
    if (answer === undefined) throw new Error(`no answer: ${last}`)
    return answer
  }

  #isAnnulled({ z, number }: PrintedRecord): boolean {
    const isOf = ({ kind, original }: PrintedRecord) =>
      kind === 'void' && original?.z === z && original.number === number
    return this.#documents(isOf).length === 1
  }

  #documents(isOurs: (record: PrintedRecord) => boolean): readonly PrintedRecord[] {
    return this.#printer.documents.filter(isOurs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bench[Symbol.asyncDispose]()
    await this.#printer[Symbol.asyncDispose]()
  }
}

function compare(done: Operation, ours: readonly PrintedRecord[], kind: string): string | undefined {
  const printed = ours.map((record) => `${record.kind} ${nameOf(record)}`)
  const told = `${kind} ${numberOf(done)}`
  if (done.status !== 'completed') return `the operation is ${done.status}`
  return printed.length === 1 && printed[0] === told ? undefined : `told ${told}, printed ${printed.join(', ')}`
}

function documentsOf({ fiscal_information: facts }: Operation): string[] {
  return printedIn(facts).map(({ document_number: name }) => name)
}

function numberOf({ fiscal_information: facts }: Operation): string {
  return printedIn(facts).at(-1)?.document_number ?? 'nothing'
}

function nameOf({ z, number }: { z: number; number: number }): string {
  return [z, number].map((part) => String(part).padStart(4, '0')).join('-')
}
