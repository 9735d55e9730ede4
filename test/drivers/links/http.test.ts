import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../agent/clock.ts'
import { post } from '../../../drivers/links/http.ts'

let server: Server
let requests: number
let answers: boolean
beforeEach(async () => {
  requests = 0
  answers = true
  server = createServer((_request, response) => {
    requests += 1
    if (answers) response.end('done')
    server.emit('heard')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const asked = (signal: AbortSignal): Promise<string> => {
  const { port } = server.address() as AddressInfo
  return post({ host: '127.0.0.1', port, path: '/', headers: {}, body: 'print' }, 5000, systemClock, signal)
}

test('a request that was given up before it began is not sent, and has done nothing', async () => {
  await expect(asked(AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted', effect: 'none' })
  // Whatever had been sent before it would have come before this one.
  expect(await asked(new AbortController().signal)).toBe('done')
  expect(requests).toBe(1)
})

test('one that is given up before there is a connection has done nothing either', async () => {
  const given = new AbortController()
  const answer = asked(given.signal)
  given.abort()
  await expect(answer).rejects.toMatchObject({ code: 'aborted', effect: 'none' })
  expect(await asked(new AbortController().signal)).toBe('done')
  expect(requests).toBe(1)
})

test('one that is given up while the device is at it leaves open what that did', async () => {
  answers = false
  const given = new AbortController()
  const answer = asked(given.signal)
  await Promise.all([once(server, 'heard').then(() => given.abort()), answer.catch(() => undefined)])
  await expect(answer).rejects.toMatchObject({ code: 'aborted', effect: 'unknown' })
})
