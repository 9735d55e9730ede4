import { monoMs, systemClock, waitUntil } from '../../../base/clock.ts'
import { at } from '../../laws/demo-shift.ts'
import { refusalOf, withUnknownMembers } from './answers.ts'
import type { Basket } from './baskets.ts'
import type { Exchange } from './exchange.ts'
import { answerOf, exchangeOf, isDone } from './exchange.ts'
import type { Fault, FaultName } from './faults.ts'
import type { Line, Reply } from './losing-proxy.ts'
import type { RuleBook } from './rule-book.ts'
import { LATE_MS, RETRY_AFTER_MS, TOLERANCE_MS } from './rules/waiting.ts'
import type { Stage } from './stage.ts'

export type DirectorOptions = {
  readonly book: RuleBook
  readonly stage: Stage
  /** Each is shown to one basket, in this order if it can be. */
  readonly faults: readonly FaultName[]
  /** T-11: resolves when the till has ended. `left`: the till has closed this connection. */
  readonly killTill: (left: Promise<void>) => Promise<void>
  /** The till has sent this request. */
  readonly asked: (exchange: Exchange) => void
  /** The till has this answer. */
  readonly answered: (exchange: Exchange) => void
  readonly closeIdle: () => void
}

type Step = { readonly line: Line; readonly exchange: Exchange; readonly basket: Basket | undefined }

const LOST_TIMES = 3
const KILLS: readonly FaultName[] = ['agent-killed', 'till-killed']
/** Faults of the simulated device, armed before the completion is passed on. */
const ARMED: Partial<Record<FaultName, string>> = {
  'finish-slow': 'slow=4000@finish',
  'device-unplugged': 'unplugged@*',
  'paper-out': 'paper-out=3000@*',
  'print-lost': 'lost-answer@=T',
}
/** A device that is down shows none of these. */
const OF_A_READY_DEVICE: readonly FaultName[] = ['finish-slow', 'paper-out', 'print-lost']

/** Passes each request on, or loses it: one fault a basket, which hits the requests of that basket alone. */
export class Director {
  readonly #options: DirectorOptions
  readonly #waiting: FaultName[]
  /** State of the basket with that fault. */
  #lostTimes = 0
  #busySinceMs = 0
  #refused = ''

  constructor(options: DirectorOptions) {
    this.#options = options
    this.#waiting = [...options.faults]
  }

  /** Faults that are not shown yet. */
  get waiting(): readonly FaultName[] {
    return this.#waiting
  }

  async serve(line: Line): Promise<void> {
    const { book, stage, asked } = this.#options
    const atMs = monoMs(systemClock)
    const exchange = exchangeOf(line.received, { atMs, wallMs: systemClock.now() })
    const former = book.baskets.newest
    const basket = book.asked(exchange)
    void line.left.then(() => book.left(exchange, basket, monoMs(systemClock) - atMs))
    asked(exchange)
    if (!stage.isUp) return line.drop()
    if (basket !== undefined && basket.create === exchange) await this.#choose(basket, former)
    if (exchange.act.kind === 'create' && exchange.act.type === 'session_cash_count') await this.#clear()
    await this.#play({ line, exchange, basket })
  }

