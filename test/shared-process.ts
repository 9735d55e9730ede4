import { afterAll, beforeAll, expect } from 'vitest'

/** The state that the tests of one file would leave to those of the next in the same process. */
function seen(): object {
  return {
    environment: { ...process.env },
    folder: process.cwd(),
    umask: process.umask(),
    fetch: globalThis.fetch,
    now: Date.now,
    signals: ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'].map((signal) => process.listenerCount(signal)),
  }
}

let before: object = {}
beforeAll(() => {
  before = seen()
})
afterAll(() => {
  expect(seen(), 'a file that changes its process belongs to OF_THEIR_OWN in vitest.config.ts').toEqual(before)
})
