import type { ReceiptModel } from '../../agent/contract/receipt.ts'
import { FiskalError } from '../../agent/errors.ts'
import type { Application, Change } from '../../agent/till/application.ts'
import type { Access, Answer, Caller, Mutation, Page, Resource } from '../../agent/till/requests.ts'
import { isWholeKey } from '../../agent/till/set-up/keys.ts'
import type { Json } from '../../base/canonical.ts'
import { canonicalJson } from '../../base/canonical.ts'

export const PLATFORM_KEY = 'ofk_platform_test'
export const REGISTER_KEY = 'ofk_reg_test'
export const DISPLAY_TOKEN = 'AAAAAAAAAAAAAAAAAAAAAA'
export const MERCHANT = 'merchant_1'
const REGISTER = 'reg_1'

const ULID = '01JD0000000000000000000000'

/** The members that these tests ask for; every other one throws. */
function served<Members extends object>(members: Partial<Members>): Members {
  return new Proxy(members as Members, {
    get: (target, name) => {
      if (name in target) return Reflect.get(target, name)
      return () => {
        throw missing(String(name))
      }
    },
  })
}

/** A small application that keeps its operations in a map: enough rules to see whether the HTTP layer asks rightly. */
export class MemoryApplication implements Application {
  readonly operationsById = new Map<string, { [member: string]: Json | undefined }>()
  readonly mutations: Mutation[] = []
  readonly calls: string[] = []
  file: { path: string; fileName: string; mediaType: string } | undefined
  /** Awaited for a file by key. */
  fileMade: Promise<void> = Promise.resolve()
  state: 'starting' | 'ready' | 'degraded' | 'stopping' | 'no_storage' = 'ready'
  receiptLanguage = ''
  /** Awaited within a create, after it was accepted. */
  accepted: Promise<void> = Promise.resolve()
  onAccepted: () => void = () => undefined
  /** Thrown by the next read of an operation. */
  fault: Error | undefined

  /** Sent one after the other; the seq of each is its place, from 1. */
  readonly told: Change[] = []
  readonly listeners = new Set<(unjournalled?: Change) => void>()
  revokedAt: number | undefined
  readonly changes: Application['changes'] = {
    head: () => this.told.length,
    placeOf: (seq) => String(seq),
    seqOf: (place) => (Number(place) <= this.told.length ? Number(place) : undefined),
    after: (_access, seq, limit) => {
      const upTo = Math.min(seq + limit, this.told.length)
      return {
        upTo,
        changes: this.told.slice(seq, upTo),
        revoked: this.revokedAt !== undefined && upTo >= this.revokedAt,
      }
    },
    onChange: (listener) => {
      this.listeners.add(listener)
      return () => this.listeners.delete(listener)
    },
  }

  /** Ids by kind and key: `register k`. */
  readonly idsOfKeys = new Map<string, string>()
  idOfKey({ caller, merchantId }: Access, kind: string, key: string): string | undefined {
    this.calls.push(`key ${kind} ${key} ${caller.kind} ${merchantId ?? '-'}`)
    return this.idsOfKeys.get(`${kind} ${key}`)
  }

  readonly #stored = new Map<string, { print: string; answer: Answer }>()

  authenticate(kind: 'platform' | 'register', key: string): Caller | undefined {
    if (kind === 'platform' && key === PLATFORM_KEY) return { kind, keyId: 'k1' }
    if (kind === 'register' && key === REGISTER_KEY) return { kind, keyId: 'k2', registerId: REGISTER }
    return undefined
  }

  readonly isWholeKey = isWholeKey

  eldestMerchant(): string | undefined {
    return undefined
  }

  merchantFor(_caller: Caller, header: string | undefined): string | undefined {
    if (header === undefined || header === MERCHANT) return MERCHANT
    throw new FiskalError('not_found', 'No such merchant.', { resource: 'merchant' })
  }

