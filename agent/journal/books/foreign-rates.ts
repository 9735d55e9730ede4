import { absolute } from '../../../base/money.ts'
import { textIn } from '../checked.ts'
import { confirmationOf } from '../confirmed-tasks.ts'
import type { EventBody } from '../events.ts'
import { paidCents, paidUnits } from './operation-parts.ts'
import type { Paid } from './unsold-members.ts'

/** A payment in foreign cash: cents of the currency and of its value in euro, without a sign. */
export type ForeignPayment = {
  readonly seq: number
  readonly register: string
  readonly bon: string
  readonly operation: string
  /** RFC 3339 of the event that completed it. */
  readonly at: string
  readonly units: bigint
  readonly base: bigint
}

/** A payment whose rate is far from the others. `duty`: the id under which a person gives the reason. */
export type FarPayment = ForeignPayment & { readonly duty: string; readonly reason: string | undefined }

/** The payments of one currency. Rates are euro for one unit. `cents`: their value with its sign. */
export type CurrencyRates = {
  readonly currency: string
  readonly count: number
  readonly cents: bigint
  readonly lowest: number
  readonly highest: number
  /** Undefined for fewer than three payments. */
  readonly median: number | undefined
  readonly far: readonly FarPayment[]
}

/** A rate that differs more from the median is far from it. */
const FAR = 0.2
const FEWEST = 3
/** The value is rounded to cents. */
const ROUNDING_CENTS = 1

/** The rates of foreign cash in a range, as the till said them. */
export class ForeignRates {
  readonly #payments = new Map<string, ForeignPayment[]>()
  readonly #sums = new Map<string, bigint>()
  /** By the confirmation of the duty. */
  readonly #reasons = new Map<string, string>()

  note(kind: string, op: string, { set }: EventBody): void {
    const reason = kind === 'duty.confirmed' ? textIn(set?.['reason']) : undefined
    if (reason !== undefined && reason.trim() !== '') this.#reasons.set(op, reason)
  }

  paid(where: Omit<ForeignPayment, 'units' | 'base'>, payments: readonly Paid[]): void {
    for (const payment of payments) {
      if (payment.base_amount === undefined) continue
      const { currency } = payment
      const [cents, units] = [paidCents(payment), absolute(paidUnits(payment))]
      this.#sums.set(currency, (this.#sums.get(currency) ?? 0n) + cents)
      const known = this.#payments.get(currency) ?? []
      this.#payments.set(currency, known)
      if (units > 0n) known.push({ ...where, units, base: absolute(cents) })
    }
  }

  /** By currency. */
  all(): CurrencyRates[] {
    const currencies = [...this.#payments].filter(([, payments]) => payments.length > 0)
    return currencies
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([currency, payments]) => {
        const rates = payments.map(rateOf).sort((one, other) => one - other)
        const median = rates.length < FEWEST ? undefined : medianOf(rates)
        const far = median === undefined ? [] : payments.filter((payment) => isFar(payment, median))
        return {
          ...{ currency, count: payments.length, cents: this.#sums.get(currency) ?? 0n },
          ...{ lowest: rates[0] ?? 0, highest: rates.at(-1) ?? 0, median },
          far: far.map((payment) => this.#withReason(payment)),
        }
      })
  }

  #withReason(payment: ForeignPayment): FarPayment {
    const duty = foreignRateDuty(payment.operation)
    return { ...payment, duty, reason: this.#reasons.get(confirmationOf(duty)) }
  }
}

/** The id under which a person gives the reason for the rate of an operation. */
export function foreignRateDuty(operation: string): string {
  return `foreign-rate-${operation}`
}

export function rateOf({ units, base }: Pick<ForeignPayment, 'units' | 'base'>): number {
  return Number(base) / Number(units)
}

function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

function isFar({ units, base }: ForeignPayment, median: number): boolean {
  const usual = Number(units) * median
  return Math.abs(Number(base) - usual) > usual * FAR + ROUNDING_CENTS
}
