import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import type { XmlElement, XmlLimits } from '../../base/xml.ts'
import { escapeXml, firstNamed, readXml, XmlError } from '../../base/xml.ts'
import { DeviceError } from '../errors.ts'
import { readIsoText } from '../tr03151/log-time.ts'

/** Every message ends with one NUL byte (ePOS-Device XML manual). */
const END = 0
const MAX_BYTES = 1 << 20
/** A message has about ten elements; more are not from a host. */
const limits: XmlLimits = { characters: MAX_BYTES, elements: 1000, depth: 32 }
/** The name of the only TSE of a printer; a server has several with other names. */
export const LOCAL_TSE = 'local_TSE'

/** A message of the device, with the parts that this driver reads. */
export type Message =
  | { kind: 'connect'; clientId: string }
  | { kind: 'open_device' | 'close_device' | 'reconnect'; code: string; dataId: number | undefined }
  | { kind: 'result'; code: string; dataId: number | undefined; body: string }
  | { kind: 'error'; code: string; dataId: number | undefined }
  | { kind: 'other'; dataId: number | undefined }
  /** It is not well-formed XML in UTF-8. */
  | { kind: 'garbled' }

export type Values = { readonly [name: string]: unknown }

/** Splits the received bytes at NUL. */
export class MessageReader {
  readonly #messagesMax: number
  #pending: Buffer = Buffer.alloc(0)
  #count = 0

  /** `messagesMax`: the limit for messages until `expect` is called again. */
  constructor(messagesMax = Number.POSITIVE_INFINITY) {
    this.#messagesMax = messagesMax
  }

