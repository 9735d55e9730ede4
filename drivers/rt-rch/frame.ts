/** Bytes of the RCH native line: `STX ADDR(2) LEN(3) PROT DATA PACK BCC(2) ETX` (RCH Onda protocol sheet rel. 1.0). */

const STX = 0x02
const ETX = 0x03
const ACK = 0x06
const NAK = 0x15

export type Frame = { address: string; protocol: string; pack: string; data: string }

/** LEN has three digits. */
const dataMax = 999
/** Everything around DATA. */
const overhead = 11

/** XOR from STX to PACK, both included, as two upper-case hex digits. */
const checkOf = (bytes: Uint8Array): string =>
  bytes
    .reduce((sum, byte) => sum ^ byte, 0)
    .toString(16)
    .toUpperCase()
    .padStart(2, '0')

/** Throws RangeError for what a frame cannot carry. */
export const encodeFrame = ({ address, protocol, pack, data }: Frame): Buffer => {
  if (data.length > dataMax || !/^[ -~]*$/.test(data)) throw new RangeError('not the data of a frame')
  const body = Buffer.from(`\x02${address}${String(data.length).padStart(3, '0')}${protocol}${data}${pack}`, 'latin1')
  return Buffer.concat([body, Buffer.from(`${checkOf(body)}\x03`, 'latin1')])
}

/** A whole frame from STX to ETX; undefined when length, characters or BCC are wrong. */
export const decodeFrame = (bytes: Uint8Array): Frame | undefined => {
  if (bytes[0] !== STX || bytes[bytes.length - 1] !== ETX) return undefined
  const text = Buffer.from(bytes.subarray(1, -1)).toString('latin1')
  const match = /^(\d\d)(\d{3})([ -~])([ -~]*)([0-9a-zA-Z])([0-9A-F]{2})$/.exec(text)
  if (!match) return undefined
  const [, address = '', length, protocol = '', data = '', pack = '', check] = match
  if (Number(length) !== data.length) return undefined
  if (checkOf(bytes.subarray(0, bytes.length - 3)) !== check) return undefined
  return { address, protocol, pack, data }
}

/** What a reader hears. `bad` is a frame that is none; `text` came in outside of frames, or between STX and ETX. */
export type Heard =
  | { kind: 'ack' }
  | { kind: 'nak' }
  | { kind: 'frame'; frame: Frame }
  | { kind: 'bad' }
  | { kind: 'text'; text: string }

/** A dump of the memory between STX and ETX, at most. */
const textMax = 1_048_576

/** Cuts a line's bytes into what the printer says. Survives noise, pieces and frames that were cut. */
export class FrameReader {
  #held: number[] | undefined

  reset(): void {
    this.#held = undefined
  }

  read(chunk: Uint8Array): readonly Heard[] {
    const heard: Heard[] = []
    let text = ''
    const flush = () => {
      if (text !== '') heard.push({ kind: 'text', text })
      text = ''
    }
    for (const byte of chunk) {
      if (!this.#held && isText(byte)) {
        text += String.fromCharCode(byte)
        continue
      }
      flush()
      heard.push(...this.#next(byte))
    }
    flush()
    return heard
  }

  #next(byte: number): readonly Heard[] {
    const held = this.#held
    if (!held) return this.#outside(byte)
    if (byte === STX) {
      // Never inside a frame: the one before was cut.
      this.#held = [STX]
      return [{ kind: 'bad' }]
    }
    held.push(byte)
    if (byte === ETX) {
      this.#held = undefined
      return [heardOf(Buffer.from(held))]
    }
    const broken = isDump(held)
      ? !isText(byte) || held.length > textMax
      : byte < 0x20 || held.length > dataMax + overhead
    if (!broken) return []
    this.#held = undefined
    return [{ kind: 'bad' }]
  }

  #outside(byte: number): readonly Heard[] {
    if (byte === STX) this.#held = [STX]
    if (byte === ACK) return [{ kind: 'ack' }]
    if (byte === NAK) return [{ kind: 'nak' }]
    return []
  }
}

const isText = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || byte === 0x0d || byte === 0x0a

/** Five digits follow the STX of a frame; anything else is a text. */
const isDump = (held: readonly number[]): boolean => held.slice(1, 6).some((byte) => byte < 0x30 || byte > 0x39)

const heardOf = (bytes: Buffer): Heard => {
  const frame = decodeFrame(bytes)
  if (frame) return { kind: 'frame', frame }
  const inside = bytes.subarray(1, -1)
  // A broken frame is short and without line ends; a memory's text always has them.
  return inside.includes(0x0a) ? { kind: 'text', text: inside.toString('latin1') } : { kind: 'bad' }
}
