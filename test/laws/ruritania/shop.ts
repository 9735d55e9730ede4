import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Agent } from '../../../agent/compose.ts'
import { compose } from '../../../agent/compose.ts'
import type { Config } from '../../../agent/config/config.ts'
import { checkConfig } from '../../../agent/config/config.ts'
import { completeOperation, createOperation } from '../../../agent/contract/operation.ts'
import { parse } from '../../../agent/contract/parse.ts'
import { LAWS } from '../../../agent/laws/laws.ts'
import type { Answer, Mutation } from '../../../agent/till/requests.ts'
import { systemClock } from '../../../base/clock.ts'
import { event, goods, pay } from '../../e2e/goods.ts'
import { emptyReserve } from '../../empty-reserve.ts'
import { RATE } from './facts.ts'
import { RURITANIA } from './law.ts'

type Members = Record<string, unknown>

const ADDRESS = { line1: 'Castle Square 1', city: 'Strelsau', postal_code: '1000', country_code: 'RUR' }

/** An agent with the law of Ruritania in addition to the built-in ones, called as the sale API calls it. */
export class RuritanianShop {
  readonly folder: string
  readonly config: Config
  agent: Agent | undefined
  merchantId: string | undefined
  /** Called with the name of every fault point that is reached; may throw. */
  atPoint: (point: string) => void = () => undefined

  private constructor(folder: string) {
    this.folder = folder
    this.config = checkConfig('shop', { version: 1, state: 'state', listen: { port: 0 }, devices: [] }, folder)
  }

  static async open(): Promise<RuritanianShop> {
    const shop = new RuritanianShop(await mkdtemp(join(tmpdir(), 'ruritania-')))
    emptyReserve(shop.config.state)
    await shop.start()
    return shop
  }

  async start(): Promise<void> {
    const random = (length: number): Uint8Array => randomBytes(length)
    const log = pino({ enabled: false })
    this.agent = await compose(this.config, {
      ...{ clock: systemClock, random, log, laws: [...LAWS, RURITANIA] },
      fault: (point) => this.atPoint(point),
    })
    await this.agent.listen()
  }

  async stop(): Promise<void> {
    await this.agent?.stop()
    this.agent = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  get application(): Agent['application'] {
    if (this.agent === undefined) throw new Error('the agent is stopped')
    return this.agent.application
  }

  mutation(ifMatch?: number): Mutation {
    const caller = { kind: 'platform', keyId: 'key_office' } as const
    return { caller, merchantId: this.merchantId, idempotency: undefined, ifMatch, organization: undefined }
  }

  /** A register that may sell, in a session. */
  async register(): Promise<string> {
    const { merchants, locations, registers } = this.application
    const merchant = { legal_name: 'Rassendyll & Sons', country_code: 'RUR', address: ADDRESS, fiscal_identities: [] }
    this.merchantId = idIn(await merchants.create(this.mutation(), merchant))
    const location = { name: 'Castle', address: ADDRESS, timezone: 'Europe/Prague' }
    const place = idIn(await locations.create(this.mutation(), location))
    const register = idIn(await registers.create(this.mutation(), { location_id: place, name: 'Till 1' }))
    await registers.fiscalize(this.mutation(), register, {})
    const opening = event('session_open', register, { opening_balance_amount: '50.00' })
    await this.application.operations.create(this.mutation(), parse(createOperation, opening))
    return register
  }

  /** A sale that is paid in cash, as it is answered. */
  async sell(register: string, amount: string, rate: string = RATE): Promise<Members> {
    const { operations } = this.application
    const sale = parse(createOperation, goods('sale', register, [[amount, rate]]))
    const open = bodyOf(await operations.create(this.mutation(), sale))
    const paid = parse(completeOperation, { payments: [pay('cash', amount)] })
    return bodyOf(await operations.complete(this.mutation(Number(open['resource_version'])), String(open['id']), paid))
  }
}

export function bodyOf({ body }: Answer): Members {
  return JSON.parse(body) as Members
}

function idIn(answer: Answer): string {
  return String(bodyOf(answer)['id'])
}
