import type { TseExportFilter, TseSignature } from '../ports/tse.ts'

export type Result = readonly (number | string | Uint8Array)[]

/** Numbers of the functions in the stand-in for the library (worm-stub.c). */
export const fn = {
  info: 1,
  setup: 2,
  updateTime: 3,
  selfTest: 4,
  register: 5,
  deregister: 6,
  clients: 7,
  login: 8,
  logout: 9,
  start: 11,
  update: 12,
  finish: 13,
  last: 14,
  started: 15,
  export: 16,
  exportNext: 17,
  delete: 18,
  certificate: 19,
  ctssEnable: 20,
  exportEnd: 21,
  exportEntry: 22,
  wear: 23,
} as const

export const WORM_ACTS = Object.keys(fn)

/** The act of a function as faults name it. */
export function actOf(code: number): string {
  return Object.entries(fn).find(([, known]) => known === code)?.[0] ?? 'unknown'
}

/** The function is refused with that WormError. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly error: number
  /** A failed login still returns the number of remaining tries. */
  readonly told: Result

  constructor(error: number, told: Result = []) {
    super(`0x${error.toString(16)}`)
    this.error = error
    this.told = told
  }
}

/** The arguments of a request: u32 length and bytes each. */
export function fieldsOf(bytes: Buffer): readonly Buffer[] {
  const fields: Buffer[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    fields.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return fields
}

/** The arguments of one call. */
export class Given {
  readonly #fields: readonly Buffer[]

  constructor(fields: readonly Buffer[]) {
    this.#fields = fields
  }

  bytes(index: number): Buffer {
    return this.#fields[index] ?? Buffer.alloc(0)
  }

  text(index: number): string {
    return this.bytes(index).toString('latin1')
  }

  number(index: number): number {
    const bytes = this.bytes(index)
    return bytes.length === 8 ? Number(bytes.readBigUInt64BE(0)) : 0
  }
}

export function filterOf(given: Given): TseExportFilter {
  const [kind, from, to, client] = [given.number(0), given.number(1), given.number(2), given.text(3)]
  const clientId = client === '' ? {} : { clientId: client }
  if (kind === 1) return { timeFromMs: from * 1000, timeToMs: to * 1000 + 999, ...clientId }
  return kind === 2 ? { transactionFrom: from, transactionTo: to, ...clientId } : {}
}

export function signed(signature: TseSignature, serial: Uint8Array): Result {
  return [
    signature.transaction,
    signature.signatureCounter,
    Math.floor(signature.logTimeMs / 1000),
    signature.signature,
    serial,
  ]
}

export function encode(error: number, result: Result): Buffer {
  const parts = result.flatMap((value) => {
    const bytes = typeof value === 'number' ? long(value) : Buffer.from(value as string)
    return [int(bytes.length), bytes]
  })
  const body = Buffer.concat([int(error), ...parts])
  return Buffer.concat([int(body.length), body])
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function long(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
