/**
 * Replaces the encrypted counter on a training receipt, and on a void, which does not have one: BASE64 of `TRA` and
 * `STO`.
 */
export const TRAINING = 'VFJB'
export const VOID = 'U1RP'

/** The fields of an Austrian receipt's code that the books compare (RKSV Anlage Z 12). */
export type ReceiptCode = {
  readonly cashBoxId: string
  readonly number: number
  /** Fields 5 to 9 in cents. */
  readonly amounts: readonly bigint[]
  /** Field 10. */
  readonly counter: string
  /** Field 11: serial number of the signing certificate. */
  readonly serial: string
  /** Field 12. */
  readonly previous: string
}

/** The code in a JWS text. Shares nothing with its writer. Throws for invalid amounts. */
export function codeOf(jws: string): ReceiptCode {
  const [, , cashBoxId = '', number = '', , ...more] = payloadIn(jws).split('_')
  const [counter = '', serial = '', previous = ''] = more.slice(5)
  const amounts = more.slice(0, 5).map((text) => BigInt(text.replace(',', '')))
  return { cashBoxId, number: Number(number), amounts, counter, serial, previous }
}

/** Fields 1 to 12 as one text. */
function payloadIn(jws: string): string {
  return Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8')
}

/** The receipt's contribution to the turnover counter: 0 for training. */
export function turnoverOf({ amounts, counter }: ReceiptCode): bigint {
  return counter === TRAINING ? 0n : sumOf(amounts)
}

export function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, cents) => total + cents, 0n)
}
