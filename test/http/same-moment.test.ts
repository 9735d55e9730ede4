import { expect, test } from 'vitest'
import { oncePerIteration } from '../../agent/http/once-per-iteration.ts'
import { requestBytes, startHttp } from './harness.ts'
import { MemoryApplication } from './memory-application.ts'
import { RawConnection } from './raw-client.ts'

/** Counts how often it is looked at. */
class WatchedApplication extends MemoryApplication {
  looks = 0

  override metrics(): string {
    this.looks += 1
    return `looks ${this.looks}\n`
  }

  override readiness() {
    this.looks += 1
    return super.readiness()
  }
}

test.each([
  ['/metrics', 200],
  ['/readyz', 200],
  ['/readyz', 503],
])('%s is made once for all callers of the same moment, and again for the next (%i)', async (path, status) => {
  const application = new WatchedApplication()
  if (status === 503) application.state = 'starting'
  await using http = await startHttp({}, application)
  const [greeting, request] = ['/healthz', path].map((asked) => requestBytes(http.port, { path: asked }))
  const connections = Array.from({ length: 20 }, () => new RawConnection(http.port))
  const ask = async (bytes: Buffer | undefined) => {
    // Written side by side: the server reads all of them in one turn.
    for (const connection of connections) connection.write(bytes ?? '')
    const answers = await Promise.all(connections.map((connection) => connection.answer()))
    return new Set(answers.map((answer) => answer?.status))
  }
  expect(await ask(greeting)).toEqual(new Set([200]))
  expect(await ask(request)).toEqual(new Set([status]))
  // All of them as a rule; a busy system may bring a few a turn later.
  const { looks } = application
  expect(looks).toBeLessThan(20)
  expect((await http.call({ path })).status).toBe(status)
  expect(application.looks).toBe(looks + 1)
  for (const { socket } of connections) socket.destroy()
})

test('a result that is made once per turn is made again in the next, and again if it was refused', async () => {
  let serial = 0
  const value = oncePerIteration(() => {
    serial += 1
    if (serial === 1) throw new Error('not yet')
    return serial
  })
  expect(value).toThrowError('not yet')
  expect([value(), value()]).toEqual([2, 2])
  await new Promise((resolve) => setImmediate(resolve))
  expect(value()).toBe(3)
})

test('what strangers ask for again and again is made in a tenth of the time, and then again for each iteration', async () => {
  let nowMs = 0
  let made = 0
  const look = oncePerIteration(
    () => {
      nowMs += 10
      return ++made
    },
    () => nowMs,
  )
  const lookFor = async (times: number, pauseMs: number): Promise<number> => {
    const before = made
    for (let time = 0; time < times; time++) {
      expect(look()).toBe(made)
      nowMs += pauseMs
      await new Promise((resolve) => setImmediate(resolve))
    }
    return made - before
  }
  // 250 ms of making at once, which come back in a tenth of the time.
  expect(await lookFor(1_000, 0)).toBeLessThan(40)
  expect(await lookFor(1_000, 5)).toBeLessThan(70)
  nowMs += 10_000
  expect(await lookFor(20, 0)).toBe(20)
})
