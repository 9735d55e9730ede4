import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'

/** No real sender sends a second request on a connection before the first one was answered. */
const UNANSWERED_MAX = 8

/**
 * Serves at most eight requests of a connection at once, and cuts off a client that pipelines more. Node parses
 * thousands of requests from one read, and each takes some kilobytes until it was answered.
 */
export function fewAtOnce(serve: RequestListener): RequestListener {
  const unanswered = new WeakMap<Socket, number>()
  return (request, response) => {
    const { socket } = request
    if (socket.destroyed) return
    const before = unanswered.get(socket) ?? 0
    if (before >= UNANSWERED_MAX) {
      cutOff(socket)
      return
    }
    unanswered.set(socket, before + 1)
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1))
    serve(request, response)
  }
}

/**
 * Node's parser turns all received bytes into requests, unless `onIncoming` returns 2, as for an upgrade: HTTP ends
 * here.
 */
function cutOff(socket: Socket & { parser?: { onIncoming: () => number } }): void {
  if (socket.parser) socket.parser.onIncoming = () => 2
  socket.destroy()
}
