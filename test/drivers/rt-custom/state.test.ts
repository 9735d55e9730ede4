import { rm } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import type { MemoryRecord } from '../../../drivers/rt/simulated-memory.ts'
import { CustomPrinter } from '../../../drivers/rt-custom/driver.ts'
import { defaultTimeouts, profileWith } from '../../../drivers/rt-custom/profile.ts'
import { CustomSession } from '../../../drivers/rt-custom/session.ts'
import { CustomSimulator } from '../../../drivers/rt-custom/simulator.ts'
import type { CustomSwitches } from '../../../drivers/rt-custom/simulator-generation.ts'
import { coffee, departments } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import { benchFolder } from '../rt/opened-bench.ts'
import { openCustomBench } from './bench.ts'

async function opened(switches: Partial<CustomSwitches>) {
  const bench = await openCustomBench('tcp', [], switches)
  onTestFinished(() => bench.destroy())
  await bench.printer.open()
  return bench
}

const worthless = [
  [{ simulation: true }, 'in simulation'],
  [{ demo: true }, 'a demonstration'],
] as const

test.each(worthless)('%o: the printer is identified, and nothing is sent to it', async (switches, words) => {
  const { printer, records } = await opened(switches)
  expect(await printer.identity()).toEqual({ serial: '2CISF000001' })
  expect(await printer.health()).toMatchObject({ inService: false, description: expect.stringContaining(words) })
  const baseline = await printer.baseline()
  const refusal = { code: 'out_of_service', effect: 'none', message: expect.stringContaining(words) }
  for (const document of [coffee(), { kind: 'non_fiscal', lines: ['ADDESTRAMENTO'] } as const])
    await expect(printer.print(document, baseline)).rejects.toMatchObject(refusal)
  expect(records()).toEqual([])
})

test('a printer that goes out of service between two documents gets no other one', async () => {
  const { printer, records, inject } = await opened({})
  await printer.print(coffee(), await printer.baseline())
  inject('out-of-service@1511')
  const baseline = await printer.baseline()
  await expect(printer.print(coffee(), baseline)).rejects.toMatchObject({ code: 'out_of_service', effect: 'none' })
  expect(records()).toHaveLength(1)
})

const LINE = '3301100000100000105CAFFE00000050000'
const PAID = '3007010000000000500'
/** What another program, or an agent that was killed, has left in the printer, and what stands of it then. */
const leftOpen = [
  ['a line', [LINE], []],
  ['a part that is paid', [LINE, '3007010000000000100'], []],
  ['all that is paid', [LINE, PAID], []],
  ['an aborted document that was not closed', [LINE, `33018${'0'.repeat(25)}`], []],
  ['a sale that was not ejected', [LINE, PAID, '3011'], ['document']],
  ['a slip', ['400110', '4003104TEST'], ['slip']],
  ['a return of a POS slip', ['7114R03POS140926'], []],
  ['a return of an unknown document', ['7101R014100011409268'], []],
  ['a void of an unknown document', ['7101A014100011409268'], []],
  ['a lottery code', ['301908ABCD1234'], []],
] as const

describe('a printer with something open from before', () => {
  test.each(leftOpen)('%s: it is ended, and the next sale is ours alone', async (_what, commands, left) => {
    for (const generation of [3, 2] as const) {
      const { printer, records, printed } = await afterAnother(commands, { generation })
      const baseline = await printer.baseline()
      const sale = await printer.print(coffee(), baseline)
      const [before, ours] = [records().slice(0, -1), printed().at(-1)]
      expect(before.map(({ type }) => type).filter((type) => type !== 'aborted')).toEqual(left)
      expect(ours).toMatchObject({ kind: 'sale', number: sale.number, totalCents: 1250 })
      expect(ours?.lines.join('\n')).not.toMatch(/CAFFE\b|Codice Lotteria/)
      expect(sale.number).toBe(baseline.number + 1)
    }
  })
})

async function afterAnother(commands: readonly string[], switches: Partial<CustomSwitches>) {
  const directory = await benchFolder()
  const simulator = new CustomSimulator({ directory, clock: patientClock, switches })
  simulator.open()
  const port = await simulator.serveTcp(0)
  const newLink = () => new TcpLink({ host: '127.0.0.1', port, clock: patientClock })
  const profile = profileWith({ busyPauseMs: 20, pollMs: 20, nakQuietMs: 20 })
  const other = new CustomSession({ link: newLink(), clock: patientClock, profile, timeouts: defaultTimeouts })
  const { signal } = new AbortController()
  await other.ready(signal)
  for (const command of commands) expect(await other.run(command, signal)).toMatchObject({ done: true })
  await other.close()
  const printer = new CustomPrinter({ link: newLink(), clock: patientClock, departments, profile })
  onTestFinished(async () => {
    await printer.close()
    await simulator.close()
    await rm(directory, { recursive: true })
  })
  await printer.open()
  return { printer, records: () => simulator.records(), printed: () => simulator.documents() }
}

