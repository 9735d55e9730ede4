import { expect, onTestFinished, test } from 'vitest'
import type { MemoryRecord } from '../../../drivers/rt/simulated-memory.ts'
import { coffee } from '../../contracts/printer-bench.ts'
import type { FaultBench } from '../../contracts/printer-faults.ts'
import { openCustomBench } from '../rt-custom/bench.ts'
import { openRchBench } from '../rt-rch/bench.ts'
import { historyOf } from './opened-bench.ts'

type Open = (history?: readonly MemoryRecord[]) => Promise<FaultBench>
type Family = { name: string; open: Open; ends: string; asks: string; clock: string; reads: string; refusal: string }

/** The command that ends a document, the first one that is asked when its answer was lost, that for the clock, and the reading of the memory. */
const families: readonly Family[] = [
  {
    ...{ name: 'RCH', ends: '=T', asks: '<</?m', clock: '<</?d', reads: '=C45', refusal: 'EG0020' },
    open: (history = []) => openRchBench({ line: 'tcp', history }),
  },
  {
    ...{ name: 'Custom', ends: '3011', asks: '1012', clock: '1001', reads: '8006', refusal: 'ERR03' },
    open: (history) => openCustomBench('tcp', history),
  },
]

async function opened(open: Open, history?: readonly MemoryRecord[]): Promise<FaultBench> {
  const bench = await open(history)
  onTestFinished(() => bench.destroy())
  await bench.printer.open()
  return bench
}

test.each(families)(
  '$name: a document that was printed before the clock was set back to the day before is found',
  async ({ open, ends, asks }) => {
    const bench = await opened(open)
    const baseline = await bench.printer.baseline()
    bench.inject(`lost-answer@${ends}`)
    bench.inject(`clock@${asks}`)
    const printed = await bench.printer.print(coffee(), baseline)
    expect(bench.printed().map(({ documentNumber }) => documentNumber)).toEqual([printed.documentNumber])
  },
)

test.each(families)(
  '$name: a memory without the documents printed since is reported: a person must say what is on paper',
  async ({ open, reads, refusal }) => {
    // Its lines are in the memory that a technician removed.
    const bench = await opened(open, historyOf(141, 3, '2026-01-01T00:00:00'))
    const baseline = { ...(await bench.printer.baseline()), number: 1 }
    const untold = {
      code: 'print_unresolved',
      effect: 'unknown',
      message: expect.stringContaining('0142-0001 and 0142-0003'),
    }
    await expect(bench.printer.settle(coffee(), baseline)).rejects.toMatchObject(untold)
    bench.inject(`error=${refusal}@${reads}#*`)
    await expect(bench.printer.settle(coffee(), baseline)).rejects.toMatchObject(untold)
    expect(bench.printed()).toHaveLength(3)
  },
)

test.each(families)(
  '$name: a document without a time from the printer gets it from the memory: a return refers to its day',
  async ({ open, clock }) => {
    const bench = await opened(open)
    const baseline = await bench.printer.baseline()
    bench.inject(`lost-answer@${clock}#1-3`)
    const printed = await bench.printer.print(coffee(), baseline)
    expect(printed.printedAt?.slice(0, 10)).toBe(baseline.at.slice(0, 10))
    expect(bench.printed()).toHaveLength(1)
  },
)

test.each(families)(
  '$name: a reading that no client waits for is cancelled, and the printer continues to print',
  async ({ open, reads }) => {
    const bench = await opened(open)
    const { printer } = bench
    const first = await printer.print(coffee(), await printer.baseline())
    const baseline = await printer.baseline()
    bench.inject(`not-executed@${reads}#*`)
    const place = { z: first.z, number: first.number }
    const span = { from: place, to: place, day: baseline.at.slice(0, 10) }
    await expect(printer.documents?.(span, 100)).rejects.toMatchObject({ effect: 'none' })
    expect(await printer.print(coffee(), baseline)).toMatchObject({ number: first.number + 1 })
    expect(bench.printed()).toHaveLength(2)
  },
)
