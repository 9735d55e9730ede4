import type { Act, Amendment, Ending, Basket as GivenBasket, Sale } from './acts.ts'
import { createBody, saleOf, withGoods } from './acts.ts'
import { Baskets, CREATE_PATH } from './basket.ts'
import { Carrier, isFinal, readOf } from './carrier.ts'
import type { Clock } from './clock.ts'
import { pause } from './clock.ts'
import type {
  CashDrawerOpening,
  CreateCashDrawerOpeningDto,
  IssueOperationDto,
  Operation,
  OperationListResponse,
  Receipt,
  Register,
  SaleOperation,
  VoidOperationDto,
} from './contract.ts'
import type { Money } from './decimal.ts'
import type { Kept } from './desk.ts'
import { Desk } from './desk.ts'
import type { TillOptions } from './options.ts'
import { senderOptionsOf } from './options.ts'
import type { Outcome, Read } from './outcome.ts'
import { claimStore, findRegister } from './register.ts'
import { Sender } from './sender.ts'
import type { Entry, PendingStore } from './store.ts'

/** The end of an entry that an earlier life of the till left; the cashier decides about an open basket. */
export type Recovered = { readonly ref: string; readonly entry: Entry; readonly outcome: Outcome<Operation> }

type Given<Type extends Act['type'], Name extends string> = Omit<Extract<Act, { type: Type }>, 'type' | Name>
type Note = Pick<Kept, 'note'>
type Parts = { register: Register; desk: Desk; baskets: Baskets; sender: Sender; store: PendingStore; clock: Clock }

const RECEIPT_FORMS = {
  pdf: 'application/pdf',
  png: 'image/png',
  html: 'text/html',
  txt: 'text/plain',
  escpos: 'application/vnd.escpos',
} as const
const POLL_FIRST_MS = 250
const POLL_MOST_MS = 5000

/** The till of one register, for a shift or for years. */
export class Till {
  readonly register: Register
  readonly recovered: readonly Recovered[]
  readonly #desk: Desk
  readonly #baskets: Baskets
  readonly #sender: Sender
  readonly #store: PendingStore
  readonly #clock: Clock
  #isSelling = false
  #isClosed = false

  private constructor({ register, desk, baskets, sender, store, clock }: Parts, recovered: readonly Recovered[]) {
    this.register = register
    this.recovered = recovered
    this.#desk = desk
    this.#baskets = baskets
    this.#sender = sender
    this.#store = store
    this.#clock = clock
  }

  /** Asks for what is pending before anything new. Throws Unreachable: nothing is lost, call it again. */
  static async open(options: TillOptions): Promise<Till> {
    const { store } = options
    const senderOptions = senderOptionsOf(options)
    const { log, clock } = senderOptions
    const sender = new Sender(senderOptions)
    const baskets = new Baskets(store, (ref, failure) =>
      log({ method: 'STORE', path: ref, number: 1, ms: 0, failure: String(failure) }),
    )
    const desk = new Desk(baskets, new Carrier(sender, baskets))
    try {
      const entries = await store.list()
      const register = await findRegister(sender)
      await claimStore(store, entries, register)
      const recovered: Recovered[] = []
      for (const basket of baskets.recover(entries)) {
        const { entry } = basket
        recovered.push({ ref: entry.ref, entry, outcome: await desk.resume(basket) })
      }
      return new Till({ register, desk, baskets, sender, store, clock }, recovered)
    } catch (error) {
      await store.close().catch(() => undefined)
      throw error
    }
  }

  /** Creates and completes. A second one while it runs is a TypeError: a double tap sells once. */
  async sell({ payments, issued_as, ...basket }: Sale, { note }: Note = {}): Promise<Outcome<SaleOperation>> {
    const body = this.#bodyOf(saleOf(basket))
    if (this.#isSelling) throw new TypeError('A sale is running: wait for its outcome')
    this.#isSelling = true
    const ending: Ending = { payments: [...payments], ...(issued_as && { issued_as }) }
    try {
      return (await this.#desk.create(
        body,
        { payments, ...(note !== undefined && { note }) },
        ending,
      )) as Outcome<SaleOperation>
    } finally {
      this.#isSelling = false
    }
  }

  /** An open sale, with or without its goods. */
  begin(basket: GivenBasket = {}, note: Note = {}): Promise<Outcome<Operation>> {
    return this.create(saleOf(basket), note)
  }

  /** All of its goods, as they are now. */
  async amend(open: Operation, basket: Amendment): Promise<Outcome<Operation>> {
    this.#refuseClosed()
    return this.#desk.follow(open, 'amend', withGoods(basket))
  }

  async complete(open: Operation, ending: Ending = {}): Promise<Outcome<Operation>> {
    this.#refuseClosed()
    const { payments } = ending
    return this.#desk.follow(open, 'complete', withGoods(ending), { ...(payments && { payments }) })
  }

