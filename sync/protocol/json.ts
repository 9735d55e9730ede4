/** A JSON object with unchecked members. */
export type Members = { readonly [member: string]: unknown }

/** Undefined if the text is not a JSON object. */
export function parseObject(text: string): Members | undefined {
  try {
    return members(JSON.parse(text))
  } catch {
    return undefined
  }
}

export function members(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined
}

/** Undefined if it is nested too deeply to be written: parsing has no such limit. */
export function jsonOf(object: Members): string | undefined {
  try {
    return JSON.stringify(object)
  } catch {
    return undefined
  }
}

export function wholeNumber(value: unknown, least = 0): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The protocol's form of hashes and signatures: without padding. */
export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')
}

/** Base64url without padding of exactly `length` bytes, in its only spelling. */
export function bytesOf(value: unknown, length: number): Buffer | undefined {
  if (typeof value !== 'string') return undefined
  const bytes = Buffer.from(value, 'base64url')
  return bytes.length === length && bytes.toString('base64url') === value ? bytes : undefined
}
