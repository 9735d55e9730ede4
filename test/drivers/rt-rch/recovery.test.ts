import { afterEach, describe, expect, test } from 'vitest'
import type { Link } from '../../../drivers/links/link.ts'
import type { RtBaseline, RtDocument } from '../../../drivers/ports/rt-printer.ts'
import { RchPrinter } from '../../../drivers/rt-rch/driver.ts'
import { coffee, departments, uniqueReference } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import type { RchBench } from './bench.ts'
import { openRchBench, testTimeouts } from './bench.ts'

let benches: RchBench[] = []
afterEach(async () => {
  for (const bench of benches) await bench.destroy()
  benches = []
})
async function open(options: Partial<Parameters<typeof openRchBench>[0]> = {}): Promise<RchBench> {
  const bench = await openRchBench({ line: 'tcp', ...options })
  benches.push(bench)
  return bench
}

/** A process that ends: after so many frames nothing is sent and nothing is read. */
class MortalLink implements Link {
  readonly died: Promise<void>
  #die: () => void = () => undefined
  readonly #link: Link
  #framesLeft: number

  constructor(link: Link, frames: number) {
    this.#link = link
    this.#framesLeft = frames
    this.died = new Promise((resolve) => {
      this.#die = resolve
    })
  }
  get connected(): boolean {
    return this.#link.connected
  }
  connect(): Promise<void> {
    return this.#link.connect()
  }
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#framesLeft <= 0) return await new Promise(() => undefined)
    this.#framesLeft -= 1
    await this.#link.write(bytes)
    if (this.#framesLeft > 0) return
    await this.#link.close()
    this.#die()
  }
  read(timeoutMs: number, signal?: AbortSignal): Promise<Buffer | undefined> {
    return this.#framesLeft <= 0 ? new Promise(() => undefined) : this.#link.read(timeoutMs, signal)
  }
  discard(): void {
    this.#link.discard()
  }
  check(): Promise<void> {
    return this.#link.check()
  }
  close(): Promise<void> {
    return this.#link.close()
  }
}

async function crashAfter(bench: RchBench, frames: number, document: RtDocument, baseline: RtBaseline): Promise<void> {
  const tcp = bench.newLink()
  const link = new MortalLink(tcp, frames)
  const mortal = new RchPrinter({ link, clock: patientClock, departments, timeouts: testTimeouts, deadlineMs: 60_000 })
  await Promise.race([link.died, mortal.print(document, baseline)])
  await tcp.close()
}

describe('after the end of the process', () => {
  test.each(['sale', 'return', 'void'] as const)('a %s is printed once, wherever it ended', async (kind) => {
    const bench = await open()
    await bench.printer.open()
    const first = await bench.printer.baseline()
    const run = async (frames: number): Promise<void> => {
      const sold = await bench.printer.print(coffee(), await bench.printer.baseline())
      const original = { z: sold.z, number: sold.number, date: first.at.slice(0, 10) }
      const document: RtDocument =
        kind === 'sale'
          ? coffee()
          : kind === 'void'
            ? { kind, original }
            : {
                ...coffee(),
                kind,
                original,
                reference: uniqueReference(),
                payments: [{ tender: 1, amountCents: 1250n }],
              }
      const baseline = await bench.printer.baseline()
      const before = bench.printed().length
      await crashAfter(bench, frames, document, baseline)
      const settled = await bench.printer.settle(document, baseline)
      const printed = await bench.printer.print(document, baseline)
      if (settled) expect(settled).toMatchObject({ documentNumber: printed.documentNumber })
      expect(bench.printed()).toHaveLength(before + 1)
      expect(bench.printed().at(-1)).toMatchObject({ kind, documentNumber: printed.documentNumber })
    }
    for (let frames = 1; frames <= 22; frames += 1) await run(frames)
  })
})

describe('another printer', () => {
  test('is refused when it answers instead of the baseline printer', async () => {
    const bench = await open()
    const other = await open({ serial: '72IV6000002' })
    const baseline = await bench.printer.baseline()
    await expect(other.printer.settle(coffee(), baseline)).rejects.toMatchObject({ code: 'foreign' })
    await expect(other.printer.print(coffee(), baseline)).rejects.toMatchObject({ code: 'foreign' })
    expect(other.printed()).toEqual([])
  })
})

