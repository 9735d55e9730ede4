/** Bytes of the RCH native line: `STX ADDR(2) LEN(3) PROT DATA PACK BCC(2) ETX` (RCH Onda protocol sheet rel. 1.0). */

const STX = 0x02
const ETX = 0x03
const ACK = 0x06
const NAK = 0x15

export type Frame = { address: string; protocol: string; pack: string; data: string }

/** LEN has three digits. */
const DATA_MAX = 999
/** Everything around DATA takes eleven. */
const FRAME_MAX = DATA_MAX + 11

/** Positions in a frame: ADDR, LEN, PROT, DATA; after DATA come PACK, two digits of BCC, ETX. */
const LENGTH_AT = 3
const PROTOCOL_AT = 6
const DATA_AT = 7
const TAIL_LENGTH = 4
const PACK_CHARACTERS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

// On a slow line the driver's code is cold at each reply: codes are compared without patterns and closures.

/** XOR of the first `length` characters, as two upper-case hex digits. */
function checkOf(text: string, length: number): string {
  let sum = 0
  for (let at = 0; at < length; at += 1) sum ^= text.charCodeAt(at)
  const digits = sum.toString(16).toUpperCase()
  return digits.length === 1 ? `0${digits}` : digits
}

/** True if all characters from `from` to before `end` are between the two codes. */
function isWithin(text: string, from: number, end: number, least: number, most: number): boolean {
  for (let at = from; at < end; at += 1) {
    const code = text.charCodeAt(at)
    if (code < least || code > most) return false
  }
  return true
}

/** Throws RangeError for data that a frame cannot carry. */
export function encodeFrame({ address, protocol, pack, data }: Frame): Buffer {
  if (data.length > DATA_MAX || !isWithin(data, 0, data.length, 0x20, 0x7e))
    throw new RangeError('not the data of a frame')
  const body = `\x02${address}${String(data.length).padStart(3, '0')}${protocol}${data}${pack}`
  return Buffer.from(`${body}${checkOf(body, body.length)}\x03`, 'latin1')
}

/** A whole frame from STX to ETX; undefined if length, characters or BCC are wrong. */
export function decodeFrame(bytes: Buffer): Frame | undefined {
  return decodeText(bytes.toString('latin1'), false)
}

/** `takesAny`: accepts any characters in the data. */
function decodeText(text: string, takesAny: boolean): Frame | undefined {
  const packAt = text.length - TAIL_LENGTH
  if (packAt < DATA_AT || text.charCodeAt(0) !== STX || text.charCodeAt(text.length - 1) !== ETX) return undefined
  if (!isWithin(text, 1, PROTOCOL_AT, 0x30, 0x39)) return undefined
  if (!takesAny && !isWithin(text, PROTOCOL_AT, packAt, 0x20, 0x7f)) return undefined
  if (Number(text.slice(LENGTH_AT, PROTOCOL_AT)) !== packAt - DATA_AT) return undefined
  if (text.slice(packAt + 1, -1) !== checkOf(text, packAt + 1)) return undefined
  const pack = text.charAt(packAt)
  if (!PACK_CHARACTERS.includes(pack)) return undefined
  return {
    address: text.slice(1, LENGTH_AT),
    protocol: text.charAt(PROTOCOL_AT),
    pack,
    data: text.slice(DATA_AT, packAt),
  }
}

/** The output of a reader. `bad` is an invalid frame; `text` arrived outside of frames, or between STX and ETX. */
export type Heard =
  | { kind: 'ack' }
  | { kind: 'nak' }
  | { kind: 'frame'; frame: Frame }
  | { kind: 'bad' }
  | { kind: 'text'; text: string }

/** Limit for a dump of the memory. */
export const TEXT_MAX = 1_048_576

/** Splits a line's bytes into the printer's messages. Tolerates noise, pieces and truncated frames. */
export class FrameReader {
  /** Since the STX; undefined outside of frames. */
  #held: string | undefined
  #text = ''
  #heard: Heard[] = []
  readonly #takesAny: boolean

  /** `takesAny`: for the printer's end, which refuses characters outside the frame's set by an answer (EG0002). */
  constructor(takesAny = false) {
    this.#takesAny = takesAny
  }

  reset(): void {
    this.#held = undefined
  }

  read(chunk: Buffer): readonly Heard[] {
    this.#heard = []
    const text = chunk.toString('latin1')
    for (let at = 0; at < text.length; ) {
      const end = this.#held === undefined ? at : runEnd(text, at, this.#held, !this.#takesAny && isDump(this.#held))
      if (end > at) {
        this.#held += text.slice(at, end)
        at = end
        continue
      }
      this.#byte(text.charAt(at), text.charCodeAt(at))
      at += 1
    }
    this.#endText()
    return this.#heard
  }

  #byte(character: string, byte: number): void {
    if (this.#held !== undefined) this.#inside(this.#held + character, byte)
    else if (isText(byte)) this.#text += character
    else this.#outside(byte)
  }

  #inside(held: string, byte: number): void {
    if (byte === STX) {
      // An STX inside a frame: the one before was truncated.
      this.#held = '\x02'
      this.#heard.push({ kind: 'bad' })
      return
    }
    this.#held = held
    if (byte === ETX) {
      this.#held = undefined
      this.#heard.push(heardOf(held, this.#takesAny))
    } else if (this.#takesAny ? held.length > FRAME_MAX : isBroken(held, byte)) {
      this.#held = undefined
      this.#heard.push({ kind: 'bad' })
    }
  }

  #outside(byte: number): void {
    this.#endText()
    if (byte === STX) this.#held = '\x02'
    else if (byte === ACK) this.#heard.push({ kind: 'ack' })
    else if (byte === NAK) this.#heard.push({ kind: 'nak' })
  }

  #endText(): void {
    if (this.#text === '') return
    this.#heard.push({ kind: 'text', text: this.#text })
    this.#text = ''
  }
}

/** A text of the memory has the whole character set of the printer: 80h is its euro sign. */
function isText(byte: number): boolean {
  return isPrinted(byte) || byte >= 0x80 || byte === 0x0d || byte === 0x0a
}

function isPrinted(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f
}

/**
 * The end of a run of characters that are valid in a frame, or in a dump with its line ends, within the maximum length.
 * A dump is read in runs, because byte by byte the held text would be copied for each byte.
 */
function runEnd(text: string, from: number, held: string, inDump: boolean): number {
  const most = Math.min(text.length, from + (inDump ? TEXT_MAX : FRAME_MAX) - held.length)
  let end = from
  for (; end < most; end += 1) {
    const code = text.charCodeAt(end)
    if (!isPrinted(code) && !(inDump && isText(code))) break
  }
  return end
}

/** A byte that is valid neither in a frame nor in a text, or too many bytes. */
function isBroken(held: string, byte: number): boolean {
  const isLong = held.length > FRAME_MAX
  if (isPrinted(byte) && !isLong) return false
  return isDump(held) ? !isText(byte) || held.length > TEXT_MAX : byte < 0x20 || isLong
}

/** Five digits follow the STX of a frame; anything else is a text. */
function isDump(held: string): boolean {
  return !isWithin(held, 1, Math.min(held.length, PROTOCOL_AT), 0x30, 0x39)
}

function heardOf(held: string, takesAny: boolean): Heard {
  const frame = decodeText(held, takesAny)
  if (frame) return { kind: 'frame', frame }
  const inside = held.slice(1, -1)
  // A broken frame is short and without line ends; a memory's text always has them.
  return inside.includes('\n') ? { kind: 'text', text: inside } : { kind: 'bad' }
}