  async answerOfKey({ scope, key, print }: { scope: string; key: string; print: string }): Promise<Answer | undefined> {
    const stored = this.#stored.get(`${scope} ${key}`)
    if (stored === undefined) return undefined
    if (stored.print !== print) throw new FiskalError('idempotency_key_conflict', 'The key belongs to another request.')
    return { ...stored.answer, replayed: true }
  }

  /** One display, which shows a receipt; each tag that it has. */
  readonly fetched: string[] = []
  readonly display: Application['display'] = {
    page: (token) => (token === DISPLAY_TOKEN ? { shop: 'Bäckerei <b>&', place: 'Markt' } : undefined),
    now: (token) => (token === DISPLAY_TOKEN ? { body: '{"receipt":null}', etag: '"1"' } : undefined),
    fetched: (_token, etag) => this.fetched.push(etag),
  }

  readonly duties: Application['duties'] = served({})

  readonly operations: Application['operations'] = {
    explain: () => {
      throw missing('operation')
    },
    vatRates: () => ({ data: [], next_cursor: null }),
    create: async (mutation, input) => {
      this.mutations.push(mutation)
      if (input.register_id !== REGISTER) throw missing('register')
      const id = `op_${ULID.slice(0, 20)}${String(this.operationsById.size).padStart(6, '0')}`
      this.operationsById.set(id, { id, status: 'open', resource_version: 1, type: input.type })
      this.onAccepted()
      await this.accepted
      return this.#store(mutation, 201, this.#operation(id), { Location: `/v1/operations/${id}` })
    },
    amend: async (mutation, _input, id) => this.#advance(mutation, id, 'open'),
    complete: async (mutation, _input, id) => this.#advance(mutation, id, 'completed'),
    void: async (mutation, _input, id) => this.#advance(mutation, id, 'voided'),
    issue: async (mutation, _input, id) => this.#store(mutation, 200, this.#operation(id), {}),
    get: (_access, id) => this.#operation(id),
    last: () => this.#operation([...this.operationsById.keys()].at(-1) ?? ''),
    allocationGroups: () => ({ data: [], next_cursor: null }),
    list: (_access, query) => {
      this.calls.push(`list ${query.limit} ${query.cursor ?? '-'}`)
      const all = [...this.operationsById.values()]
      const from = Number(query.cursor ?? 0)
      const next = from + query.limit
      return { data: all.slice(from, next), next_cursor: next < all.length ? String(next) : null }
    },
    receipt: (_access, id, language) => {
      this.receiptLanguage = language ?? "the shop's"
      return { ...emptyReceipt, operation_id: String(this.#operation(id)['id']), language: language ?? 'de' }
    },
  }

  readonly merchants: Application['merchants'] = this.#plain('merchant')
  readonly locations: Application['locations'] = this.#plain('location')
  readonly paymentTerminals: Application['paymentTerminals'] = this.#plain('payment_terminal')
  readonly registers = served<Application['registers']>({
    ...this.#plain('register'),
    fiscalize: async (mutation, input, id) => this.#store(mutation, 202, { id, ...input }),
    decommission: async (mutation, _body, id) => this.#store(mutation, 200, { id }),
  })

  readonly sessions = served<Application['sessions']>(this.#plain('session'))
  readonly closings: Application['closings'] = {
    create: this.#plain('closing').update,
    get: this.#plain('closing').get,
    list: () => ({ data: [], next_cursor: null }),
  }
  readonly drawerOpenings: Application['drawerOpenings'] = {
    ...this.#plain('cash_drawer_opening'),
    create: async (mutation, input) => this.#store(mutation, 201, { register_id: input.register_id }),
  }
  readonly exports: Application['exports'] = {
    create: async (mutation, input) => this.#store(mutation, 202, { type: input.type }),
    get: () => {
      throw missing('export')
    },
    linkedFile: (_id, { signature }) => (signature === 'good' ? this.file : undefined),
    file: async ({ caller }, id, gone) => {
      this.calls.push(`file ${id} ${caller.kind}`)
      await this.fileMade
      if (gone.aborted) this.calls.push('gone')
      if (this.file === undefined) throw missing('export')
      return this.file
    },
  }

  journal(after: number, limit: number): Page<Resource> {
    this.calls.push(`journal ${after} ${limit}`)
    return { data: [], next_cursor: null }
  }

  sync(): readonly Resource[] {
    return []
  }

  overview(): ReturnType<Application['overview']> {
    throw missing('overview')
  }

  metrics(): string {
    return '# nothing is measured\n'
  }

  devices(): readonly Resource[] {
    return [{ id: 'tse-1' }]
  }

  readiness() {
    const ready = this.state === 'ready' || this.state === 'degraded'
    return { ready, state: this.state, details: { devices: [] }, warnings: [] }
  }

  #operation(id: string): Resource {
    if (this.fault !== undefined) throw this.fault
    const operation = this.operationsById.get(id)
    if (operation === undefined) throw missing('operation')
    return operation
  }

  #advance(mutation: Mutation, id: string, status: string): Answer {
    this.mutations.push(mutation)
    const operation = this.#operation(id)
    if (mutation.ifMatch === undefined) throw new FiskalError('precondition_required', 'Send If-Match.')
    if (mutation.ifMatch !== operation['resource_version']) {
      throw new FiskalError('precondition_failed', 'Resource version mismatch.')
    }
    const next = { ...operation, status, resource_version: mutation.ifMatch + 1 }
    this.operationsById.set(id, next)
    return this.#store(mutation, 200, next)
  }

  #store(mutation: Mutation, status: number, body: Resource, headers: Record<string, string> = {}): Answer {
    const version = body['resource_version']
    const tag: Record<string, string> = typeof version === 'number' ? { ETag: `"${version}"` } : {}
    const subject = typeof body['id'] === 'string' ? body['id'] : undefined
    const all = { ...headers, ...tag }
    const answer: Answer = { status, headers: all, body: canonicalJson(body), subject, replayed: false }
    const claim = mutation.idempotency
    if (claim !== undefined) this.#stored.set(`${claim.scope} ${claim.key}`, { print: claim.print, answer })
    return answer
  }

