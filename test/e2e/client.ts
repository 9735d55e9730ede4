import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type * as z from 'zod'
import type { errorDto } from '../../agent/contract/error.ts'
import { operation } from '../../agent/contract/operation.ts'
import { isOurs } from '../../agent/laws/germany/ours.ts'
import type { Facts } from '../../agent/laws/germany/shapes.ts'
import type { ContractCheck } from './contract-check.ts'
import { BUILT_IN } from './contract-check.ts'
import { keepExchange } from './kept-benches.ts'

export type Members = { readonly [member: string]: unknown }
export type Operation = z.output<typeof operation>
export type Signed = Facts
type Refusal = z.output<typeof errorDto>

export type Call = {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  body?: unknown
  /** Idempotency-Key; a new one if a change has none. */
  key?: string
  /** Version for If-Match. */
  ifMatch?: number
  /** Replaces the usual ones; undefined removes a header. */
  headers?: Readonly<Record<string, string | undefined>>
}

export type Answer = { status: number; headers: Headers; text: string; json: Members }

/** A till or a back office: an address, a key, and the contract that every JSON answer must keep. */
export class Client {
  readonly #url: () => string
  readonly #headers: Readonly<Record<string, string>>
  readonly #check: ContractCheck

  constructor(url: () => string, headers: Readonly<Record<string, string>>, check: ContractCheck = BUILT_IN) {
    this.#url = url
    this.#headers = headers
    this.#check = check
  }

  /** The same key for one merchant of several. */
  forMerchant(merchantId: string): Client {
    return new Client(this.#url, { ...this.#headers, 'X-OpenFiskal-Merchant': merchantId }, this.#check)
  }

  async call({ method, path, body, key, ifMatch, headers }: Call): Promise<Answer> {
    const verb = method ?? (body === undefined ? 'GET' : 'POST')
    const all = {
      ...this.#headers,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...((key !== undefined || verb !== 'GET') && { 'Idempotency-Key': key ?? randomUUID() }),
      ...(ifMatch !== undefined && { 'If-Match': `"${ifMatch}"` }),
      ...headers,
    }
    const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const response = await fetch(new URL(path, this.#url()), {
      method: verb,
      headers: present,
      redirect: 'manual',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    const json = isJson ? (JSON.parse(text) as Members) : {}
    keepExchange(response.url, { method: verb, headers: all, body }, { status: response.status, text })
    if (isJson) this.#check.answer(verb, new URL(path, this.#url()).pathname, response.status, json)
    return { status: response.status, headers: response.headers, text, json }
  }

  async get(path: string): Promise<Members> {
    return this.#expected(200, { path })
  }

  /** The rows of a list, first page. */
  async list(path: string): Promise<readonly Members[]> {
    return (await this.get(path))['data'] as readonly Members[]
  }

  async post(path: string, body: unknown, status = 201): Promise<Members> {
    return this.#expected(status, { path, body })
  }

  async patch(path: string, body: unknown): Promise<Members> {
    return this.#expected(200, { method: 'PATCH', path, body })
  }

  /** Expects a refusal and gives its body. */
  async refused(call: Call): Promise<Refusal> {
    const answer = await this.call(call)
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
    return answer.json as Refusal
  }

  /** Creates an operation under a separate key. */
  async create(body: Members, key: string = randomUUID()): Promise<Operation> {
    return this.#check.contract.of(operation).parse(await this.#expected(201, { path: '/v1/operations', body, key }))
  }

  async complete(open: Pick<Operation, 'id'>, payments: readonly Members[], more: Members = {}): Promise<Operation> {
    return this.#check.contract.of(operation).parse(await this.#expected(200, completion(open, payments, more)))
  }

  /** Replaces the goods of an open operation of that version. */
  async amend(open: Pick<Operation, 'id' | 'resource_version'>, body: Members): Promise<Operation> {
    return this.#check.contract.of(operation).parse(await this.#expected(200, amending(open, body)))
  }

  async void(open: Pick<Operation, 'id'>, reason = 'operator_cancelled'): Promise<Operation> {
    return this.#check.contract.of(operation).parse(await this.#expected(200, voiding(open, reason)))
  }

  async read(id: string): Promise<Operation> {
    return this.#check.contract.of(operation).parse(await this.get(`/v1/operations/${id}`))
  }

  async #expected(status: number, call: Call): Promise<Members> {
    const answer = await this.call(call)
    expect(answer.status, `${call.path}: ${answer.text}`).toBe(status)
    return answer.json
  }
}

/** The completion of an operation of version 1. */
export function completion(open: Pick<Operation, 'id'>, payments: readonly Members[], more: Members = {}): Call {
  const path = `/v1/operations/${open.id}/complete`
  return { path, body: { payments, ...more }, key: randomUUID(), ifMatch: 1 }
}

/** The amendment of an operation of that version. */
export function amending(
  { id, resource_version: ifMatch }: Pick<Operation, 'id' | 'resource_version'>,
  body: Members,
): Call {
  return { method: 'PATCH', path: `/v1/operations/${id}`, body, key: randomUUID(), ifMatch }
}

/** The void of an operation of version 1. */
export function voiding(open: Pick<Operation, 'id'>, reason = 'operator_cancelled'): Call {
  return { path: `/v1/operations/${open.id}/void`, body: { reason }, key: randomUUID(), ifMatch: 1 }
}

/** The signed part of an operation; fails if there is none. */
export function signed(done: Operation): Signed {
  const facts = done.fiscal_information
  if (!isOurs(facts)) throw new Error(`not signed: ${JSON.stringify(done.fiscal)}`)
  return facts
}

/** processData of the TSE's signature. */
export function processData(done: Operation): string {
  return signed(done).end_event.process_data
}
