import { createSecretKey } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyDep7 } from '../../agent/regimes/rksv/verify-dep7.ts'
import { LOCATION, MERCHANT } from '../e2e/austria.ts'
import { elsewhere, goods } from '../e2e/goods.ts'
import type { AnswerLog, Members } from './answer-log.ts'
import type { Place } from './daemon.ts'
import { administer, ownPlace } from './daemon.ts'
import type { Course } from './kill-run.ts'
import { KILL_AFTER_MS } from './kill-run.ts'
import type { Seeded } from './seeded.ts'
import type { Till } from './till.ts'
import { fiscalize, money, paymentsOf } from './till.ts'

type Type = Parameters<typeof goods>[0]

const RATES = ['0.20', '0.20', '0.10', '0.13', '0.19', '0'] as const
const CARDS = [
  { id: 'card-1', driver: 'card-simulator' },
  { id: 'card-2', driver: 'card-simulator' },
]
const RANGE = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

/** Tokens outside the agent, by the number of their unit; `away` until they are put back. */
export type Tokens = { pull(number: 1 | 2): Promise<void>; putBack(number: 1 | 2): Promise<void> }

/** Registers of Austria on two units, the second standing in for the first; units fail as well as the agent. */
export class AustrianCourse implements Course {
  readonly device = undefined
  /** Turnover of each register by the tills' own count, in cents. */
  readonly #turnover = new Map<string, number>()
  readonly #devices: readonly object[]
  readonly #tokens: Tokens | undefined
  /** Of all registers, once proven; a group ends where another unit takes over. */
  readonly proven = { receipts: 0, outageReceipts: 0, groups: 0 }
  readonly #away = new Set<1 | 2>()

  constructor(devices: readonly object[] = CARDS, tokens?: Tokens) {
    this.#devices = devices
    this.#tokens = tokens
  }

  /** A token is away until the next kill: long enough for a receipt without it, on a slow machine too. */
  get killAfterMs(): { least: number; most: number } {
    return this.#tokens === undefined ? KILL_AFTER_MS : { least: 200, most: 600 }
  }

  place(): Place {
    return ownPlace({}, { devices: this.#devices, rksv: { fallbacks: { 'card-1': ['card-2'] } } })
  }

  /** Key and certificate are made where a unit has none. */
  async prepare(state: string): Promise<void> {
    for (const { id: deviceId } of CARDS) await administer(state, 'deviceAct', { deviceId, act: 'init' })
  }

  /** Two tills on each register: its receipts wait for each other. */
  async openShop(office: Till, tills: number): Promise<string[]> {
    await office.act('/v1/merchants', MERCHANT)
    const { id: location_id } = await office.act('/v1/locations', LOCATION)
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
    const lot = till.random.below(20)
    if (lot < 10) await this.#sell(till, register, 'sale', 1)
    else if (lot < 12) await this.#sell(till, register, 'return', -1, elsewhere)
    else if (lot < 13) await this.#sell(till, register, 'exchange', till.random.pick([1, -1]), elsewhere)
    else if (lot < 15) await this.#sell(till, register, 'sale', 1, { training: true })
    else if (lot < 18) await this.#sellAndReverse(till, register)
    else if (lot < 19) await this.#giveUp(till, register)
    else await till.act('/v1/operations', { ...drawer(register), type: 'session_cash_adjustment', cash_amount: '5.00' })
  }

  /** One or both units are pulled; the next start finds simulated ones back, tokens stay away for a while. */
  async disturb(state: string, random: Seeded): Promise<void> {
    const lot = random.below(8)
    if (this.#tokens !== undefined) return this.#disturbTokens(this.#tokens, random)
    if (lot > 2) return
    for (const { id } of CARDS.slice(0, lot < 2 ? 1 : 2))
      await administer(state, 'fault', { deviceId: id, fault: 'unplugged@*' }).catch(() => undefined)
  }

  /** Each token is in or away; both away is an outage, which the next one that comes back ends. */
  async #disturbTokens(tokens: Tokens, random: Seeded): Promise<void> {
    for (const number of [1, 2] as const) {
      if (this.#away.delete(number)) await tokens.putBack(number)
      else if (random.chance(number === 1 ? 0.5 : 0.2)) {
        await tokens.pull(number)
        this.#away.add(number)
      }
    }
  }

  /** Each chain as an inspector sees it, beside what the tills counted and were answered. */
  async prove({ folder, state }: Place, answers: AnswerLog): Promise<string[]> {
    const found: string[] = []
    const codes = new Set<string>()
    for (const [registerId, cents] of this.#turnover) {
      const [dep, material] = [join(folder, 'dep7.json'), join(folder, 'material.json')]
      await administer(state, 'exportTo', { type: 'dep7', range: { ...RANGE, registerId }, path: dep })
      await administer(state, 'exportTo', { type: 'rksv_crypto', range: { ...RANGE, registerId }, path: material })
      const { base64AESKey } = JSON.parse(await readFile(material, 'utf8')) as { base64AESKey: string }
      const report = await verifyDep7(createReadStream(dep), { aesKey: createSecretKey(base64AESKey, 'base64') })
      for (const { id, number, message } of report.findings)
        found.push(`RKSV ${registerId} ${number} ${id}: ${message}`)
      this.proven.receipts += report.receipts
      this.proven.outageReceipts += report.outageReceipts
      this.proven.groups += report.groups
      if (report.turnoverCents !== BigInt(cents))
        found.push(`RKSV the counter of ${registerId} is ${report.turnoverCents}, the tills sold ${cents}`)
      for (const code of codesOf(await readFile(dep, 'utf8'))) codes.add(code)
    }
    for (const { key, path, body } of answers.held) {
      const facts = (JSON.parse(body) as Members)['fiscal_information'] as Members | null | undefined
      const code = facts?.['machine_code']
      if (typeof code === 'string' && !codes.has(code))
        found.push(`RKSV the receipt answered to ${path} ${key} is in no DEP: ${code}`)
    }
    return found
  }

  async #sell(till: Till, register: string, type: Type, sign: number, more: Members = {}): Promise<Members> {
    const { random } = till
    const line = (): readonly [string, string] => [money(sign * (1 + random.below(9000))), random.pick(RATES)]
    const lines = Array.from({ length: 1 + random.below(3) }, line)
    const open = await till.act('/v1/operations', goods(type, register, lines, more))
    const total = String(open['total_amount'])
    const path = `/v1/operations/${String(open['id'])}/complete`
    const payments = paymentsOf(total, random.chance(0.5))
    const done = await till.act(path, { payments }, Number(open['resource_version']))
    if (more['training'] !== true) this.#count(register, total)
    return done
  }

  async #sellAndReverse(till: Till, register: string): Promise<void> {
    const { id } = await this.#sell(till, register, 'sale', 1)
    const body = { type: 'void', register_id: register, currency: 'EUR', related_operation_id: id }
    this.#count(register, String((await till.act('/v1/operations', body))['total_amount']))
  }

  async #giveUp(till: Till, register: string): Promise<void> {
    const open = await till.act('/v1/operations', goods('sale', register, [['1.00', '0.20']]))
    const path = `/v1/operations/${String(open['id'])}/void`
    await till.act(path, { reason: 'operator_cancelled' }, Number(open['resource_version']))
  }

  #count(register: string, amount: string): void {
    this.#turnover.set(register, (this.#turnover.get(register) ?? 0) + Math.round(Number(amount) * 100))
  }
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
