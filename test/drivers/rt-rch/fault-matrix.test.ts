import { describe, expect, test } from 'vitest'
import { drawCases, runCases } from './fault-matrix.ts'

/** A sample of the matrix; scripts/rt-fault-matrix.ts runs all of it. */
const seed = 20_261_120

describe('each fault at each frame of each operation: printed once or told that not', () => {
  test('over TCP', async () => {
    expect(await runCases(drawCases(120, seed), { line: 'tcp', parallel: 16 })).toEqual([])
  }, 120_000)

  test('over a pseudo-terminal', async () => {
    expect(await runCases(drawCases(24, seed + 1), { line: 'pty', parallel: 6 })).toEqual([])
  }, 120_000)

  test.each([
    ['status 04 until the end', { fidelity: true }],
    ['texts between STX and ETX', { framedTexts: true }],
    ['frames answered from memory', { remembersFrames: true }],
    ['the same pack character back', { samePack: true }],
  ])(
    'with %s',
    async (_, quirks) => {
      expect(await runCases(drawCases(24, seed + 2), { line: 'tcp', quirks, parallel: 12 })).toEqual([])
    },
    120_000,
  )
})