describe('refusals of the printer', () => {
  test.each([
    ['memory-full', 'memory_full'],
    ['out-of-service', 'out_of_service'],
    ['error=ES0001', 'refused'],
    ['error=EG0002', 'refused'],
    ['error=EG0003', 'refused'],
    ['error=EG0020', 'document_unknown'],
    ['error=EG0021', 'document_reversed'],
    ['error=EG0022', 'amount_exceeded'],
    ['error=ES0030', 'closure_due'],
    ['error=ES0031', 'transmission_due'],
    ['error=ES0032', 'memory_full'],
    ['error=ES0033', 'out_of_service'],
    ['error=ES0034', 'clock_wrong'],
    ['paper-out=5000', 'paper_out'],
    ['cover-open=5000', 'cover_open'],
  ])('%s is reported as %s, and nothing was printed', async (fault, code) => {
    const { printer, inject, printed } = await open()
    const baseline = await printer.baseline()
    inject(`${fault}@=R#1+`)
    await expect(printer.print(coffee(), baseline)).rejects.toMatchObject({ code, effect: 'none' })
    expect(printed()).toEqual([])
  })

  test('a power blink after the turned key keeps no day open', async () => {
    const { printer, inject } = await open()
    const baseline = await printer.baseline()
    // The state that is asked after the second reading of the counters, once the key is at Z.
    inject('power-blink@<</?s#2')
    expect(await printer.closeDay(baseline)).toMatchObject({ z: baseline.z + 1 })
  })

  test.each(['<</?N', '=K'])('%s that is refused says nothing of a document', async (command) => {
    const { printer, inject } = await open()
    inject(`error=EG0021@${command}`)
    await expect(printer.baseline()).rejects.toMatchObject({ code: 'refused', effect: 'none' })
  })

  test('files that wait for the tax office are sent, then the document is printed', async () => {
    const { printer, inject, printed } = await open()
    const baseline = await printer.baseline()
    inject('pending@=R')
    await printer.print(coffee(), baseline)
    expect(printed()).toHaveLength(1)
  })

  test('health reports paper, cover, memory and pending files', async () => {
    const { printer, inject } = await open()
    await printer.open()
    inject('paper-out=5000@<</?s')
    inject('cover-open=5000@<</?s')
    inject('memory-full@<</?s')
    inject('pending=7@<</?s')
    expect(await printer.health()).toMatchObject({
      paper: 'out',
      cover: 'open',
      memory: 'full',
      pendingFiles: 7,
      pendingFilesMax: 25,
    })
  })

  test('a slip that was lost as the day was closed has the number that it would have on paper', async () => {
    const { printer, simulator } = await open()
    await printer.print({ kind: 'cash', amountCents: 5000n }, await printer.baseline())
    const slip = { kind: 'cash', amountCents: 3000n } as const
    const baseline = await printer.baseline()
    simulator.closeByItself()
    expect(await printer.settle(slip, baseline)).toMatchObject({ z: 142, documentNumber: '2', certain: false })
  })

  test('a look at its health holds a document up by one question only', async () => {
    const { printer } = await open()
    await printer.open()
    const health = printer.health().then(() => 'health')
    const document = printer.baseline().then((baseline) => printer.print(coffee(), baseline))
    expect(await Promise.race([health, document.then(() => 'document')])).toBe('document')
    expect(await health).toBe('health')
  })

  test('a disconnected printer is reported at once, and nothing can have happened', async () => {
    const bench = await open({ deadlineMs: 800 })
    const baseline = await bench.printer.baseline()
    await bench.printer.close()
    await bench.simulator.close()
    const printer = await bench.reopen()
    await expect(printer.baseline()).rejects.toMatchObject({ code: 'unavailable', effect: 'none' })
    await expect(printer.settle(coffee(), baseline)).rejects.toMatchObject({ effect: 'unknown' })
  })
})

test.each(['power-cut=60@=C45', 'power-blink@=C3', 'lost-answer@=C45', 'cut@=C45'])(
  'a reading of the memory that broke off begins with the key again, and is never empty: %s',
  async (fault) => {
    const { printer, inject } = await open()
    await printer.open()
    const baseline = await printer.baseline()
    const { z, number } = await printer.print(coffee(), baseline)
    const day = baseline.at.slice(0, 10)
    inject(fault)
    const read = await printer.documents({ from: { z, number }, to: { z, number }, day, until: day }, 20_000)
    expect(read.documents).toMatchObject([{ kind: 'sale', z, number }])
    inject(fault)
    expect(await printer.lastDocument()).toMatchObject({ number })
  },
)
