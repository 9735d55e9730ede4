import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Recorder } from '../../../drivers/recording/recorder.ts'
import { printSlip } from '../../../drivers/recording/slip.ts'
import type { PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import { EPSON_DIALECT } from '../../../drivers/rt-epson/dialect.ts'
import { EpsonPrinter } from '../../../drivers/rt-epson/driver.ts'
import { EpsonSimulator } from '../../../drivers/rt-epson/simulator.ts'
import { departments } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import { once } from '../../waits.ts'
import type { Tape } from './tape.ts'
import { playing, recording } from './tape.ts'

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
  return { simulator, records, port }
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
  const tape: Tape = []
  const seen = await used(port, look, recording(tape, EPSON_DIALECT, true))
  expect(records).toEqual([])
  expect(tape.map(({ mark }) => mark)).not.toContain('!')
  expect(await used(0, look, playing(tape, EPSON_DIALECT))).toEqual(seen)
})

test('a look holds back what resets or prints', async () => {
  const { simulator, port, records } = await simulated()
  simulator.inject('left-open@queryPrinterStatus')
  const tape: Tape = []
  const refused = { code: 'refused', effect: 'none' }
  await expect(used(port, (printer) => printer.open(), recording(tape, EPSON_DIALECT, true))).rejects.toMatchObject(
    refused,
  )
  expect(tape.at(-1)).toMatchObject({ mark: '!', text: expect.stringContaining('resetPrinter') })
  await expect(used(port, (printer) => printer.openDrawer(), recording([], EPSON_DIALECT, true))).rejects.toMatchObject(
    refused,
  )
  expect(records).toEqual([])
})

test('one slip is printed and played, and none while a document is open', { tags: ['heavy'] }, async () => {
  const { simulator, port, records } = await simulated()
  const said: string[] = []
  const slip = async (printer: EpsonPrinter) => (await printSlip(printer, (words) => said.push(words)))?.kind
  const tape: Tape = []
  expect(await used(port, slip, recording(tape, EPSON_DIALECT, false))).toBe('non_fiscal')
  const lines = records.map((record) => JSON.stringify(record as PrintedRecord))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('fiskal-edge device prove')
  expect(await used(0, slip, playing(tape, EPSON_DIALECT))).toBe('non_fiscal')
  simulator.inject('left-open@queryPrinterStatus')
  expect(await used(port, slip, recording([], EPSON_DIALECT, false))).toBeUndefined()
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
  const tape: Tape = []
  const codes: unknown[] = []
  for (let count = 0; count < 3; count += 1) {
    const asked = used(port, (printer) => printer.identity(), recording(tape, EPSON_DIALECT, true))
    codes.push(await asked.catch(({ code }: { code: string }) => code))
  }
  server.close()
  expect(codes).toEqual(['unavailable', 'garbled', 'unavailable'])
  expect(tape.filter(({ mark }) => mark !== '>')).toEqual([
    { mark: '<', text: 'HTTP 401\n\nlogin' },
    { mark: '<', text: 'HTTP 500\n\nperch\xe9' },
    { mark: 'x', text: 'ECONNRESET' },
  ])
})
