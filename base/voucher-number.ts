const UNSEEN = /[\s\p{Cf}]+/gu

/**
 * The number of a voucher as a person reads it: "v1", "V1 " and its full-width form are one voucher. Unicode NFKC, without
 * blanks and case.
 */
export function voucherName(number: string): string {
  return number.normalize('NFKC').replace(UNSEEN, '').toUpperCase()
}

export function isSameVoucher(one: string | undefined, other: string): boolean {
  return one !== undefined && (one === other || voucherName(one) === voucherName(other))
}
