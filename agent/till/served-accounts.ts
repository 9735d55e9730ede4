import type { AuthorityAccount } from '../../drivers/ports/authority.ts'
import type { Duty, DutyMerchant } from '../laws/duty.ts'

/** The merchants that have something to send. */
export function merchantsIn(duties: readonly Duty[]): number {
  return new Set(duties.flatMap(({ act }) => (act !== undefined && isKnown(act.merchant) ? [act.merchant[0]] : [])))
    .size
}

/** An account without a name serves the only merchant. */
export function isServedBy({ merchant: name }: AuthorityAccount, merchant: DutyMerchant, merchants: number): boolean {
  if (!isKnown(merchant)) return false
  return name === undefined ? merchants === 1 : merchant.some((number) => plain(number) === plain(name))
}

function isKnown(merchant: DutyMerchant): merchant is readonly string[] {
  return typeof merchant !== 'string'
}

function plain(text: string): string {
  return text.toUpperCase().replaceAll(/\s/g, '')
}
