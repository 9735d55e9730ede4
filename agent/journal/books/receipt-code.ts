/** Stands where a training receipt would have the encrypted counter, and where a void has none: BASE64 of `TRA` and `STO`. */
export const TRAINING = 'VFJB'
export const VOID = 'U1RP'

/** The code of an Austrian receipt, as far as it concerns others (RKSV Anlage Z 12). */
export type ReceiptCode = {
  readonly cashBoxId: string
  readonly number: number
  /** Fields 5 to 9 in cents. */
  readonly amounts: readonly bigint[]
  /** Field 10. */
  readonly counter: string
  /** Field 11: of the certificate that signs. */
  readonly serial: string
  /** Field 12. */
  readonly previous: string
}

/** The code in a JWS text. Shares nothing with what writes it. Throws for amounts that are none. */
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

/** What a receipt adds to the turnover counter: of training nothing. */
export function turnoverOf({ amounts, counter }: ReceiptCode): bigint {
  return counter === TRAINING ? 0n : sumOf(amounts)
}

export function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, cents) => total + cents, 0n)
}
