import type { Server } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Unanswered } from '../base/unanswered-requests.ts'
import { contentDigest } from '../sync/protocol/content-digest.ts'
import { Problem } from './problem.ts'

/** Answers bytes that are not a valid request with a problem on the bare socket, which it then ends. */
export function refuseBrokenRequests(server: Server, unanswered: Unanswered): void {
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    const running = unanswered.lastOf(socket)
    const isOwed = running !== undefined && !running.writableFinished
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
    // The client that waits for that answer would take this one for it.
    else if (isOwed && running.req.complete) running.once('close', () => socket.destroy())
    else if (isOwed && running.headersSent) socket.destroy()
    else answer(socket, problemOf(error.code))
  })
}

function answer(socket: Duplex, problem: Problem): void {
  const body = JSON.stringify(problem.document())
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Content-Digest: ${contentDigest(Buffer.from(body))}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroy()
}

function problemOf(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return new Problem('headers_too_large', 'The headers are longer than 16 KiB.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('request_timeout', 'The request did not arrive whole in time.')
  return new Problem('malformed', 'This is not an HTTP request.')
}
