// @module-tag heavy
import { expect, test } from 'vitest'
import { failEveryCall } from './disk-calls.ts'
import { CALLS } from './faulty-disk.ts'

const CHANGES = CALLS.write + CALLS.sync + CALLS.truncate

// The others, reads among them: node test/simulation/simulate.ts --calls
test.each([
  ['fails once', { calls: CHANGES, write: 'eio', on: false }],
  ['is full from then on', { calls: CALLS.write, write: 'full', on: true }],
] as const)('at whichever call the disk %s, all is answered once and signed once', async (_name, mode) => {
  const { calls, broken } = await failEveryCall(mode)
  expect(broken).toEqual([])
  expect(calls).toBeGreaterThan(20)
})
