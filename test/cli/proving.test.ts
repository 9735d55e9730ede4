import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { checkConfig } from '../../agent/agent-config.ts'
import { demandTestable } from '../../agent/cli/device/prove-signing.ts'
import type { ProvingParts } from '../../agent/cli/device/proving.ts'
import { Proving } from '../../agent/cli/device/proving.ts'
import { RecordingFile } from '../../agent/cli/device/recording-file.ts'
import { DIEBOLD_DIALECT } from '../../drivers/tse-diebold/dialect.ts'
import { DieboldSimulator } from '../../drivers/tse-diebold/simulator.ts'
import { makeDriver, pinsOf } from '../contracts/vendor-tses.ts'
import { endedUnder } from '../drivers/recording/ended-certificate.ts'
import { patientClock } from '../patient-clock.ts'
import { readRecording } from '../recorded/recording-text.ts'
import { heavy } from '../tags.ts'
import { ROOT, removedLater } from './command.ts'

const LIMITS = { replyMs: 1500, longMs: 20_000 }

/** A unit that is recorded into a new folder, with temporary files of this test alone. */
async function bench(timeouts: object, change: Partial<ProvingParts> = {}) {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'proving-')))
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary)
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = temporary
  const unit = new DieboldSimulator({ directory: join(folder, 'unit'), clock: patientClock })
  onTestFinished(async () => {
    process.env['TMPDIR'] = before
    await unit.pullOut()
  })
  const tcp = { host: '127.0.0.1', port: await unit.serveTcp(0) }
  const pins = { adminPinFile: join(folder, 'admin'), timeAdminPinFile: join(folder, 'time') }
  writeFileSync(pins.adminPinFile, '12345')
  writeFileSync(pins.timeAdminPinFile, '54321')
  const entry = { id: 'tse-1', driver: 'tse-diebold', tcp, timeouts, ...pins }
  const [device] = checkConfig('agent.json', { version: 1, state: 'state', listen: {}, devices: [entry] }, '/').devices
  if (device === undefined) throw new Error('no device')
  const out = join(folder, 'out')
  const stop = new AbortController()
  const run = () =>
    new Proving({
      ...{ device, dialect: DIEBOLD_DIALECT, file: new RecordingFile(out), head: {}, clock: patientClock },
      ...{ stop: stop.signal, show: () => undefined, outside: (act) => act(), test: undefined },
      ...change,
    }).run()
  const litter = () => [existsSync(out), readdirSync(temporary)]
  return { entry, folder, unit, stop, out, run, litter }
}

test('Ctrl-C at a look ends the running question, closes the line, and leaves nothing', heavy(), async () => {
  const stop = new AbortController()
  const show = (words: string): void => {
    if (words === 'asks for its state') stop.abort()
  }
  const { unit, run, litter, out } = await bench({ replyMs: 1500, longMs: 60_000 }, { stop: stop.signal, show })
  await expect(run()).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 })
  expect(litter()).toEqual([false, []])
  await unit.pullOut()
  expect(existsSync(out)).toBe(false)
})

test(
  'Ctrl-C between signatures begins nothing else, removes the client, and leaves a whole file',
  heavy(),
  async () => {
    const stop = new AbortController()
    const show = (words: string): void => {
      if (words === 'signs two transactions at once') stop.abort()
    }
    const state = removedLater(mkdtempSync(join(tmpdir(), 'state-')))
    const test = { state, credentials: undefined }
    const { entry, folder, run, out } = await bench(LIMITS, { stop: stop.signal, show, test })
    const till = await makeDriver(entry, pinsOf('tse-diebold'), join(folder, 'till'))
    await till.open()
    await till.initialise()
    expect(await run()).toEqual({ level: 'test unit', unanswered: 0, ended: 'a signal stopped it' })
    const { lines } = readRecording(readFileSync(join(out, 'recording.txt'), 'utf8'))
    const words = lines.flatMap(({ sign, text }) => (sign === '#' ? [text] : []))
    expect(words.filter((text) => text === '  stopped')).toHaveLength(2)
    expect(words.slice(-2)).toEqual(['  open now: 0', 'ended: a signal stopped it'])
    await till.open()
    expect(await till.clients()).toEqual([])
    await till.close()
  },
)

