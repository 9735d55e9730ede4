import { isUtf8 } from 'node:buffer'
import { request } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import { lookupWithin } from '../../base/names.ts'
import { atDeadline } from '../delay.ts'
import type { DeviceErrorCode, Effect } from '../errors.ts'
import { DeviceError, errorCode } from '../errors.ts'
import type { Recorder } from '../recording/recorder.ts'

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
export type Post = (
  sent: HttpRequest,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
  recorder?: Recorder | undefined,
) => Promise<string>

type Answer = { status: number; body: Buffer }

/**
 * Posts to a device of the LAN and returns the body of its 200. Errors: `unavailable`, `timeout` and `aborted`, none
 * before the connection and unknown after it; `garbled` unknown. A device that demands a login is `unavailable` none.
 */
export const post: Post = async (sent, timeoutMs, clock, signal, recorder) => {
  if (signal.aborted) throw new DeviceError('aborted', 'none', 'cancelled before it was sent')
  const { host, path, body } = sent
  if (recorder !== undefined) {
    const text = Buffer.from(`POST ${path}\n\n${body}`, 'utf8')
    recorder.sending(text)
    const played = recorder.plays?.(text)
    if (played !== undefined) return textOf(host, playedAnswer(host, played))
  }
  return textOf(host, await exchange(sent, timeoutMs, clock, signal, recorder))
}

/** The body of a 200. */
function textOf(host: string, { status, body }: Answer): string {
  if (unasked.includes(status)) {
    const text = `${host}: HTTP ${status}, it wants a user and password: switch that off there`
    throw new DeviceError('unavailable', 'none', text)
  }
  if (status !== 200) throw new DeviceError('garbled', 'unknown', `${host}: HTTP ${status}`)
  if (!isUtf8(body)) throw new DeviceError('garbled', 'unknown', `${host}: the answer is not UTF-8`)
  return body.toString('utf8')
}

/** An answer as a recording keeps it. */
function recordedAnswer({ status, body }: Answer): Buffer {
  return Buffer.concat([Buffer.from(`HTTP ${status}\n\n`), body])
}

function playedAnswer(host: string, played: readonly Uint8Array[]): Answer {
  const bytes = Buffer.concat(played)
  const [head, status] = /^HTTP (\d+)\n\n/.exec(bytes.toString('latin1')) ?? []
  if (head === undefined) throw new DeviceError('timeout', 'unknown', `${host}: no answer in time`)
  return { status: Number(status), body: bytes.subarray(head.length) }
}

function exchange(
  { host, port, path, headers, body }: HttpRequest,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
  recorder: Recorder | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
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
      if (effect !== 'none') return
      recorder?.broke('no connection in time')
      fail('unavailable', `${host}: no connection in time`)
    })
    const cancel = atDeadline(clock, timeoutMs, () => fail('timeout', `${host}: no answer in time`))
    signal.addEventListener('abort', onAbort, { once: true })
    call.on('socket', (socket) => {
      socket.once('connect', () => {
        effect = 'unknown'
      })
    })
    const lost = (error: Error) => {
      recorder?.broke(errorCode(error) ?? error.name)
      fail('unavailable', `${host}: ${error.message}`)
    }
    call.on('error', lost)
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
      response.on('error', lost)
      response.on('end', () => {
        settle()
        const answer = { status: response.statusCode ?? 0, body: Buffer.concat(chunks) }
        recorder?.heard(recordedAnswer(answer))
        resolve(answer)
      })
    })
    call.end(body)
  })
}
