import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Recording } from '../../drivers/recording/recording.ts'
import { CUSTOM } from '../../drivers/rt-custom/family.ts'
import { EPSON } from '../../drivers/rt-epson/family.ts'
import { RCH_DIALECT } from '../../drivers/rt-rch/dialect.ts'
import { RCH } from '../../drivers/rt-rch/family.ts'
import { makeDriver, pinsOf, vendorTses } from '../contracts/vendor-tses.ts'
import type { Members } from '../e2e/client.ts'
import { patientClock } from '../patient-clock.ts'
import { heavy } from '../tags.ts'
import { readRecording } from './recording-text.ts'
import { bothOf, played, recordedLook } from './shows.ts'

/** A device with its entry, which has done its work for a shop. */
type Used = { device: Members; close(): Promise<void> }

async function usedTse(driver: string, folder: string, client = 'till-1'): Promise<Used> {
  const opened = await vendorTses[driver]?.open(folder, 0)
  if (opened === undefined) throw new Error(`no simulator of ${driver}`)
  const { device, close } = opened
  const till = await makeDriver(device, pinsOf(driver), join(folder, 'till'))
  await till.open()
  await till.initialise()
  await till.registerClient(client)
  const { transaction } = await till.start(client)
  await till.finish(transaction, client, 'SonstigerVorgang', Buffer.from('no receipt'))
  await till.close()
  return { device, close }
}

async function usedPrinter({ simulator }: typeof RCH | typeof CUSTOM | typeof EPSON, directory: string): Promise<Used> {
  const options = { directory, clock: patientClock, latencyMs: 0, link: undefined, port: 0, show: () => undefined }
  const running = await simulator.open(options)
  if (!('device' in running)) throw new Error('not a device')
  return { device: { id: 'rt-1', departments: { '0.22': 1 }, ...running.device }, close: () => running.close() }
}

const USED: Readonly<Record<string, (folder: string) => Promise<Used>>> = {
  'tse-cryptovision': (folder) => usedTse('tse-cryptovision', folder, '/kasse/1'),
  'tse-swissbit': (folder) => usedTse('tse-swissbit', folder),
  'tse-epson': (folder) => usedTse('tse-epson', folder),
  'tse-diebold': (folder) => usedTse('tse-diebold', folder),
  'rt-rch': (folder) => usedPrinter(RCH, folder),
  'rt-custom': (folder) => usedPrinter(CUSTOM, folder),
  'rt-epson': (folder) => usedPrinter(EPSON, folder),
}

async function withUsed<T>(driver: string, act: (device: Members) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'used-'))
  const used = await USED[driver]?.(folder)
  if (used === undefined) throw new Error(`no simulator of ${driver}`)
  try {
    return await act(used.device)
  } finally {
    await used.close()
    await rm(folder, { recursive: true, force: true })
  }
}

test.each(Object.keys(USED))('a look at %s is recorded, and plays with the same words', heavy(), async (driver) => {
  await withUsed(driver, async (device) => {
    const text = await recordedLook(device)
    const [recorded, played] = await bothOf(text, device)
    expect(played).toEqual(recorded)
    // The service of Epson has no enquiry for sums.
    const refused = recorded.filter((words) => words.startsWith('  refused: ') && !words.endsWith('held_back'))
    expect(refused).toEqual(driver === 'rt-epson' ? ['  refused: no_data'] : [])
  })
})

describe('a file is refused', () => {
  const recording = new Recording(RCH_DIALECT, patientClock)
  recording.say('asks for the matricola')
  let text = ''
  const time = '2026-11-29T12:00:00.000Z'
  const head = { level: 'look', driver: 'rt-rch', from: 'device', firmware: '1.0', time, program: '1.0.0' } as const
  recording.passTo(head, (part) => {
    text += part
  })
  recording.end()

  test.each([
    ['that was edited', () => text.replace('matricola', 'matricule'), 'it was edited'],
    ['that was cut', () => text.slice(0, -30), 'it was cut'],
    ['that was continued', () => `${text}\n# asks for its state\n`, 'or continued'],
    ['that is of a newer program', () => text.replace('recording: 1', 'recording: 2'), 'is of a newer program'],
    ['that is something else', () => '{}', 'not a recording'],
  ])('%s', (_, changed, words) => {
    expect(() => readRecording(changed())).toThrow(words)
  })

  test('that is of another driver', async () => {
    await expect(played(readRecording(text), { driver: 'rt-custom' })).rejects.toThrow(
      'it is a recording of rt-rch, not of rt-custom',
    )
  })
})