  /** The complete messages so far; an empty one for bytes that are not UTF-8. Throws `garbled` for one without end, or for more than a host would send. */
  read(bytes: Buffer): readonly string[] {
    this.#pending = Buffer.concat([this.#pending, bytes])
    const messages: string[] = []
    for (let at = this.#pending.indexOf(END); at >= 0; at = this.#pending.indexOf(END)) {
      const message = this.#pending.subarray(0, at)
      messages.push(isUtf8(message) ? message.toString('utf8') : '')
      this.#pending = this.#pending.subarray(at + 1)
      this.#count += 1
      if (this.#count > this.#messagesMax) throw this.#flooded()
    }
    if (this.#pending.length > MAX_BYTES) throw new DeviceError('garbled', 'unknown', 'a message without end')
    return messages
  }

  /** Restarts the count of messages for a request. */
  expect(): void {
    this.#count = 0
  }

  reset(): void {
    this.#pending = Buffer.alloc(0)
    this.expect()
  }

  #flooded(): DeviceError {
    this.reset()
    return new DeviceError('garbled', 'unknown', `more than ${this.#messagesMax} messages and no answer`)
  }
}

export function encodeMessage(xml: string): Buffer {
  return Buffer.concat([Buffer.from(xml, 'utf8'), Buffer.of(END)])
}

export function openDevice(device: string): string {
  return `<open_device><device_id>${escapeXml(device)}</device_id><data><type>type_storage</type></data></open_device>`
}

export function closeDevice(device: string): string {
  return `<close_device><device_id>${escapeXml(device)}</device_id></close_device>`
}

export function reconnect(oldId: string, newId: string, receivedId: number): string {
  return `<reconnect><data><old_client_id>${escapeXml(oldId)}</old_client_id><new_client_id>${escapeXml(newId)}</new_client_id><received_id>${receivedId}</received_id></data></reconnect>`
}

/** A function of the TSE with its input; the JSON travels escaped. `COMMON` is the storage of GetStorageInfo. */
export function operate(device: string, name: string, input: Values, timeoutMs: number): string {
  const storage = name === 'GetStorageInfo' ? { type: 'COMMON', vendor: '' } : { type: 'TSE', vendor: 'TSE1' }
  const request = { storage, function: name, input, compress: { required: false, type: '' } }
  const data = `<type>operate</type><timeout>${timeoutMs}</timeout><requestdata>${escapeXml(JSON.stringify(request))}</requestdata>`
  return `<device_data><device_id>${escapeXml(device)}</device_id><data>${data}</data></device_data>`
}

export function parseMessage(xml: string): Message {
  const root = readMessage(xml)
  if (root === undefined) return { kind: 'garbled' }
  const dataId = numberOf(textOf(root, 'data_id'))
  const code = textOf(root, 'code')?.trim() ?? ''
  switch (root.name) {
    case 'connect':
      return { kind: 'connect', clientId: textOf(root, 'client_id')?.trim() ?? '' }
    case 'open_device':
    case 'close_device':
    case 'reconnect':
      return { kind: root.name, code, dataId }
    case 'device_data': {
      // The manual describes `onoperateresult`; the maker's own library listens for `operateresult`.
      const body = textOf(root, 'resultdata')
      if (body === undefined && !/^\s*(?:on)?operateresult\s*$/.test(textOf(root, 'type') ?? ''))
        return { kind: 'other', dataId }
      return { kind: 'result', code, dataId, body: body ?? '' }
    }
    case 'error':
      return { kind: 'error', code, dataId }
    default:
      return { kind: 'other', dataId }
  }
}

/** The root of a message, which blanks may precede; undefined if it is not well-formed. */
export function readMessage(xml: string): XmlElement | undefined {
  try {
    return readXml(xml.trimStart(), limits)
  } catch (error) {
    if (error instanceof XmlError) return undefined
    throw error
  }
}

/** The text of the first element of that name. */
export function textOf(root: XmlElement, name: string): string | undefined {
  return firstNamed(root, name)?.text
}

/** Answer of the TSE: its result code, the function it belongs to, and the output. */
export type Reply = { result: string; name: string; output: Values; fact: string }

export function parseReply(body: string): Reply {
  let reply: { result?: unknown; function?: unknown; output?: unknown; error?: { errorinfo?: unknown } }
  try {
    reply = JSON.parse(body) as typeof reply
  } catch {
    throw new DeviceError('garbled', 'unknown', 'the answer is not JSON')
  }
  return {
    result: String(reply.result ?? ''),
    name: String(reply.function ?? ''),
    output: isRecord(reply.output) ? reply.output : {},
    fact: typeof reply.error?.errorinfo === 'string' ? reply.error.errorinfo : '',
  }
}

/** Proof that the host knows the shared secret: base64 of SHA-256 over challenge and secret. */
export function challengeHash(challenge: string, secret: string): string {
  return hash('sha256', Buffer.from(challenge + secret, 'ascii'), 'base64')
}

/** Numbers and booleans may be JSON strings. Throws `garbled`. */
export function numberIn(values: Values, name: string): number {
  const value = values[name]
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw missing(name)
  return number
}

export function flagIn(values: Values, name: string): boolean {
  return /^(?:true|1)$/i.test(String(values[name] ?? ''))
}

/** For a value that some firmwares omit. */
export function numberOr(values: Values, name: string, otherwise: number): number {
  return values[name] === undefined || values[name] === null || values[name] === '' ? otherwise : numberIn(values, name)
}

export function textOr(values: Values, name: string, otherwise: string): string {
  return typeof values[name] === 'string' ? values[name] : otherwise
}

export function textIn(values: Values, name: string): string {
  const value = values[name]
  if (typeof value !== 'string') throw missing(name)
  return value
}

export function bytesIn(values: Values, name: string): Buffer {
  return Buffer.from(textIn(values, name), 'base64')
}

/** Milliseconds since 1970 UTC: `YYYY-MM-DDThh:mm:ssZ` with any decimals, an offset of zero, or seconds of Unix time. */
export function timeIn(values: Values, name: string): number {
  const value = values[name]
  const written = typeof value === 'number' ? String(value) : textIn(values, name).trim()
  if (/^\d{9,11}$/.test(written)) return Number(written) * 1000
  return readIsoText(written.replace(/z$|[+-]00:?00$/, 'Z').replace(' ', 'T'))
}

export function recordIn(values: Values, name: string): Values {
  const value = values[name]
  if (!isRecord(value)) throw missing(name)
  return value
}

/** Empty if a firmware omits it. */
export function recordOr(values: Values, name: string): Values {
  const value = values[name]
  return isRecord(value) ? value : {}
}

export function listIn(values: Values, name: string): readonly unknown[] {
  const value = values[name]
  return Array.isArray(value) ? value : []
}

/** Undefined if omitted. Throws `garbled` if the values are not numbers. */
export function numbersIn(values: Values, name: string): readonly number[] | undefined {
  const list = values[name]
  return Array.isArray(list) ? list.map((value) => numberIn({ [name]: value }, name)) : undefined
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function missing(name: string): DeviceError {
  return new DeviceError('garbled', 'unknown', `${name} of the answer is not as documented`)
}
