import { asciiJson } from '../../base/text.ts'
import { NativeFault } from './protocol.ts'

/**
 * Calls of a native module and their answers as texts for a recording: JSON in ASCII, bytes in hexadecimal. A member
 * that is undefined is omitted.
 */
type Shown = Readonly<Record<string, unknown>>

/** Marks bytes. No call has a member of that name. */
const HEX = 'hex'

export function callText(method: string, args: unknown): Buffer {
  return Buffer.from(asciiJson({ method, args: shown(args) }))
}

export function answerText(result: unknown): Buffer {
  return Buffer.from(asciiJson({ result: shown(result) }))
}

export function faultText({ code, message }: NativeFault): Buffer {
  return Buffer.from(asciiJson({ fault: code, message }))
}

/** The result that such a text contains. Throws the fault that it contains. */
export function answerIn(text: Uint8Array): unknown {
  const { result, fault, message } = jsonOf(Buffer.from(text).toString('latin1'))
  if (fault !== undefined) throw new NativeFault(String(fault), String(message))
  return read(result)
}

/** A call or answer with its bytes still in hexadecimal. */
export function jsonOf(text: string): Shown {
  return JSON.parse(text) as Shown
}

/** Before JSON.stringify, which asks a Buffer for its own form. */
function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return { [HEX]: Buffer.from(value).toString('hex') }
  if (Array.isArray(value)) return value.map(shown)
  return isRecord(value) ? mapped(value, shown) : value
}

function read(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(read)
  if (!isRecord(value)) return value
  return typeof value[HEX] === 'string' ? Uint8Array.from(Buffer.from(value[HEX], 'hex')) : mapped(value, read)
}

function mapped(record: Shown, change: (value: unknown) => unknown): Shown {
  return Object.fromEntries(Object.entries(record).map(([name, member]) => [name, change(member)]))
}

function isRecord(value: unknown): value is Shown {
  return typeof value === 'object' && value !== null
}
