import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RtOriginal, RtReturn } from '../../../drivers/ports/rt-printer.ts'
import { coffee, uniqueReference } from '../../contracts/printer-bench.ts'
import type { FaultBench } from '../../contracts/printer-faults.ts'
import { heavy } from '../../tags.ts'
import { openCustomBench } from './bench.ts'

/** After the second question about the document that comes back, which opens the return. */
const BLINK = 'power-blink@7101R#2'
const CASH = { tender: 1, amountCents: 250n }

let bench: FaultBench
beforeEach(async () => {
  bench = await openCustomBench('tcp')
  await bench.printer.open()
})
afterEach(() => bench.destroy())

/** The return of a coffee that was sold just before. */
async function returnOf(): Promise<RtReturn & { original: RtOriginal }> {
  const before = await bench.printer.baseline()
  const { z, number } = await bench.printer.print(coffee(), before)
  const original = { z, number, date: before.at.slice(0, 10) }
  const { lines } = coffee()
  return {
    kind: 'return',
    reference: uniqueReference(),
    lines,
    payments: [{ tender: 1, amountCents: 1250n }],
    original,
  }
}

function kinds() {
  return bench.printed().map(({ kind }) => kind)
}

test('a return whose opening was lost by a power blink is detected before it is paid, and sent again', async () => {
  const document = await returnOf()
  for (const fault of ['power-blink@7101R#2', 'power-blink@3301', 'power-blink@3002']) {
    const baseline = await bench.printer.baseline()
    const before = kinds().length
    bench.inject(fault)
    const { lines } = coffee()
    const half = { ...document, reference: uniqueReference(), lines: lines.slice(1), payments: [CASH] }
    const printed = await bench.printer.print(half, baseline)
    expect(kinds().slice(before)).toEqual(['return'])
    expect(printed).not.toHaveProperty('annulled')
  }
})

describe('a return whose opening was lost by a power blink, on a model that does not say what is open', () => {
  beforeEach(async () => {
    await bench.destroy()
    bench = await openCustomBench('tcp', [], { generation: 2 })
    await bench.printer.open()
  })

  test('comes out as a sale, which is annulled at once and reported; then the return is printed', async () => {
    const document = await returnOf()
    const baseline = await bench.printer.baseline()
    bench.inject(BLINK)
    const printed = await bench.printer.print(document, baseline)
    expect(kinds()).toEqual(['sale', 'sale', 'void', 'return'])
    expect(bench.printed()[2]?.text).toContain('N. 0142-0002 del')
    expect(printed).toMatchObject({ kind: 'return', documentNumber: '0142-0004', annulled: ['0142-0002'] })
    expect(await bench.printer.print(document, baseline)).toMatchObject({ documentNumber: '0142-0004' })
    expect(kinds()).toHaveLength(4)
  })

  test('is annulled once, also if the answer to the annulment is lost', async () => {
    const document = await returnOf()
    const baseline = await bench.printer.baseline()
    bench.inject(BLINK)
    bench.inject('lost-answer@7101A#3')
    await bench.printer.print(document, baseline)
    expect(kinds()).toEqual(['sale', 'sale', 'void', 'return'])
  })

  test('is named if the printer does not annul it', async () => {
    const document = await returnOf()
    const baseline = await bench.printer.baseline()
    bench.inject(BLINK)
    bench.inject('error=ERR05@7101A#2')
    await expect(bench.printer.print(document, baseline)).rejects.toMatchObject({
      code: 'annulment_due',
      effect: 'none',
      message: expect.stringContaining('0142-0002 came out as a sale: it must be annulled'),
    })
  })

  test.each([
    ['where the return behind it is refused', 'error=ERR222@7101R#3'],
    ['where the printer refuses the command that printed it', 'error-done=ERR40@3011'],
  ])('is annulled and reported %s', async (_, refusal) => {
    const document = await returnOf()
    const baseline = await bench.printer.baseline()
    bench.inject(BLINK)
    bench.inject(refusal)
    await expect(bench.printer.print(document, baseline)).rejects.toMatchObject({
      ...{ code: 'refused', effect: 'none', annulled: ['0142-0002'] },
    })
    expect(kinds()).toEqual(['sale', 'sale', 'void'])
  })

  test('is found in the memory by a reconciliation, and by another print after a restart', async () => {
    const document = await returnOf()
    const baseline = await bench.printer.baseline()
    bench.inject(BLINK)
    bench.inject('error=ERR222@7101R#3')
    await expect(bench.printer.print(document, baseline)).rejects.toThrow()
    expect(await bench.printer.settle(document, baseline)).toBe('misprinted')
    const told = { kind: 'return', annulled: ['0142-0002'] }
    expect(await bench.printer.print(document, baseline)).toMatchObject(told)
    expect(await bench.printer.settle(document, baseline)).toMatchObject(told)
  })

  test('is only asked about by a reconciliation', async () => {
    const document = await returnOf()
    const baseline = await bench.printer.baseline()
    bench.inject(BLINK)
    bench.inject('error=ERR05@7101A#2')
    await expect(bench.printer.print(document, baseline)).rejects.toThrow()
    expect(await bench.printer.settle(document, baseline)).toBe('misprinted')
    expect(kinds()).toEqual(['sale', 'sale'])
    expect(await bench.printer.print(document, baseline)).toMatchObject({ kind: 'return', annulled: ['0142-0002'] })
    expect(kinds()).toEqual(['sale', 'sale', 'void', 'return'])
  })
})

