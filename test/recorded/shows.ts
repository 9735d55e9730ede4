import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkConfig } from '../../agent/agent-config.ts'
import { lookWithin } from '../../agent/cli/device/look-within.ts'
import { lookContext } from '../../agent/cli/device/prove-context.ts'
import type { Clock } from '../../base/clock.ts'
import { ALL_FAMILIES } from '../../drivers/catalog.ts'
import { familyOf } from '../../drivers/device-family.ts'
import type { Dialect } from '../../drivers/recording/dialect.ts'
import type { Recorder } from '../../drivers/recording/recorder.ts'
import { Recording } from '../../drivers/recording/recording.ts'
import type { Say } from '../../drivers/recording/step.ts'
import type { Members } from '../e2e/client.ts'
import { patientClock } from '../patient-clock.ts'
import { Player } from './player.ts'
import { RecordingClock } from './recording-clock.ts'
import type { ReadRecording } from './recording-text.ts'
import { readRecording, wordsOf } from './recording-text.ts'

const PLAYED_TIME = '2026-11-29T12:00:00.000Z'

/** Looks at the device of that entry, and returns the text of its file. */
export async function recordedLook(entry: Members, clock: Clock = patientClock): Promise<string> {
  const driver = String(entry['driver'])
  const recording = new Recording(await dialectOf(driver), clock)
  const firmware = await looked(entry, clock, recording, recording.say)
  let text = ''
  const head = { level: 'look', driver, from: 'device', firmware, time: PLAYED_TIME, program: '1.0.0' } as const
  recording.passTo(head, (part) => {
    text += part
  })
  recording.end()
  return text
}

/** Looks at the recording as at a device, and returns what the steps said, without what was measured. */
export async function playedLook({ head, lines }: ReadRecording, entry: Members): Promise<readonly string[]> {
  const driver = String(entry['driver'])
  if (head.get('driver') !== driver) throw new Error(`it is a recording of ${head.get('driver')}, not of ${driver}`)
  const words: string[] = []
  const clock = new RecordingClock(Date.parse(head.get('time') ?? ''))
  await looked(entry, clock, new Player(await dialectOf(driver), lines), (line) => words.push(line))
  return wordsOf(words.map((text) => ({ sign: '#', text })))
}

/** What the steps of a file said, and what they say of it when it is played. */
export async function bothOf(
  text: string,
  entry: Members,
): Promise<readonly [recorded: readonly string[], played: readonly string[]]> {
  const recording = readRecording(text)
  return [wordsOf(recording.lines), await playedLook(recording, entry)]
}

async function dialectOf(driver: string): Promise<Dialect> {
  const dialect = await familyOf(ALL_FAMILIES, {
    driver: driver as (typeof ALL_FAMILIES)[number]['driver'],
  }).dialect?.()
  if (dialect === undefined) throw new Error(`${driver} is not recorded`)
  return dialect
}

async function looked(entry: Members, clock: Clock, recorder: Recorder, say: Say): Promise<string> {
  const [device] = checkConfig('agent.json', { version: 1, state: 'state', listen: {}, devices: [entry] }, '/').devices
  if (device === undefined) throw new Error('no device')
  const folder = await mkdtemp(join(tmpdir(), 'look-'))
  const { firmware = 'unknown' } = await lookWithin(device, lookContext(clock, recorder, folder), say)
  await rm(folder, { recursive: true, force: true })
  return firmware
}