  /** Before the count: an operation that a restart or a broken rule left open would hide the end of the shift. */
  async #clear(): Promise<void> {
    const { book, stage } = this.#options
    const open = book.baskets.all().filter(({ hasEnded, isExcused }) => isExcused && !hasEnded)
    await Promise.all(open.map(({ id }) => id !== undefined && stage.void(id)))
  }

  async #choose(basket: Basket, former: Basket | undefined): Promise<void> {
    this.#giveBack(former)
    const { act } = basket.create
    if (act.kind !== 'create' || act.type !== 'sale') return
    const isCalm = await this.#isCalm(former)
    const isReady = await this.#options.stage.isDeviceReady()
    const place = this.#waiting.findIndex(
      (name) => (isCalm || !KILLS.includes(name)) && (isReady || !OF_A_READY_DEVICE.includes(name)),
    )
    const [name] = place === -1 ? [] : this.#waiting.splice(place, 1)
    if (name !== undefined) basket.fault = { name, isStruck: false, isOver: false }
    this.#lostTimes = 0
  }

  /** A fault that its basket has not met is for another one. */
  #giveBack(basket: Basket | undefined): void {
    const { fault } = basket ?? {}
    if (basket === undefined || fault === undefined || fault.isStruck) return
    basket.fault = undefined
    this.#waiting.push(fault.name)
  }

  /** Nothing is killed before the basket of a slow finish has its end. */
  async #isCalm(former: Basket | undefined): Promise<boolean> {
    if (former?.fault?.name !== 'finish-slow' || former.id === undefined) return true
    return at(await this.#options.stage.read(former.id), 'fiscal', 'state') !== 'pending'
  }

  #play(step: Step): Promise<void> {
    const { basket, exchange } = step
    const { fault } = basket ?? {}
    const { kind } = exchange.act
    if (basket === undefined || fault === undefined || fault.isOver || basket.isPast) return this.#pass(step)
    switch (fault.name) {
      case 'create-lost':
        return kind === 'create' && !fault.isStruck ? this.#lose(step, fault) : this.#pass(step)
      case 'agent-killed':
      case 'till-killed':
        return kind === 'create' && !fault.isStruck ? this.#kill(step, fault) : this.#pass(step)
      case 'members-unknown':
        fault.isStruck = true
        return this.#pass(step, withUnknownMembers)
      case 'connection-closed':
        fault.isStruck = true
        this.#options.closeIdle()
        return this.#pass(step, undefined, true)
      default:
        return kind === 'complete' ? this.#complete(step, basket, fault) : this.#pass(step)
    }
  }

  async #complete(step: Step, basket: Basket, fault: Fault): Promise<void> {
    const { stage } = this.#options
    const isFirst = !fault.isStruck
    switch (fault.name) {
      case 'completion-lost':
        return isFirst ? this.#lose(step, fault) : this.#pass(step)
      case 'completion-lost-thrice':
        return this.#lostTimes++ < LOST_TIMES ? this.#lose(step, fault) : this.#pass(step)
      case 'answer-late':
        fault.isStruck = true
        return isFirst ? this.#delay(step) : this.#pass(step)
      case 'device-busy':
        return this.#refuseAsBusy(step, fault)
      case 'amounts-refused':
        return this.#refuseAmounts(step, fault)
      case 'amended':
        if (isFirst) fault.isStruck = await stage.amend(basket)
        return this.#pass(step)
      default:
        if (isFirst) await stage.fault(ARMED[fault.name] ?? 'clear')
        return this.#pass(step)
    }
  }

  async #refuseAsBusy(step: Step, fault: Fault): Promise<void> {
    const { atMs } = step.exchange
    if (!fault.isStruck) this.#busySinceMs = atMs
    fault.isStruck = true
    const restMs = this.#busySinceMs + RETRY_AFTER_MS - atMs
    if (restMs <= TOLERANCE_MS) return this.#pass(step)
    const seconds = Math.ceil(restMs / 1000)
    await this.#invent(step, refusalOf('fiscal_device_busy', 'The device is busy (conformance run).', seconds))
  }

  async #refuseAmounts(step: Step, fault: Fault): Promise<void> {
    const { print } = step.exchange
    if (!fault.isStruck) this.#refused = print
    fault.isStruck = true
    if (print !== this.#refused) return this.#pass(step)
    await this.#invent(step, refusalOf('payment_total_mismatch', 'The payments are not the total (conformance run).'))
  }

  async #delay(step: Step): Promise<void> {
    const { exchange, line } = step
    const reply = await this.#forward(step)
    const restMs = exchange.atMs + LATE_MS - monoMs(systemClock)
    await waitUntil(systemClock, restMs, (end) => {
      void line.left.then(end)
      return () => undefined
    })
    await this.#send(step, reply)
  }

  /** The agent has it, and the till gets no answer. */
  async #lose(step: Step, fault: Fault): Promise<void> {
    fault.isStruck = true
    await this.#forward(step)
    step.line.drop()
  }

  async #kill(step: Step, fault: Fault): Promise<void> {
    const { stage, killTill, book } = this.#options
    fault.isStruck = true
    await this.#forward(step)
    if (fault.name === 'till-killed') {
      await killTill(step.line.left)
      book.killed()
      return step.line.drop()
    }
    step.line.drop()
    await stage.killAgent()
  }

  async #pass(step: Step, change?: (reply: Reply) => Reply, thenClose?: boolean): Promise<void> {
    const reply = await this.#forward(step)
    await this.#seen(step)
    await this.#send(step, change?.(reply) ?? reply, thenClose)
  }

  async #forward(step: Step): Promise<Reply> {
    const reply = await step.line.forward()
    this.#options.book.recorded(step.exchange, step.basket, answerOf(reply))
    return reply
  }

  /** The answer shows whether the device's fault was met. After the last basket without a device it is plugged in. */
  async #seen({ exchange: { act, answer }, basket }: Step): Promise<void> {
    const { fault } = basket ?? {}
    if (fault === undefined || act.kind !== 'complete' || ARMED[fault.name] === undefined) return
    if (fault.name === 'finish-slow') fault.isStruck ||= at(answer?.body, 'fiscal', 'state') === 'pending'
    else if (fault.name === 'device-unplugged') fault.isStruck ||= at(answer?.body, 'fiscal', 'receipt_text') !== ''
    else fault.isStruck ||= !isDone(answer)
    if (fault.name === 'device-unplugged' && !this.#waiting.includes(fault.name))
      await this.#options.stage.fault('clear')
  }

  async #invent(step: Step, reply: Reply): Promise<void> {
    this.#options.book.recorded(step.exchange, step.basket, answerOf(reply, true))
    await this.#send(step, reply)
  }

  async #send({ line, exchange, basket }: Step, reply: Reply, thenClose?: boolean): Promise<void> {
    if (!(await line.send(reply, thenClose))) return
    this.#options.book.answered(exchange, basket)
    this.#options.answered(exchange)
  }
}
