/** Bytes of the Custom line: `STX CNT(2) IDENT H1(1) H2(3) DATA CKS(2) ETX` (Custom, Protocollo per dispositivi fiscali). */

const STX = 0x02
const ETX = 0x03
export const ACK = 0x06
const NACK = 0x15

/** `body` is H1, H2 and DATA of a command, or the echo of H1 and H2 with data, or `ERRxx`. */
export type CustomFrame = { counter: number; body: string }

const IDENT = '0'
const BODY_MAX = 512

/** Sum of the characters from CNT to DATA, modulo 100. */
function checkOf(text: string): string {
  return String([...text].reduce((sum, character) => sum + character.charCodeAt(0), 0) % 100).padStart(2, '0')
}

/** Throws RangeError for a body that a frame cannot carry. */
export function encodeFrame({ counter, body }: CustomFrame): Buffer {
  if (body.length > BODY_MAX || !/^[ -}]*$/.test(body)) throw new RangeError('not the body of a frame')
  const text = `${String(counter).padStart(2, '0')}${IDENT}${body}`
  return Buffer.from(`\x02${text}${checkOf(text)}\x03`, 'latin1')
}

export function decodeFrame(bytes: Uint8Array): CustomFrame | undefined {
  if (bytes[0] !== STX || bytes[bytes.length - 1] !== ETX) return undefined
  const text = Buffer.from(bytes.subarray(1, -1)).toString('latin1')
  const match = /^(\d\d)0([ -}]{4,})(\d\d)$/.exec(text)
  if (!match || checkOf(text.slice(0, -2)) !== match[3]) return undefined
  return { counter: Number(match[1]), body: match[2] ?? '' }
}

export type Heard = { kind: 'ack' } | { kind: 'nack' } | { kind: 'frame'; frame: CustomFrame } | { kind: 'bad' }

/** Splits a line's bytes into frames; bytes outside of frames are noise. */
export class FrameReader {
  #held: number[] | undefined

  reset(): void {
    this.#held = undefined
  }

  read(chunk: Uint8Array): readonly Heard[] {
    return [...chunk].flatMap((byte) => this.#next(byte))
  }

  #next(byte: number): readonly Heard[] {
    const held = this.#held
    if (byte === STX) {
      this.#held = [STX]
      return held ? [{ kind: 'bad' }] : []
    }
    if (!held) {
      if (byte === ACK) return [{ kind: 'ack' }]
      return byte === NACK ? [{ kind: 'nack' }] : []
    }
    held.push(byte)
    if (byte !== ETX && byte >= 0x20 && held.length <= BODY_MAX + 8) return []
    this.#held = undefined
    const frame = byte === ETX ? decodeFrame(Buffer.from(held)) : undefined
    return [frame ? { kind: 'frame', frame } : { kind: 'bad' }]
  }
}
