import { isUtf8 } from 'node:buffer'
import { request } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import { lookupWithin } from '../../base/names.ts'
import { atDeadline } from '../delay.ts'
import type { DeviceErrorCode, Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'

export type HttpRequest = { host: string; port: number; path: string; headers: Record<string, string>; body: string }

/** For a connection, within the total time: then comes the next try. */
const CONNECT_MS = 500
/** Limit for the lookup of its name, within that time. */
const NAME_MS = 300
const ANSWER_MAX_BYTES = 262_144
/** Responses of status 1xx before the final one: a flood of them would block everything else in the process. */
const INTERIM_MAX = 16

/** The device did not process the request. */
const unasked = [401, 403]

/** The function that posts to a device of the LAN: {@link post}, or a replacement for the network. */
export type Post = (sent: HttpRequest, timeoutMs: number, clock: Clock, signal: AbortSignal) => Promise<string>

/**
 * Posts to a device of the LAN and returns the body of its 200. Errors: `unavailable`, `timeout` and `aborted`, none
 * before the connection and unknown after it; `garbled` unknown. A device that demands a login is `unavailable` none.
 */
export const post: Post = (sent, timeoutMs, clock, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new DeviceError('aborted', 'none', 'cancelled before it was sent'))
    const { host, port, path, headers, body } = sent
    let effect: Effect = 'none'
    const call = request({ host, port, path, method: 'POST', agent: false, headers, lookup: lookupWithin(NAME_MS) })
    const settle = () => {
      cancel()
      cancelConnect()
      signal.removeEventListener('abort', onAbort)
    }
    const fail = (code: DeviceErrorCode, message: string) => {
      settle()
      call.destroy()
      reject(new DeviceError(code, effect, message))
    }
    const onAbort = () => fail('aborted', 'cancelled while the device was answering')
    const cancelConnect = atDeadline(clock, CONNECT_MS, () => {
      if (effect === 'none') fail('unavailable', `${host}: no connection in time`)
    })
    const cancel = atDeadline(clock, timeoutMs, () => fail('timeout', `${host}: no answer in time`))
    signal.addEventListener('abort', onAbort, { once: true })
    call.on('socket', (socket) => {
      socket.once('connect', () => {
        effect = 'unknown'
      })
    })
    call.on('error', (error) => fail('unavailable', `${host}: ${error.message}`))
    let interim = 0
    call.on('information', () => {
      interim += 1
      if (interim === INTERIM_MAX) fail('garbled', `${host}: it announces and does not answer`)
    })
    call.on('response', (response) => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length > ANSWER_MAX_BYTES) fail('garbled', `${host}: the answer does not end`)
      })
      response.on('error', (error) => fail('unavailable', `${host}: ${error.message}`))
      response.on('end', () => {
        const { statusCode = 0 } = response
        if (unasked.includes(statusCode)) {
          effect = 'none'
          return fail('unavailable', `${host}: HTTP ${statusCode}, it wants a user and password: switch that off there`)
        }
        if (statusCode !== 200) return fail('garbled', `${host}: HTTP ${statusCode}`)
        const answer = Buffer.concat(chunks)
        if (!isUtf8(answer)) return fail('garbled', `${host}: the answer is not UTF-8`)
        settle()
        resolve(answer.toString('utf8'))
      })
    })
    call.end(body)
  })
