import { describe, expect, test } from 'vitest'
import { drawCases, midnightOf, runCases } from '../../contracts/printer-faults.ts'
import { heavy } from '../../tags.ts'
import type { RchBenchOptions } from './bench.ts'
import { openRchBench, rchMatrix } from './bench.ts'

/** A sample of the matrix; scripts/rt-fault-matrix.ts runs all of it. */
const SEED = 20_261_120

const FORMS = { clock: 'minutes', lastText: 'slip', sendsInZ: true } as const

function printers(options: RchBenchOptions) {
  return () => openRchBench(options)
}

describe('each fault at each frame of each operation: printed once or reported as not printed', () => {
  test('over TCP', heavy(), async () => {
    expect(await runCases(drawCases(rchMatrix, 120, SEED), { open: printers({ line: 'tcp' }), parallel: 16 })).toEqual(
      [],
    )
  })

  test('and if the printer closes its day automatically in between', async () => {
    const cases = drawCases(midnightOf(rchMatrix), 16, SEED)
    expect(await runCases(cases, { open: printers({ line: 'tcp' }), parallel: 16 })).toEqual([])
  })

  test('over a pseudo-terminal', heavy(), async () => {
    expect(
      await runCases(drawCases(rchMatrix, 24, SEED + 1), { open: printers({ line: 'pty' }), parallel: 6 }),
    ).toEqual([])
  })

  test.each([
    ['status 04 until the end', { fidelity: true }],
    ['texts between STX and ETX', { framedTexts: true }],
    ['frames answered from memory', { remembersFrames: true }],
    ['the same pack character back', { samePack: true }],
    ['its ACK switched off', { isWithoutAck: true }],
    [
      'two blanks, a clock with dashes, and a closure as its last text',
      { blanks: 2, clock: 'dashes', lastText: 'closure' },
    ],
    ['a clock without seconds, a slip as its last text, and files sent in key Z alone', FORMS],
  ] as const)('with %s', heavy(), async (_, quirks) => {
    const open = printers({ line: 'tcp', quirks })
    expect(await runCases(drawCases(rchMatrix, 24, SEED + 2), { open, parallel: 12 })).toEqual([])
  })
})