  #plain(resource: string) {
    return {
      create: async (mutation: Mutation, input: object): Promise<Answer> => this.#store(mutation, 201, { ...input }),
      update: async (mutation: Mutation, input: object, id: string): Promise<Answer> =>
        this.#store(mutation, 200, { id, ...input }),
      get: (): Resource => {
        throw missing(resource)
      },
      list: (): Page<Resource> => ({ data: [], next_cursor: null }),
    }
  }
}

/** As little of a receipt as the contract allows. */
const emptyReceipt: Omit<ReceiptModel, 'operation_id' | 'language'> = {
  status: 'completed',
  copy: false,
  title: 'Kassenbeleg',
  currency: 'EUR',
  issued_at: '2026-02-25T20:14:55.120Z',
  merchant: { name: 'Bäckerei', address: [], identifiers: [], location: null },
  header: [],
  lines: [],
  total: { label: 'Summe', value: '0.00' },
  offsets: [],
  payable: { label: 'Zu zahlen', value: '0.00' },
  taxes: [],
  payments: [],
  fiscal: [],
  qr: null,
  notices: [],
}

function missing(resource: string): FiskalError {
  return new FiskalError('not_found', `There is no such ${resource}.`, { resource })
}

/** A sale of one croissant that every rule accepts. */
export function goodSale(registerId: string = REGISTER): { [member: string]: Json } {
  return {
    type: 'sale',
    source: 'POS',
    register_id: registerId,
    currency: 'EUR',
    pretax_amount: '4.21',
    tax_amount: '0.29',
    tip_amount: '0.00',
    total_amount: '4.50',
    line_items: [
      {
        sku_identifier: 'croissant',
        title: 'Croissant mit Schokolade',
        quantity: 3,
        unit_price: '1.50',
        total_amount: '4.50',
        taxes: [{ name: 'USt', rate: '0.07', tax_amount: '0.29' }],
      },
    ],
    metadata: { till: 'front', note: 'äöü €' },
  }
}
