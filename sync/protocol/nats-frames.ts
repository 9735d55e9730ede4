/**
 * Limit of one line of the protocol; the longest, the server's INFO, has a few hundred bytes and the addresses of its
 * cluster.
 */
export const LINE_BYTES = 64 << 10
/** The most that a server should accept at all (nats.io); a batch of a journal has a tenth of it. */
const MESSAGE_BYTES = 8 << 20
/** Lines without a message; a server sends one in minutes. */
const LINES_AT_ONCE = 64
export const LINE_FEED = 10

/**
 * Checks the server's lines, and ends the connection to one that sends anything else, or a line without end: the client
 * would keep it all.
 */
export class NatsFrames {
  #line = ''
  #payloadBytes = 0

  /** False from the first piece on that is not in the protocol of NATS. */
  follows(piece: Buffer): boolean {
    let at = 0
    let lines = 0
    while (at < piece.length) {
      if (this.#payloadBytes > 0) {
        const taken = Math.min(this.#payloadBytes, piece.length - at)
        this.#payloadBytes -= taken
        at += taken
        continue
      }
      const end = piece.indexOf(LINE_FEED, at)
      this.#line += piece.toString('latin1', at, end === -1 ? piece.length : end)
      if (this.#line.length > LINE_BYTES) return false
      if (end === -1) return true
      const payloadBytes = payloadLength(this.#line.trimEnd())
      lines += payloadBytes === 0 ? 1 : 0
      if (payloadBytes === undefined || lines > LINES_AT_ONCE) return false
      this.#payloadBytes = payloadBytes
      this.#line = ''
      at = end + 1
    }
    return true
  }
}

/** Bytes of the payload after the line, with its line break; undefined if the line is not in the protocol. */
function payloadLength(line: string): number | undefined {
  const bytes = Number(/^H?MSG +\S+ +\d+(?: +\S+){0,2} +(\d{1,9})$/.exec(line)?.[1])
  if (bytes <= MESSAGE_BYTES) return bytes + 2
  return /^(PING|PONG|\+OK|-ERR .*|INFO \{.*\})$/.test(line) ? 0 : undefined
}
