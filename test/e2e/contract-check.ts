import * as z from 'zod'
import type { Contract } from '../../agent/contract/contract-of.ts'
import { errorDto } from '../../agent/contract/error.ts'
import { openapiOf } from '../../agent/contract/openapi.ts'
import type { Route } from '../../agent/contract/route.ts'
import { DRY_RUN_STATUS, errorCodesOf } from '../../agent/contract/route.ts'
import { routes } from '../../agent/contract/routes.ts'
import { CONTRACT, DESCRIBED } from '../contract.ts'
import type { Judge } from '../document-schemas.ts'
import { DocumentSchemas } from '../document-schemas.ts'

const rows: readonly Route[] = Object.values(routes)
/** Every answer of every test is compared: the patterns are compiled once. */
const PATTERNS = rows.map((row) => ({ row, pattern: new RegExp(`^${row.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }))

/** The row of the contract that serves a request; undefined if none does. */
function routeOf(method: string, path: string): Route | undefined {
  const found = PATTERNS.find(
    ({ row, pattern }) => row.methods.some((known) => known.toUpperCase() === method) && pattern.test(path),
  )
  return found?.row
}

/** Compares answers with the contract of an agent with certain laws. */
export class ContractCheck {
  readonly contract: Contract
  readonly #document: object
  readonly #schemas: DocumentSchemas
  /** Of the documented schema by route, method and status; undefined if there is none. */
  readonly #documented = new Map<string, Judge | undefined>()

  constructor(contract: Contract) {
    this.contract = contract
    this.#document = openapiOf(contract, DESCRIBED)
    this.#schemas = new DocumentSchemas(Object(this.#at(['components', 'schemas'])))
  }

  /**
   * Throws if an answer does not fit the contract: its status is missing in the row, its body breaks the zod schema
   * (strict: an unknown member breaks it), or the schema of the same status in the OpenAPI document; or its error code is
   * missing in the row.
   */
  answer(method: string, path: string, status: number, body: unknown): void {
    const route = routeOf(method, path)
    // The document itself and its former address: they are in no document.
    if (route?.listed === false && status < 400) return
    if (route === undefined || route.listed === false) {
      errorDto.parse(body)
      return
    }
    const where = `${method} ${route.path} ${status}`
    const schema = status >= 400 ? errorDto : isSuccess(route, status) ? route.success.schema : undefined
    if (schema === undefined) throw new Error(`${where}: the contract knows no such answer`)
    demand(this.contract.of(schema), body, `${where} by the contract`)
    const documented = this.#documentedSchema(route, status)
    if (documented === undefined && !this.#isBare(route, status))
      throw new Error(`${where}: not in the OpenAPI document`)
    const difference = documented?.(body)
    if (difference !== undefined) throw refusal(`${where} by the OpenAPI document`, difference, body)
    const { data } = CODED.safeParse(body)
    if (status >= 400 && !errorCodesOf(route).some((code) => code === data?.code)) {
      throw new Error(`${where}: the row does not name the code ${data?.code}`)
    }
  }

  #documentedSchema(route: Route, status: number): Judge | undefined {
    const key = `${route.operationId} ${status}`
    if (!this.#documented.has(key)) this.#documented.set(key, this.#compiled(route, status))
    return this.#documented.get(key)
  }

  /** A refusal of a route whose answer is not JSON: its status is in the document, its content is not. */
  #isBare(route: Route, status: number): boolean {
    const answer = this.#at(['paths', route.path, route.methods[0], 'responses', String(status)])
    return status >= 400 && route.success.schema === undefined && answer !== undefined
  }

  #at(place: readonly string[]): unknown {
    return valueAt(this.#document, place)
  }

  #compiled(route: Route, status: number): Judge | undefined {
    const answer = this.#at(['paths', route.path, route.methods[0], 'responses', String(status)])
    const reference = valueAt(answer, ['$ref'])
    const shared = typeof reference === 'string' ? this.#at(reference.split('/').slice(1)) : answer
    const schema = valueAt(shared, ['content', 'application/json', 'schema'])
    return schema === undefined ? undefined : this.#schemas.judge(Object(schema))
  }
}

function valueAt(start: unknown, place: readonly string[]): unknown {
  return place.reduce<unknown>(
    (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
    start,
  )
}

/** By the laws that are built in. */
export const BUILT_IN = new ContractCheck(CONTRACT)

export function checkAnswer(method: string, path: string, status: number, body: unknown): void {
  BUILT_IN.answer(method, path, status, body)
}

function isSuccess(route: Route, status: number): boolean {
  return status === route.success.status || (route.dryRun === true && status === DRY_RUN_STATUS)
}

const CODED = z.object({ code: z.string() })

function demand(schema: z.ZodType, body: unknown, where: string): void {
  const result = schema.safeParse(body)
  if (!result.success) throw refusal(where, z.prettifyError(result.error), body)
}

function refusal(where: string, difference: string, body: unknown): Error {
  return new Error(`${where}: ${difference}\n${JSON.stringify(body)}`)
}
