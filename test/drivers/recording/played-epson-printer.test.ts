import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DeviceError } from '../../../drivers/errors.ts'
import type { Recorder } from '../../../drivers/recording/recorder.ts'
import { printSlip } from '../../../drivers/recording/slip.ts'
import type { PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import { EPSON_DIALECT } from '../../../drivers/rt-epson/dialect.ts'
import { EpsonPrinter } from '../../../drivers/rt-epson/driver.ts'
import { EpsonSimulator } from '../../../drivers/rt-epson/simulator.ts'
import { departments } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import { once } from '../../waits.ts'
import { memoryOf } from './memory-of.ts'
import { Tape } from './tape.ts'

const timeouts = { replyMs: 400, printMs: 600, longMs: 800 }

async function simulated() {
  const directory = await mkdtemp(join(tmpdir(), 'printer'))
  const records: unknown[] = []
  const simulator = new EpsonSimulator({ directory, clock: patientClock, onRecord: (record) => records.push(record) })
  simulator.open()
  const port = await simulator.serve(0)
  onTestFinished(async () => {
    await simulator.close()
    await rm(directory, { recursive: true })
  })
  return { simulator, records, port, memory: () => memoryOf(directory) }
}

async function used<T>(port: number, act: (printer: EpsonPrinter) => Promise<T>, recorder: Recorder): Promise<T> {
  const printer = new EpsonPrinter({ host: '127.0.0.1', port, clock: patientClock, departments, timeouts, recorder })
  try {
    return await act(printer)
  } finally {
    await printer.close()
  }
}

async function look(printer: EpsonPrinter) {
  return [await printer.identity(), await printer.health(), await printer.lastDocument()]
}

test('an Epson printer is looked at, without a print, and played', async () => {
  const { port, records } = await simulated()
  const tape = new Tape(EPSON_DIALECT, 'look')
  const seen = await used(port, look, tape.recorder)
  expect(records).toEqual([])
  expect(tape.signs).not.toContain('!')
  expect(await used(0, look, tape.player())).toEqual(seen)
})

test('a look holds back what resets or prints', async () => {
  const { simulator, port, records } = await simulated()
  simulator.inject('left-open@queryPrinterStatus')
  const tape = new Tape(EPSON_DIALECT, 'look')
  const refused = { code: 'refused', effect: 'none' }
  await expect(used(port, (printer) => printer.open(), tape.recorder)).rejects.toMatchObject(refused)
  expect(tape.lines.at(-1)).toMatchObject({ sign: '!', text: expect.stringContaining('resetPrinter') })
  await expect(
    used(port, (printer) => printer.openDrawer(), new Tape(EPSON_DIALECT, 'look').recorder),
  ).rejects.toMatchObject(refused)
  expect(records).toEqual([])
})

test.each(['lost-request', 'error', 'busy', 'unplugged=30'])(
  'no fault at any line of a look changes an Epson printer: %s',
  { tags: ['heavy'] },
  async (fault) => {
    const { simulator, port, memory } = await simulated()
    const before = await memory()
    const clean = new Tape(EPSON_DIALECT, 'look')
    await used(port, look, clean.recorder)
    for (let line = 1; line <= clean.lines.filter(({ sign }) => sign === '>').length; line += 1) {
      simulator.inject(`${fault}@*#${line}`)
      const tape = new Tape(EPSON_DIALECT, 'look')
      await used(port, look, tape.recorder).catch((error: unknown) => {
        if (!(error instanceof DeviceError)) throw error
      })
      simulator.clearFaults()
      expect(tape.lines.length).toBeGreaterThan(0)
      expect([line, await memory()]).toEqual([line, before])
    }
  },
)

test('one slip is printed and played, and none while a document is open', { tags: ['heavy'] }, async () => {
  const { simulator, port, records } = await simulated()
  const said: string[] = []
  const slip = async (printer: EpsonPrinter) => (await printSlip(printer, (words) => said.push(words)))?.kind
  const tape = new Tape(EPSON_DIALECT, 'test unit')
  expect(await used(port, slip, tape.recorder)).toBe('non_fiscal')
  const lines = records.map((record) => JSON.stringify(record as PrintedRecord))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('fiskal-edge device prove')
  expect(await used(0, slip, tape.player())).toBe('non_fiscal')
  simulator.inject('left-open@queryPrinterStatus')
  expect(await used(port, slip, new Tape(EPSON_DIALECT, 'test unit').recorder)).toBeUndefined()
  expect(said.at(-1)).toBe('  a document is open: nothing is printed')
  expect(records).toHaveLength(1)
})

test('answers of any status and any bytes are recorded, and a lost line', async () => {
  const answers = [
    { status: 401, body: Buffer.from('login') },
    { status: 500, body: Buffer.from('perch\xe9', 'latin1') },
  ]
  const server = createServer((_request, response) => {
    const answer = answers.shift()
    if (answer === undefined) return void response.destroy()
    response.writeHead(answer.status).end(answer.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const tape = new Tape(EPSON_DIALECT, 'look')
  const codes: unknown[] = []
  for (let count = 0; count < 3; count += 1) {
    const asked = used(port, (printer) => printer.identity(), tape.recorder)
    codes.push(await asked.catch(({ code }: { code: string }) => code))
  }
  server.close()
  expect(codes).toEqual(['unavailable', 'garbled', 'unavailable'])
  expect(tape.lines.filter(({ sign }) => sign !== '>')).toEqual([
    { sign: '<', text: 'HTTP 401\n\nlogin' },
    { sign: '<', text: 'HTTP 500\n\nperch\xe9' },
    { sign: 'x', text: 'ECONNRESET' },
  ])
})
