import { request } from 'node:http'
import { DeviceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'

export type HttpRequest = { host: string; port: number; path: string; headers: Record<string, string>; body: string }

const answerBytesMax = 262_144

/**
 * Posts to a device of the LAN and gives the body of its 200. Errors: `unavailable` none when no connection was made,
 * `timeout`, `aborted`, `garbled` and `unavailable` unknown after.
 */
export const post = (sent: HttpRequest, timeoutMs: number, clock: Clock, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const { host, port, path, headers, body } = sent
    let connected = false
    const call = request({ host, port, path, method: 'POST', agent: false, headers })
    const fail = (error: DeviceError) => {
      cancel()
      signal.removeEventListener('abort', onAbort)
      call.destroy()
      reject(error)
    }
    const onAbort = () => fail(new DeviceError('aborted', 'unknown', 'given up while the device was answering'))
    const cancel = clock.after(timeoutMs, () =>
      fail(new DeviceError('timeout', connected ? 'unknown' : 'none', `${host}: no answer in time`)),
    )
    signal.addEventListener('abort', onAbort, { once: true })
    call.on('socket', (socket) => {
      socket.once('connect', () => {
        connected = true
      })
    })
    call.on('error', (error) =>
      fail(new DeviceError('unavailable', connected ? 'unknown' : 'none', `${host}: ${error.message}`)),
    )
    call.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > answerBytesMax)
          fail(new DeviceError('garbled', 'unknown', `${host}: the answer does not end`))
      })
      response.on('error', (error) => fail(new DeviceError('unavailable', 'unknown', `${host}: ${error.message}`)))
      response.on('end', () => {
        if (response.statusCode !== 200) {
          fail(new DeviceError('garbled', 'unknown', `${host}: HTTP ${response.statusCode}`))
          return
        }
        cancel()
        signal.removeEventListener('abort', onAbort)
        resolve(text)
      })
    })
    call.end(body)
  })
