import { rm } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { Link } from '../../../drivers/links/link.ts'
import type { RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import { CustomPrinter } from '../../../drivers/rt-custom/driver.ts'
import type { CustomSimulatorOptions } from '../../../drivers/rt-custom/simulator.ts'
import { CustomSimulator } from '../../../drivers/rt-custom/simulator.ts'
import { RchPrinter } from '../../../drivers/rt-rch/driver.ts'
import { RchSimulator } from '../../../drivers/rt-rch/simulator.ts'
import { coffee, departments, uniqueReference } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import { benchFolder, servedLine } from './opened-bench.ts'

/** One second before midnight in Rome. */
const EVENING = Date.parse('2026-09-14T21:59:59Z')
const profile = { busyPauseMs: 20, pollMs: 20 }
const timeouts = { ackMs: 120, replyMs: 200, printMs: 400, longMs: 500, gapMs: 150 }
const common = { clock: patientClock, departments, timeouts, deadlineMs: 15_000 }

class EarlyCustom extends CustomSimulator {
  constructor(options: CustomSimulatorOptions) {
    super({ ...options, switches: { generation: 2 } })
  }
}

const families = [
  {
    name: 'RCH',
    simulator: RchSimulator,
    line: { baudRate: 9600 },
    clockEnquiry: '<</?d',
    make: (link: Link): RtPrinter => new RchPrinter({ ...common, link, profile }),
  },
  {
    name: 'Custom',
    simulator: CustomSimulator,
    line: { baudRate: 19_200, dataBits: 7, parity: 'odd' },
    clockEnquiry: '1017',
    make: (link: Link): RtPrinter => new CustomPrinter({ ...common, link, profile }),
  },
  {
    name: 'Custom without the time of the last document',
    simulator: EarlyCustom,
    line: { baudRate: 19_200, dataBits: 7, parity: 'odd' },
    clockEnquiry: '1001',
    make: (link: Link): RtPrinter => new CustomPrinter({ ...common, link, profile }),
  },
] as const

/** Calls back for each frame with that text before it goes out. */
function watched(link: Link, text: string, told: () => void): Link {
  const write = link.write.bind(link)
  link.write = async (bytes) => {
    if (Buffer.from(bytes).toString('latin1').includes(text)) told()
    await write(bytes)
  }
  return link
}

type Family = (typeof families)[number]

/** A driver before a printer of that family, whose clock the test moves; `asked` is called before each frame with its clock enquiry. */
async function printerOf(family: Family, clock: { nowMs: number }, asked: (sold: number) => void = () => undefined) {
  const directory = await benchFolder()
  const simulator = new family.simulator({ directory, clock: { ...patientClock, now: () => clock.nowMs } })
  simulator.open()
  const link = (await servedLine(simulator, 'tcp', directory, family.line))()
  const printer = family.make(watched(link, family.clockEnquiry, () => asked(simulator.documents().length)))
  onTestFinished(async () => {
    await printer.close()
    await simulator.close()
    await rm(directory, { recursive: true })
  })
  return printer
}

test.each(families)(
  '$name: a document of the last second of a day has its own day, and its return refers to it',
  async (family) => {
    const clock = { nowMs: EVENING }
    const printer = await printerOf(family, clock, (sold) => {
      if (sold > 0) clock.nowMs = EVENING + 2000
    })
    const sold = await printer.print(coffee(), await printer.baseline())
    expect([clock.nowMs, sold.printedAt?.slice(0, 10)]).toEqual([EVENING + 2000, '2026-09-14'])
    const { serial, z, number } = sold
    const back = {
      ...coffee({ reference: uniqueReference() }),
      kind: 'return' as const,
      original: { serial, z, number, date: '2026-09-14' },
    }
    expect(await printer.print(back, await printer.baseline())).toMatchObject({ kind: 'return', number: 2 })
  },
)

test.each(families)('$name: the last document of the day before is found if the day was not closed', async (family) => {
  const clock = { nowMs: EVENING }
  const printer = await printerOf(family, clock)
  const { documentNumber } = await printer.print(coffee(), await printer.baseline())
  await printer.print({ kind: 'non_fiscal', lines: ['ADDESTRAMENTO'] }, await printer.baseline())
  clock.nowMs = EVENING + 86_400_000
  expect(await printer.lastDocument()).toMatchObject({ documentNumber })
})

test.each(families)(
  '$name: a period that is open for more than 24 hours takes no document before its closure',
  async (family) => {
    const clock = { nowMs: EVENING }
    const printer = await printerOf(family, clock)
    await printer.print(coffee(), await printer.baseline())
    clock.nowMs = EVENING + 86_400_000
    await printer.print(coffee(), await printer.baseline())
    clock.nowMs = EVENING + 86_401_000
    const late = await printer.baseline()
    await expect(printer.print(coffee(), late)).rejects.toMatchObject({ code: 'closure_due', effect: 'none' })
    await printer.closeDay(late)
    expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ number: 1 })
  },
)