describe('a refusal whose number says nothing', () => {
  test.each([
    ['paper-out=60000', 'paper_out'],
    ['cover-open=60000', 'cover_open'],
    ['memory-full', 'memory_full'],
  ])('is reported by the flags of the printer: %s', async (fault, code) => {
    const { printer, inject } = bench
    const baseline = await printer.baseline()
    inject(`${fault}@3301`)
    inject('error=ERR40@3301')
    await expect(printer.print(coffee(), baseline)).rejects.toMatchObject({ code, effect: 'none', deviceCode: 'ERR40' })
    expect(kinds()).toEqual([])
  })

  test('in the middle of a document is not an outage once the paper is loaded: the document is printed then', async () => {
    const { printer, inject } = bench
    const baseline = await printer.baseline()
    inject('paper-out=60@3011')
    inject('error=ERR40@3011')
    expect(await printer.print(coffee(), baseline)).toMatchObject({ documentNumber: '0142-0001' })
    expect(kinds()).toEqual(['sale'])
  })

  test('stays a refusal if the printer is well, and names the number for the technician', async () => {
    const { printer, inject } = bench
    const baseline = await printer.baseline()
    inject('error=ERR40@3301')
    await expect(printer.print(coffee(), baseline)).rejects.toMatchObject({
      code: 'refused',
      message: '3301: refused (ERR40)',
    })
  })
})

test('an open document that the printer does not cancel is reported, with the task for a person', heavy(), async () => {
  const { printer, inject } = bench
  const baseline = await printer.baseline()
  inject('error=ERR05@33018#*')
  inject('error=ERR40@3002')
  await expect(printer.print(coffee(), baseline)).rejects.toMatchObject({
    ...{ effect: 'unknown', deviceCode: 'ERR05', message: expect.stringContaining('cancel it at its keys') },
  })
  expect(kinds()).toEqual([])
})

test('a return is known by the counter of returns: the memory of a busy day takes minutes to read', async () => {
  const document = await returnOf()
  const baseline = await bench.printer.baseline()
  bench.inject('error=ERR03@8006#*')
  expect(await bench.printer.print(document, baseline)).toMatchObject({ kind: 'return', documentNumber: '0142-0002' })
  expect(kinds()).toEqual(['sale', 'return'])
})

describe('paper that ends while one command prints, which comes out when the roll is changed', () => {
  test('a void is one: it was refused, and permanently the next time, though it is on paper', async () => {
    const { original } = await returnOf()
    const baseline = await bench.printer.baseline()
    bench.inject('paper-end-resume=100@7101A#3')
    expect(await bench.printer.print({ kind: 'void', original }, baseline)).toMatchObject({
      ...{ kind: 'void', documentNumber: '0142-0002' },
    })
    expect(kinds()).toEqual(['sale', 'void'])
  })

  test('a closing is one: it was made twice', async () => {
    const baseline = await bench.printer.baseline()
    bench.inject('paper-end-resume=100@2002')
    expect(await bench.printer.closeDay(baseline)).toMatchObject({ z: 142 })
    expect((await bench.printer.baseline()).z).toBe(142)
  })

  test('if the roll is changed before the paper is looked at, the refusal is not believed', async () => {
    const { original } = await returnOf()
    const baseline = await bench.printer.baseline()
    bench.inject('paper-end-resume=1@7101A#3')
    bench.inject('lost-request@1109#2')
    expect(await bench.printer.print({ kind: 'void', original }, baseline)).toMatchObject({ kind: 'void' })
    const closing = await bench.printer.baseline()
    bench.inject('paper-end-resume=1@2002')
    bench.inject('lost-request@1109#2')
    expect(await bench.printer.closeDay(closing)).toMatchObject({ z: 142 })
    expect(kinds()).toEqual(['sale', 'void'])
  })

  test('nothing is begun without any', async () => {
    const { original } = await returnOf()
    const baseline = await bench.printer.baseline()
    bench.inject('paper-out=1000@1109')
    await expect(bench.printer.print({ kind: 'void', original }, baseline)).rejects.toMatchObject({
      ...{ code: 'paper_out', effect: 'none' },
    })
  })
})

describe('the count of frames', () => {
  test.each(['tcp', 'pty'] as const)('continues after 99, on a line that stays (%s)', async (line) => {
    await using shop = await countingShop(line)
    for (let sale = 1; sale <= 12; sale += 1) {
      const printed = await shop.printer.print(coffee(), await shop.printer.baseline())
      expect(printed.number).toBe(sale)
    }
  })

  test.each(['lost-request', 'lost-answer', 'not-executed'])('is agreed on again after a loss: %s', async (fault) => {
    await using shop = await countingShop('pty')
    shop.inject(`${fault}@1017`)
    const printed = await shop.printer.print(coffee(), await shop.printer.baseline())
    expect(printed).toMatchObject({ documentNumber: '0142-0001', certain: true })
  })
})

async function countingShop(line: 'tcp' | 'pty'): Promise<FaultBench & AsyncDisposable> {
  const shop = await openCustomBench(line)
  await shop.printer.open()
  return { ...shop, [Symbol.asyncDispose]: () => shop.destroy() }
}
