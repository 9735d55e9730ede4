import { MalformedError } from './malformed.ts'

/** One element: `content` without header, `encoded` with it (and with the end mark of an indefinite length). */
export type Tlv = { tag: number; content: Uint8Array; encoded: Uint8Array }

const NESTING_MAX = 8
const ELEMENTS_MAX = 4096

/** Writes one element of a single-byte tag with a definite, minimal length (X.690 §10.1). */
export function tlv(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of contents) length += part.length
  const bytes = Buffer.allocUnsafe(tlvLength(length))
  bytes[0] = tag
  let at = bytes.length - length
  if (length < 0x80) bytes[1] = length
  else {
    bytes[1] = 0x80 | (at - 2)
    bytes.writeUIntBE(length, 2, at - 2)
  }
  for (const part of contents) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Size of an element whose content has that length. */
export function tlvLength(length: number): number {
  return 2 + (length < 0x80 ? 0 : bytesOf(length)) + length
}

/** Minimal two's complement INTEGER of a non-negative value: 200 is `02 02 00 c8`. */
export function integer(value: number | bigint, tag = 0x02): Uint8Array {
  return unsigned(minimalBytes(value), tag)
}

/** INTEGER from big-endian unsigned bytes: removes superfluous zeros, adds a sign octet if the top bit is set. */
export function unsigned(bytes: Uint8Array, tag = 0x02): Uint8Array {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1
  const digits = bytes.subarray(start)
  return (digits[0] ?? 0) >= 0x80 ? tlv(tag, Uint8Array.of(0), digits) : tlv(tag, digits)
}

export function text(tag: number, value: string): Uint8Array {
  return tlv(tag, Buffer.from(value, 'utf8'))
}

export function oid(contentHex: string): Uint8Array {
  return tlv(0x06, Buffer.from(contentHex, 'hex'))
}

/** Reads the element at `offset`. Constructed elements may have indefinite length (aggregating TSEs, TR-03151 §2.3.1). */
export function readTlv(bytes: Uint8Array, offset = 0, depth = 0): Tlv {
  const tag = at(bytes, offset)
  if ((tag & 0x1f) === 0x1f) throw new MalformedError('a single-byte tag was expected')
  const first = at(bytes, offset + 1)
  if (first === 0x80) return readIndefinite(bytes, offset, tag, depth)
  const header = first < 0x80 ? 2 : 2 + (first & 0x7f)
  if (header > 6) throw new MalformedError('a length of at most four bytes was expected')
  let length = first < 0x80 ? first : 0
  for (let i = 2; i < header; i += 1) length = length * 256 + at(bytes, offset + i)
  const end = offset + header + length
  if (end > bytes.length) throw new MalformedError('the element is longer than the bytes that hold it')
  return { tag, content: bytes.subarray(offset + header, end), encoded: bytes.subarray(offset, end) }
}

/** All elements of a content, in order. */
export function readAll(bytes: Uint8Array): readonly Tlv[] {
  const elements: Tlv[] = []
  for (let offset = 0; offset < bytes.length; ) {
    if (elements.length >= ELEMENTS_MAX) throw new MalformedError(`more than ${ELEMENTS_MAX} elements`)
    const element = readTlv(bytes, offset)
    elements.push(element)
    offset += element.encoded.length
  }
  return elements
}

/** The value of a non-negative INTEGER content that a number represents exactly. */
export function readInteger(content: Uint8Array): number {
  if (content.length === 0 || content.length > 8 || at(content, 0) >= 0x80)
    throw new MalformedError('a non-negative integer of at most eight bytes was expected')
  let value = 0
  for (let offset = 0; offset < content.length; offset += 1) value = value * 256 + at(content, offset)
  if (!Number.isSafeInteger(value)) throw new MalformedError('the integer is too large')
  return value
}

function at(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset]
  if (byte === undefined) throw new MalformedError('the bytes end inside an element')
  return byte
}

function readIndefinite(bytes: Uint8Array, offset: number, tag: number, depth: number): Tlv {
  if ((tag & 0x20) === 0) throw new MalformedError('an indefinite length is for constructed elements only')
  if (depth >= NESTING_MAX) throw new MalformedError(`more than ${NESTING_MAX} levels`)
  let end = offset + 2
  for (let count = 0; at(bytes, end) !== 0 || at(bytes, end + 1) !== 0; count += 1) {
    if (count >= ELEMENTS_MAX) throw new MalformedError(`more than ${ELEMENTS_MAX} elements`)
    end += readTlv(bytes, end, depth + 1).encoded.length
  }
  return { tag, content: bytes.subarray(offset + 2, end), encoded: bytes.subarray(offset, end + 2) }
}

function bytesOf(value: number): number {
  return Math.max(1, Math.ceil((32 - Math.clz32(value)) / 8))
}

function minimalBytes(value: number | bigint): Uint8Array {
  if (typeof value === 'number' && value < 2 ** 31) {
    const bytes = Buffer.allocUnsafe(bytesOf(value))
    bytes.writeUIntBE(value, 0, bytes.length)
    return bytes
  }
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}
