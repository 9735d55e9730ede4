import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import type { FieldAmounts } from '../../../agent/laws/austria/amounts.ts'
import { noAmounts } from '../../../agent/laws/austria/amounts.ts'
import { nextReceipt, seal } from '../../../agent/laws/austria/chain.ts'
import type { ChainState } from '../../../agent/laws/austria/chain-state.ts'
import { newChain } from '../../../agent/laws/austria/chain-state.ts'
import type { Dep7Certificates } from '../../../agent/laws/austria/dep7.ts'
import { signingInputOf } from '../../../agent/laws/austria/jws.ts'
import type { ReceiptKind } from '../../../agent/laws/austria/special-receipts.ts'
import { closingOf, dueReceipts } from '../../../agent/laws/austria/special-receipts.ts'
import { localStamp } from '../../../agent/laws/austria/stamp.ts'
import { curveByName } from '../../../drivers/tr03151/algorithms.ts'
import { makeCertificateChain, shortSerial } from '../../../drivers/tr03151/certificate.ts'
import { pointOfSpki } from '../../../drivers/tr03151/ecdsa.ts'
import { seeded } from '../../crash/seeded.ts'

export type SoftUnit = { serial: string; key: KeyObject; certificates: readonly Uint8Array[] }

/** A signature unit in memory, with issuer and root. */
export function softUnit(): SoftUnit {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const { point } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  const certificates = makeCertificateChain(point, curveByName('P-256'), Date.parse('2026-01-01T00:00:00Z'))
  return {
    serial: shortSerial(new X509Certificate(certificates[0] ?? new Uint8Array())),
    key: privateKey,
    certificates,
  }
}

export function certificatesOf(units: readonly SoftUnit[]) {
  return (serial: string): Dep7Certificates => {
    const [certificate, ...issuers] = units.find((unit) => unit.serial === serial)?.certificates ?? []
    return { certificate, issuers }
  }
}

/** One register with its chain: the smallest till that follows the rules. */
export class SoftTill {
  readonly receipts: { kind: ReceiptKind; number: string; stamp: string; jws: string; failed: boolean }[] = []
  readonly #aesKey: KeyObject
  #state: ChainState
  unit: SoftUnit
  /** The unit is down: receipts carry the marker. */
  #isOut = false

  constructor(cashBoxId: string, aesKey: KeyObject, unit: SoftUnit) {
    this.#state = newChain(cashBoxId)
    this.#aesKey = aesKey
    this.unit = unit
  }

  get state(): ChainState {
    return this.#state
  }

  fail(): void {
    this.#isOut = true
  }

  recover(): void {
    this.#isOut = false
  }

  /** The receipt, and before it the special ones that are due. */
  make(nowMs: number, kind: ReceiptKind, amounts: FieldAmounts = noAmounts, period = ''): void {
    if (!this.#isOut)
      for (const due of dueReceipts(this.#state, localStamp(nowMs)))
        this.#add(nowMs, due.kind, noAmounts, due.kind === 'collective' ? '' : due.period)
    this.#add(nowMs, kind, amounts, period)
  }

  #add(nowMs: number, kind: ReceiptKind, amounts: FieldAmounts, period: string): void {
    const { serial, key } = this.unit
    const vda = serial.includes(':') ? 'AT0' : 'AT1'
    const planned = nextReceipt(this.#state, { kind, amounts, period }, { vda, serial }, nowMs, this.#aesKey)
    const message = Buffer.from(signingInputOf(planned.payload))
    const signature = this.#isOut ? undefined : sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })
    const { code, jws, state } = seal(this.#state, planned, signature)
    this.#state = state
    this.receipts.push({ kind, number: code.number, stamp: code.stamp, jws, failed: this.#isOut })
  }
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const yearStart = Date.parse('2026-01-02T08:00:00Z')

/**
 * 2026 at one register: sales, returns, exchanges, voids, training, vouchers, a new card in May, outages of hours in June and
 * across the month in August, sales through both clock changes, an inspector, the Schlussbeleg in January.
 */
export function sellForAYear(till: SoftTill, second: SoftUnit, seed: number): void {
  const { next: lot } = seeded(seed)
  const business = businessOf(till, lot)
  const mornings: Readonly<Record<string, () => void>> = {
    '2026-05-11': () => {
      till.unit = second
    },
    '2026-06-15': () => till.fail(),
    '2026-08-28': () => till.fail(),
    '2026-09-03': () => till.recover(),
  }
  const evenings: Readonly<Record<string, (nowMs: number) => void>> = {
    '2026-06-15': () => till.recover(),
    '2026-04-20': (nowMs) => till.make(nowMs, 'zero'),
    '2026-07-31': (nowMs) => closeMonth(till, nowMs),
    '2026-03-28': () => sellThroughNight(business, Date.parse('2026-03-29T00:30:00Z')),
    '2026-10-24': () => sellThroughNight(business, Date.parse('2026-10-24T23:30:00Z')),
  }
  till.make(yearStart, 'start')
  for (let day = 0; day < 365; day += 1) {
    const morning = yearStart + day * DAY_MS
    const date = localStamp(morning).slice(0, 10)
    mornings[date]?.()
    if (isHoliday(date)) continue
    for (let sale = 0; sale < 6; sale += 1) business(morning + sale * HOUR_MS + Math.floor(lot() * HOUR_MS))
    evenings[date]?.(morning + 7 * HOUR_MS)
  }
  till.make(Date.parse('2027-01-04T09:00:00Z'), 'standard', noAmounts)
  till.make(Date.parse('2027-01-04T10:00:00Z'), 'final')
}

function isHoliday(date: string): boolean {
  return (date > '2026-02-10' && date < '2026-03-02') || date.startsWith('2026-11')
}

/** The amounts of the Stornobeleg that reverses a receipt with these. */
function opposite({ normal, reduced1, reduced2, zero, special }: FieldAmounts): FieldAmounts {
  return { normal: -normal, reduced1: -reduced1, reduced2: -reduced2, zero: -zero, special: -special }
}

/** One receipt of business: mostly sales, some returns, voids of sales and of returns, training. */
function businessOf(till: SoftTill, lot: () => number) {
  const cents = (most: number): bigint => BigInt(Math.floor(lot() * most))
  const rarely = (chance: number, amount: bigint): bigint => (lot() < chance ? amount : 0n)
  const amounts = (): FieldAmounts => ({
    normal: cents(20_000) + 1n,
    reduced1: cents(3000),
    reduced2: rarely(0.1, cents(2000)),
    zero: rarely(0.1, 5000n),
    special: rarely(0.05, cents(900)),
  })
  return (nowMs: number): void => {
    const choice = lot()
    if (choice < 0.8) till.make(nowMs, 'standard', amounts())
    else if (choice < 0.88) till.make(nowMs, 'standard', opposite(amounts()))
    else if (choice < 0.92) till.make(nowMs, 'void', opposite(amounts()))
    else if (choice < 0.95) till.make(nowMs, 'void', amounts())
    else till.make(nowMs, 'training', amounts())
  }
}

function closeMonth(till: SoftTill, nowMs: number): void {
  const due = closingOf(localStamp(nowMs))
  till.make(nowMs, due.kind, noAmounts, due.period)
}

/** A receipt every ten minutes for three and a half hours. */
function sellThroughNight(business: (nowMs: number) => void, fromMs: number): void {
  for (let step = 0; step <= 21; step += 1) business(fromMs + step * 600_000)
}
