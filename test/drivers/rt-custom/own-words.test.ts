// @module-tag heavy
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RtDocument, RtOriginal } from '../../../drivers/ports/rt-printer.ts'
import { coffee, uniqueReference } from '../../contracts/printer-bench.ts'
import type { FaultBench } from '../../contracts/printer-faults.ts'
import { openCustomBench } from './bench.ts'

// No layout of the memory is published: whether a void or a return was made is shown by 7101 and the counters of 1115.

let bench: FaultBench
let original: RtOriginal
beforeEach(async () => {
  bench = await openCustomBench('tcp', [], { ownWords: true })
  await bench.printer.open()
  const baseline = await bench.printer.baseline()
  const { z, number } = await bench.printer.print(coffee(), baseline)
  original = { z, number, date: baseline.at.slice(0, 10) }
})
afterEach(() => bench.destroy())

function documentOf(kind: 'void' | 'return'): RtDocument {
  if (kind === 'void') return { kind, original }
  const { lines } = coffee()
  return { kind, reference: uniqueReference(), lines, payments: [{ tender: 1, amountCents: 1250n }], original }
}

function kinds(): string[] {
  return bench.printed().map(({ kind }) => kind)
}

const LOST = {
  void: ['lost-answer@7101A#3', 'lost-answer@1012#2', 'lost-answer@3013', 'power-cut=60@7101A#3', 'power-cut=60@3013'],
  return: ['lost-answer@3011', 'lost-answer@3013', 'power-cut=60@3011', 'power-cut=60@3013'],
} as const

test.each((['void', 'return'] as const).flatMap((kind) => LOST[kind].map((fault) => [kind, fault] as const)))(
  'a %s whose answer is lost (%s) is found by the counters, and made once',
  async (kind, fault) => {
    const baseline = await bench.printer.baseline()
    bench.inject(fault)
    expect(await bench.printer.print(documentOf(kind), baseline)).toMatchObject({
      kind,
      z: original.z,
      number: original.number + 1,
      // The memory has no line of ours: a person compares the paper of a return.
      certain: kind === 'void',
    })
    expect(kinds()).toEqual(['sale', kind])
  },
)

const COMMANDS = {
  void: ['7101A#1', '7101A#2', '7101A#3', '1012#3', '3013'],
  return: ['7101R#1', '7101R#2', '3301', '3301#2', '3002', '1021', '1003', '3007', '3011', '3013'],
} as const

test.each(
  (['void', 'return'] as const).flatMap((kind) =>
    COMMANDS[kind].flatMap((command) => [
      [kind, `power-cut=60@${command}`] as const,
      [kind, `power-blink@${command}`] as const,
    ]),
  ),
)('a %s is made once through %s', async (kind, fault) => {
  const baseline = await bench.printer.baseline()
  bench.inject(fault)
  expect(await bench.printer.print(documentOf(kind), baseline)).toMatchObject({ kind, z: original.z })
  expect(kinds()).toEqual(['sale', kind])
})

test.each(['void', 'return'] as const)('a %s that nobody asked about yet is settled by the counters', async (kind) => {
  const document = documentOf(kind)
  const baseline = await bench.printer.baseline()
  const printed = await bench.printer.print(document, baseline)
  expect(await bench.printer.settle(document, baseline)).toMatchObject({ kind, number: printed.number })
})

test('of several documents under other words no one is taken for a void: a person looks', async () => {
  const document = documentOf('void')
  const baseline = await bench.printer.baseline()
  await bench.printer.print(document, baseline)
  await bench.printer.print(coffee(), await bench.printer.baseline())
  await expect(bench.printer.settle(document, baseline)).rejects.toMatchObject({ code: 'print_unresolved' })
})

test('a void that the printer does not permit may be possible after the closing, and is not called voided', async () => {
  const document = documentOf('void')
  await bench.printer.print(document, await bench.printer.baseline())
  const again = bench.printer.print(document, await bench.printer.baseline())
  await expect(again).rejects.toMatchObject({
    effect: 'none',
    message: expect.stringContaining('after the daily closing'),
  })
})
