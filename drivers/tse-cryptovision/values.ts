import { DeviceError } from '../errors.ts'
import { algorithmByOid } from '../tr03151/algorithms.ts'
import type { Tlv } from '../tr03151/der.ts'
import { readAll, readTlv } from '../tr03151/der.ts'
import type { Parameter } from './codec.ts'

/** Bit of a tag whose content is a list of elements. */
const CONSTRUCTED = 0x20

/** The number at that index, in any width that the card chose. */
export function numberAt(parameters: readonly Parameter[], index: number): number {
  const parameter = parameters[index]
  if (parameter?.type === 'byte' || parameter?.type === 'short') return parameter.value
  if (parameter?.type !== 'bytes' || parameter.value.length === 0 || parameter.value.length > 8) throw missing(index)
  const value = Number(BigInt(`0x${Buffer.from(parameter.value).toString('hex')}`))
  if (!Number.isSafeInteger(value)) throw missing(index)
  return value
}

export function bytesAt(parameters: readonly Parameter[], index: number): Uint8Array {
  const parameter = parameters[index]
  if (parameter?.type !== 'bytes') throw missing(index)
  return parameter.value
}

export function textAt(parameters: readonly Parameter[], index: number): string {
  const parameter = parameters[index]
  if (parameter?.type !== 'text') throw missing(index)
  return parameter.value
}

export function longsAt(parameters: readonly Parameter[], index: number): readonly number[] {
  const parameter = parameters[index]
  // A card without open transactions omits the list.
  if (parameter === undefined) return []
  if (parameter.type === 'bytes' && parameter.value.length % 4 === 0) return u32s(parameter.value)
  if (parameter.type !== 'longs') throw missing(index)
  return parameter.value
}

function u32s(bytes: Uint8Array): readonly number[] {
  const buffer = Buffer.from(bytes)
  return Array.from({ length: buffer.length / 4 }, (_, index) => buffer.readUInt32BE(4 * index))
}

/** Serial number of the key that signs transactions (TR-03151 App. D); the only one if the uses are not listed. */
export function transactionSerial(der: Uint8Array): Uint8Array {
  const keys = readAll(readTlv(der).content).map(({ content }) => readAll(content))
  for (const [serial, ...uses] of keys) if (serial?.tag === 0x04 && signsTransactions(uses)) return serial.content
  const [[only, uses] = [], ...others] = keys
  if (only?.tag === 0x04 && uses === undefined && others.length === 0) return only.content
  throw new DeviceError('garbled', 'none', 'no key of the card signs transactions')
}

/**
 * Three flags: transactions, system, audit; in a sequence or after the serial number, tagged 0 to 2 or by their order.
 */
function signsTransactions(uses: readonly Tlv[]): boolean {
  const flags = uses.flatMap((use) => ((use.tag & CONSTRUCTED) === 0 ? [use] : readAll(use.content)))
  const flag = flags.find(({ tag }) => tag === 0x80) ?? flags.find(({ tag }) => tag === 0x01)
  return (flag?.content[0] ?? 0) !== 0
}

/** Name of the algorithm in a DER AlgorithmIdentifier. */
export function algorithmName(der: Uint8Array): string {
  const outer = readTlv(der)
  // Without parameters, or with NULL.
  const identifier = outer.tag === 0x06 ? outer : readAll(outer.content)[0]
  return algorithmByOid(Buffer.from(identifier?.content ?? []).toString('hex')).name
}

/** Client ids of the DER list of mappings. Old firmware writes wrong outer lengths, so only the inner ones are used. */
export function mappedClients(der: Uint8Array): readonly string[] {
  const clients: string[] = []
  for (let rest = contentOf(der); rest.length > 2; ) {
    const inner = contentOf(rest)
    clients.push(Buffer.from(readTlv(inner).content).toString('latin1'))
    rest = afterMapping(inner)
  }
  return clients
}

/** The bytes after the header; its length is ignored. */
function contentOf(der: Uint8Array): Uint8Array {
  const first = der[1] ?? 0
  return der.subarray(first < 0x80 ? 2 : 2 + (first & 0x7f))
}

/** A mapping consists of octet strings up to the next SEQUENCE. */
function afterMapping(inner: Uint8Array): Uint8Array {
  let rest = inner
  while (rest.length > 2 && rest[0] !== 0x30) rest = rest.subarray(readTlv(rest).encoded.length)
  return rest
}

function missing(index: number): DeviceError {
  return new DeviceError('garbled', 'unknown', `value ${index + 1} of the answer is not as documented`)
}
