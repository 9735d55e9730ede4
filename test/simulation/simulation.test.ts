import { describe, expect, test } from 'vitest'
import { simulate } from './world.ts'

const SEEDS = 30
const BUSY_SEEDS = 15
const OPS = 60

describe('simulated with every fault there is, the till', () => {
  test.each(Array.from({ length: SEEDS }, (_, index) => [1_000 + index]))('holds with seed %i', async (seed) => {
    const { failures, trace } = await simulate({ seed, ops: OPS })
    expect(failures, `node test/simulation/simulate.ts --seed ${seed} --ops ${OPS}\n${trace.join('\n')}`).toEqual([])
  })

  test.each(Array.from({ length: BUSY_SEEDS }, (_, index) => [2_000 + index]))(
    'hands over the books of days in which everything happens with seed %i',
    async (seed) => {
      const { failures, trace } = await simulate({ seed, ops: OPS, busy: true })
      expect(
        failures,
        `node test/simulation/simulate.ts --busy --seed ${seed} --ops ${OPS}\n${trace.join('\n')}`,
      ).toEqual([])
    },
  )

  test('plays the same seed in the same way, byte for byte', async () => {
    const first = await simulate({ seed: 7, ops: OPS })
    const second = await simulate({ seed: 7, ops: OPS })
    expect(second.trace).toEqual(first.trace)
    expect(second.hash).toBe(first.hash)
    const other = await simulate({ seed: 8, ops: OPS })
    expect(other.hash).not.toBe(first.hash)
  })

  // A start was settled while the device could not say who it is: the next question did not find that start any more.
  test('finds a lost start again, whatever failed while it was looked for', async () => {
    const { failures, trace } = await simulate({ seed: 4, ops: 2 * OPS })
    expect(failures, trace.join('\n')).toEqual([])
  })

  test('meets crashes and refusals on its way', async () => {
    const { lives, trace } = await simulate({ seed: 7, ops: 3 * OPS })
    expect(lives).toBeGreaterThan(2)
    expect(trace.some((line) => line.includes('no answer'))).toBe(true)
    expect(trace.some((line) => line.includes('completed failed'))).toBe(true)
  })
})
