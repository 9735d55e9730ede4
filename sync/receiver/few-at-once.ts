import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'

/** No sender sends a second request on a connection before the first one was answered. */
const UNANSWERED_MAX = 8
const PIECE_BYTES = 256
const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Serves at most eight requests of a connection at once: who sends more behind each other is cut off. Node makes thousands
 * of what it reads at once, and each takes some kilobytes until it was answered. For a server that feeds in pieces.
 */
export function fewAtOnce(serve: RequestListener): RequestListener {
  const unanswered = new WeakMap<Socket, number>()
  return (request, response) => {
    const { socket } = request
    if (socket.destroyed) return
    const before = unanswered.get(socket) ?? 0
    if (before >= UNANSWERED_MAX) {
      socket.destroy()
      return
    }
    unanswered.set(socket, before + 1)
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1))
    serve(request, response)
  }
}

/**
 * From now on heads that come behind each other go to the parser in small pieces, so that their connection can be cut off
 * in between: of a piece Node makes at most 14 requests.
 */
export function feedInPieces(socket: Socket): void {
  const { push } = socket
  socket.push = (chunk: Buffer | null, ...rest) => {
    if (chunk === null || !holdsTwoHeads(chunk)) return push.call(socket, chunk, ...rest)
    let wantsMore = true
    for (let at = 0; at < chunk.length && !socket.destroyed; at += PIECE_BYTES) {
      wantsMore = push.call(socket, chunk.subarray(at, at + PIECE_BYTES), ...rest)
    }
    return wantsMore
  }
  // Where somebody listens Node leaves the bytes to the stream; else its parser takes them past it.
  socket.on('data', () => undefined)
}

function holdsTwoHeads(chunk: Buffer): boolean {
  const first = chunk.indexOf(HEAD_END)
  return first >= 0 && chunk.includes(HEAD_END, first + HEAD_END.length)
}