test('Ctrl-C before the first signature leaves nothing, and so does a PIN in what the unit sent', heavy(), async () => {
  const stop = new AbortController()
  const test = { state: removedLater(mkdtempSync(join(tmpdir(), 'state-'))), credentials: undefined }
  // When the file was begun.
  const change: Partial<ProvingParts> = { stop: stop.signal, outside: (act) => act().finally(() => stop.abort()), test }
  const { entry, folder, run, litter } = await bench(LIMITS, change)
  const till = await makeDriver(entry, pinsOf('tse-diebold'), join(folder, 'till'))
  await till.open()
  await till.initialise()
  await till.close()
  await expect(run()).rejects.toMatchObject({ code: 'interrupted' })
  expect(litter()).toEqual([false, []])
  Object.assign(change, { stop: new AbortController().signal, outside: (act: () => Promise<void>) => act() })
  // The firmware in its answers at the look.
  for (const name of ['admin', 'time']) writeFileSync(join(folder, name), '0001000300010004')
  await expect(run()).rejects.toMatchObject({ code: 'secret_recorded' })
  expect(litter()).toEqual([false, []])
})

test('a look that a silent unit holds up ends after three minutes, and its file has what came', heavy(), async () => {
  // The limit alone comes sooner.
  const after = (ms: number, act: () => void) => patientClock.after(ms === 180_000 ? 300 : ms, act)
  const sooner = { ...patientClock, after }
  const { unit, run, out } = await bench({ replyMs: 1500, longMs: 120_000 }, { clock: sooner })
  unit.inject('lost-answer@piece#*')
  const { ended, level } = await run()
  expect([ended, level]).toEqual(['not finished within 180 s', 'look'])
  const { lines } = readRecording(readFileSync(join(out, 'recording.txt'), 'utf8'))
  expect(lines.find(({ sign, text }) => sign === '#' && text.startsWith('ended: '))).toBeDefined()
  expect(lines.at(-1)?.sign).toMatch(/[#x]/)
})

test('a full disk leaves no folder, and a file that was begun stays as far as it came', heavy(), async () => {
  const disk = removedLater(mkdtempSync(join(tmpdir(), 'disk-')))
  const program = `
    const { RecordingFile } = await import(${JSON.stringify(join(ROOT, 'agent/cli/device/recording-file.ts'))})
    const { existsSync, statSync } = await import('node:fs')
    const out = ${JSON.stringify(join(disk, 'out'))}
    const ended = (act) => { try { act(); return 'done' } catch (error) { return error.code } }
    const large = 'x'.repeat(100_000)
    console.log(ended(() => new RecordingFile(out).begin(large)), existsSync(out))
    const file = new RecordingFile(out)
    file.begin('head')
    file.append(large)
    file.append('more')
    console.log(ended(() => file.end()), statSync(file.path).size > 4)`
  const script = 'mount -t tmpfs -o size=32k tmpfs "$0" && exec "$1" --input-type=module -e "$2"'
  const args = ['-rm', 'sh', '-c', script, disk, process.execPath, program]
  expect((await promisify(execFile)('unshare', args)).stdout).toBe('ENOSPC false\nENOSPC true\n')
})

test('a TSE that is not for tests is named by a person, and one without a certificate by its till first', async () => {
  const identity = { serial: '0123456789abcdef', publicKey: new Uint8Array(), algorithm: '', timeFormat: '' }
  const demand = (certificates: readonly Uint8Array[]) =>
    demandTestable({ kind: 'tse', firmware: '', identity: { ...identity, certificates } })
  await expect(demand([endedUnder('Signing Test CA')])).resolves.toBe(identity.serial)
  const unseen = demandTestable({ kind: 'tse', firmware: undefined, identity: undefined })
  await expect(unseen).rejects.toMatchObject({ code: 'not_signed' })
  await expect(demand([])).rejects.toMatchObject({ code: 'not_signed', message: expect.stringContaining('self-test') })
  await expect(demand([endedUnder('Signing of 2019')])).rejects.toMatchObject({
    code: 'not_confirmed',
    message: expect.stringContaining('Run the command at a terminal. Nothing was done.'),
  })
})