  async void(open: Operation, reason: VoidOperationDto['reason'] = 'operator_cancelled'): Promise<Outcome<Operation>> {
    this.#refuseClosed()
    return this.#desk.follow(open, 'void', { reason } satisfies VoidOperationDto)
  }

  /** Any type of `POST /v1/operations`. */
  async create(act: Act, note: Note = {}): Promise<Outcome<Operation>> {
    return this.#desk.create(this.#bodyOf(act), note)
  }

  openSession(float: Money, more: Given<'session_open', 'opening_balance_amount'> = {}): Promise<Outcome<Operation>> {
    return this.create({ type: 'session_open', opening_balance_amount: float, ...more })
  }

  adjust(amount: Money, more: Given<'session_cash_adjustment', 'cash_amount'> = {}): Promise<Outcome<Operation>> {
    return this.create({ type: 'session_cash_adjustment', cash_amount: amount, ...more })
  }

  /** The cash in the drawer. */
  count(counted: Money, more: Given<'session_cash_count', 'counted_closing_amount'> = {}): Promise<Outcome<Operation>> {
    return this.create({ type: 'session_cash_count', counted_closing_amount: counted, ...more })
  }

  closeSession(date: string, more: Given<'session_close', 'business_date'> = {}): Promise<Outcome<Operation>> {
    return this.create({ type: 'session_close', business_date: date, ...more })
  }

  async drawerOpened(opening: CreateCashDrawerOpeningDto): Promise<Outcome<CashDrawerOpening>> {
    this.#refuseClosed()
    const body = { register_id: this.register.id, ...opening }
    return (await this.#desk.record('/v1/cash-drawer-openings', body)) as Outcome<never>
  }

  async issued(id: string, as: IssueOperationDto['issued_as']): Promise<Outcome<Operation>> {
    this.#refuseClosed()
    return this.#desk.record(`${CREATE_PATH}/${id}/issued`, { issued_as: as } satisfies IssueOperationDto)
  }

  /** The same request again, and for a `sell` the rest of it. */
  async retry(ref: string): Promise<Outcome<Operation>> {
    this.#refuseClosed()
    return this.#desk.retry(ref)
  }

  /** A person has rung it up otherwise: it is never sent again, and holds up no sale. */
  async setAside(ref: string, reason: string): Promise<void> {
    this.#refuseClosed()
    return this.#desk.setAside(ref, reason)
  }

  pending(): readonly Entry[] {
    return this.#baskets.all().map(({ entry }) => entry)
  }

  /** Open at the agent, and unknown to the store of this till. */
  async orphans(): Promise<Read<readonly Operation[]>> {
    const orphans: Operation[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({ register_id: this.register.id, status: 'open', cursor })
      const page: Read<OperationListResponse> = await this.get(`${CREATE_PATH}?${query}`)
      if (page.outcome !== 'done') return page
      orphans.push(...page.value.data.filter(({ id }) => this.#baskets.ofOperation(id) === undefined))
      cursor = page.value.next_cursor
    }
    return { outcome: 'done', value: orphans }
  }

  /** Until a completed operation is no longer pending. Ends before that by the signal alone. */
  async untilFinal(operation: Operation, signal?: AbortSignal): Promise<Operation> {
    let seen = operation
    for (let waitMs = POLL_FIRST_MS; !isFinal(seen); waitMs = Math.min(2 * waitMs, POLL_MOST_MS)) {
      await pause(this.#clock, waitMs, signal)
      const sent = await this.#sender.send({ method: 'GET', path: `${CREATE_PATH}/${seen.id}` }, undefined, signal)
      if (sent.kind === 'done') seen = sent.value as Operation
    }
    const basket = this.#baskets.ofOperation(seen.id)
    if (basket !== undefined && seen.status !== 'open') await this.#baskets.remove(basket)
    return seen
  }

  async get<T>(path: string): Promise<Read<T>> {
    this.#refuseClosed()
    if (!path.startsWith('/')) throw new TypeError(`A path begins with "/", not ${JSON.stringify(path)}`)
    return readOf(await this.#sender.send({ method: 'GET', path }))
  }

  receipt(id: string): Promise<Read<Receipt>> {
    return this.get(`${CREATE_PATH}/${id}/receipt`)
  }

  async receiptBytes(id: string, form: keyof typeof RECEIPT_FORMS): Promise<Read<Uint8Array>> {
    this.#refuseClosed()
    const path = `${CREATE_PATH}/${id}/receipt.${form}`
    return readOf(await this.#sender.send({ method: 'GET', path, mediaType: RECEIPT_FORMS[form] }))
  }

  /** After the running change. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#desk.idle()
    await this.#store.close()
  }

  #bodyOf(act: Act) {
    this.#refuseClosed()
    return createBody(act, this.register.id)
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new TypeError('The till is closed: open it again')
  }
}