test.each([3, 2] as const)(
  'a printer that sends its file after a Z is waited for: generation %i',
  async (generation) => {
    const { printer, printed } = await opened({ generation, sendsForMs: 150 })
    await printer.print(coffee(), await printer.baseline())
    expect(await printer.closeDay(await printer.baseline())).toMatchObject({ z: 142 })
    expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ documentNumber: '0143-0001' })
    expect(printed()).toHaveLength(2)
  },
)

test('an aborted document with a number has our reference, and is not our document', async () => {
  const { printer, inject, printed, records } = await opened({ numbersAborted: true })
  const baseline = await printer.baseline()
  const sale = coffee()
  inject('error=ERR05@1003')
  expect(await printer.print(sale, baseline)).toMatchObject({ documentNumber: '0142-0002' })
  expect(records().map(({ type }) => type)).toEqual(['aborted', 'document'])
  expect(printed()).toHaveLength(1)
  expect(await printer.settle(sale, baseline)).toMatchObject({ documentNumber: '0142-0002' })
  expect(await printer.settle(coffee(), baseline)).toBeUndefined()
})

test('each reply and error gets an ACK, and an enquiry agrees on the counter: a repeated 00 is executed twice', async () => {
  const directory = await benchFolder()
  const simulator = new CustomSimulator({ directory, clock: patientClock })
  simulator.open()
  const link = new TcpLink({ host: '127.0.0.1', port: await simulator.serveTcp(0), clock: patientClock })
  const frames: string[] = []
  const write = link.write.bind(link)
  link.write = async (bytes) => {
    frames.push(Buffer.from(bytes).toString('latin1'))
    await write(bytes)
  }
  const printer = new CustomPrinter({ link, clock: patientClock, departments })
  onTestFinished(async () => {
    await printer.close()
    await simulator.close()
    await rm(directory, { recursive: true })
  })
  await printer.open()
  for (let sale = 1; sale <= 6; sale += 1) await printer.print(coffee(), await printer.baseline())
  simulator.inject('error=ERR25@3301')
  await expect(printer.print(coffee(), await printer.baseline())).rejects.toMatchObject({ deviceCode: 'ERR25' })
  const sent = frames.filter((frame) => frame.startsWith('\x02'))
  expect(sent.length).toBeGreaterThan(100)
  expect(new Set(sent.flatMap((frame) => (frame.startsWith('\x0200') ? [frame.slice(4, 8)] : [])))).toEqual(
    new Set(['1012']),
  )
  expect(frames.filter((frame) => frame === '\x06').length).toBe(sent.length)
})

describe('a void whose text in the memory does not name its document', () => {
  const at = '2026-11-28T10:00:00'
  const record = (kind: 'sale' | 'void', number: number, names?: number): MemoryRecord => ({
    ...{ type: 'document', kind, z: 142, number, at, totalCents: 500, cashCents: 0 },
    lines: [kind === 'void' ? 'emesso per ANNULLAMENTO' : 'di vendita o prestazione'],
    original: names === undefined ? undefined : { z: 142, number: names, date: '2026-11-28' },
  })
  const sales = [record('sale', 1), record('sale', 2)]
  const document = { kind: 'void', original: { z: 142, number: 1, date: '2026-11-28' } } as const

  async function settled(voids: readonly MemoryRecord[]) {
    const bench = await openCustomBench('tcp', [...sales, ...voids])
    onTestFinished(() => bench.destroy())
    await bench.printer.open()
    const baseline = { ...(await bench.printer.baseline()), number: 2 }
    return bench.printer.settle(document, baseline)
  }

  test('is ours if it is the only one since, and the document is voided', async () => {
    expect(await settled([record('void', 3, 1)])).toMatchObject({ kind: 'void', number: 3 })
  })

  test('is of another document if ours may still be voided', async () => {
    expect(await settled([record('void', 3, 2)])).toBeUndefined()
  })

  test('is a question to a person if there are several', async () => {
    await expect(settled([record('void', 3, 1), record('void', 4, 2)])).rejects.toMatchObject({
      ...{ code: 'print_unresolved', effect: 'unknown' },
    })
  })
})

test('a baseline of an older journal, without the counters of the day, is settled by the memory', async () => {
  const { printer, inject } = await opened({})
  const { day_counters: dayCounters, ...older } = await printer.baseline()
  expect(dayCounters).toMatch(/^0{78}$/)
  const sale = coffee()
  expect(await printer.settle(sale, older)).toBeUndefined()
  inject('lost-answer@3011')
  const { documentNumber } = await printer.print(sale, older)
  expect(await printer.settle(sale, older)).toMatchObject({ documentNumber })
})
