import type { KeyObject } from 'node:crypto'
import { verifyDep7 } from '../../verify/rksv/verify-dep7.ts'
import { LOCATION, MERCHANT } from '../e2e/austria/shop.ts'
import { elsewhere, goods } from '../e2e/goods.ts'
import type { AnswerLog, Members } from './answer-log.ts'
import type { Lines } from './lines-back.ts'
import { linesBack } from './lines-back.ts'
import type { Till } from './till.ts'
import { beginGoods, fiscalize, money, paymentsOf } from './till.ts'

type Type = Parameters<typeof goods>[0]
/** The files of a register for an inspector. */
export type RegisterFiles = { dep: string; aesKey: KeyObject }

const RATES = ['0.20', '0.20', '0.10', '0.13', '0.19', '0'] as const

/** The acts of tills under the law of Austria, and their knowledge after them. */
export class AustrianTills {
  /** Turnover of each register by the tills' own count, in cents. */
  readonly #turnover = new Map<string, number>()
  /** Counts over all registers, once proven; a group ends if another unit takes over. */
  #location = ''
  readonly proven = { receipts: 0, outageReceipts: 0, groups: 0 }

  /** Two tills on each register: its receipts wait for each other. */
  async openShop(office: Till, tills: number): Promise<string[]> {
    await office.act('/v1/merchants', MERCHANT)
    const { id: location_id } = await office.act('/v1/locations', LOCATION)
    this.#location = String(location_id)
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

  /** A register of a day: its Startbeleg and its Schlussbeleg. */
  async openAndEnd(office: Till): Promise<void> {
    const wanted = { location_id: this.#location, name: 'Markt', fiscal_device: 'card-1' }
    const id = await fiscalize(office, String((await office.act('/v1/registers', wanted))['id']))
    this.#count(id, '0.00')
    await office.act(`/v1/registers/${id}/decommission`, {})
  }

  /** Each chain as an inspector sees it, compared with the tills' own counts and answers. */
  async prove(answers: AnswerLog, filesOf: (register: string) => Promise<RegisterFiles>): Promise<string[]> {
    const violations: string[] = []
    const codes = new Set<string>()
    for (const [register, cents] of this.#turnover) {
      const { dep, aesKey } = await filesOf(register)
      const report = await verifyDep7(chunksOf(dep), { aesKey })
      for (const { id, number, message } of report.findings)
        violations.push(`RKSV ${register} ${number} ${id}: ${message}`)
      this.proven.receipts += report.receipts
      this.proven.outageReceipts += report.outageReceipts
      this.proven.groups += report.groups
      if (report.turnoverCents !== BigInt(cents))
        violations.push(`RKSV the counter of ${register} is ${report.turnoverCents}, the tills sold ${cents}`)
      for (const code of codesOf(dep)) codes.add(code)
    }
    for (const { key, path, body } of answers.held) {
      const facts = (JSON.parse(body) as Members)['fiscal_information'] as Members | null | undefined
      const code = facts?.['machine_code']
      if (typeof code === 'string' && !codes.has(code))
        violations.push(`RKSV the receipt answered to ${path} ${key} is in no DEP: ${code}`)
    }
    return violations
  }

  async #sell(till: Till, register: string, type: Type, sign: number, more: Members = {}): Promise<Members> {
    const { random } = till
    const line = (): Lines[number] => [money(sign * (1 + random.below(9000))), random.pick(RATES)]
    const lines = Array.from({ length: 1 + random.below(3) }, line)
    const back = type === 'sale' ? linesBack(random, lines, RATES, () => undefined) : []
    const body = goods(type, register, [...lines, ...back], more)
    const { path, version, last } = await beginGoods(till, body)
    const total = String(body['total_amount'])
    const payments = paymentsOf(total, random.chance(0.5))
    const done = await till.act(`${path}/complete`, { payments, ...last }, version)
    if (more['training'] !== true) this.#count(register, total)
    return done
  }

  async #sellAndReverse(till: Till, register: string): Promise<void> {
    const { id } = await this.#sell(till, register, 'sale', 1)
    const body = { type: 'void', register_id: register, currency: 'EUR', related_operation_id: id }
    this.#count(register, String((await till.act('/v1/operations', body))['total_amount']))
  }

  async #giveUp(till: Till, register: string): Promise<void> {
    const { path, version } = await beginGoods(till, goods('sale', register, [['1.00', '0.20']]))
    await till.act(`${path}/void`, { reason: 'operator_cancelled' }, version)
  }

  #count(register: string, amount: string): void {
    this.#turnover.set(register, (this.#turnover.get(register) ?? 0) + Math.round(Number(amount) * 100))
  }
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'utf8')
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
