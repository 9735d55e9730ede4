import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkConfig } from '../../agent/agent-config.ts'
import { lookWithin } from '../../agent/cli/device/look-within.ts'
import { lookContext } from '../../agent/cli/device/prove-context.ts'
import { signWith } from '../../agent/cli/device/prove-signing.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/thrown.ts'
import { ALL_FAMILIES, makeDevice } from '../../drivers/catalog.ts'
import { familyOf } from '../../drivers/device-family.ts'
import type { Dialect } from '../../drivers/recording/dialect.ts'
import type { Recorder } from '../../drivers/recording/recorder.ts'
import { Recording, shownWords } from '../../drivers/recording/recording.ts'
import type { CardProof } from '../../drivers/recording/sign-card.ts'
import type { TseProof } from '../../drivers/recording/sign-tse.ts'
import type { Say } from '../../drivers/recording/step.ts'
import { TestTime } from '../../drivers/test-time.ts'
import type { Members } from '../e2e/client.ts'
import { patientClock } from '../patient-clock.ts'
import { Player } from './player.ts'
import { RecordingClock } from './recording-clock.ts'
import type { ReadRecording } from './recording-text.ts'
import { readRecording, wordsOf } from './recording-text.ts'

/** Of PINs on the line, if not five: a recording has as many zeros. */
const PIN_DIGITS: ReadonlyMap<string, number> = new Map([['tse-cryptovision', 8]])
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

/** Words of the steps, without what was measured; and what was signed. */
export type Played = { words: readonly string[]; proof: TseProof | CardProof | undefined }

/** Does to the recording what was done to its device. */
export async function played({ head, lines }: ReadRecording, entry: Members): Promise<Played> {
  const driver = String(entry['driver'])
  if (head.get('driver') !== driver) throw new Error(`it is a recording of ${head.get('driver')}, not of ${driver}`)
  const words: string[] = []
  const say = (line: string) => void words.push(shownWords(line))
  const clock = new RecordingClock(Date.parse(head.get('time') ?? ''))
  const player = new Player(await dialectOf(driver), lines)
  await looked(entry, clock, player, say)
  const proof = head.get('level') === 'test unit' ? await tested(entry, clock, player, say) : undefined
  return { words: wordsOf(words.map((text) => ({ sign: '#', text }))), proof }
}

/** What the steps of a file said, and what they say of it when it is played. */
export async function bothOf(
  text: string,
  entry: Members,
): Promise<readonly [recorded: readonly string[], played: readonly string[]]> {
  const recording = readRecording(text)
  return [wordsOf(recording.lines), (await played(recording, entry)).words]
}

async function dialectOf(driver: string): Promise<Dialect> {
  const dialect = await familyOf(ALL_FAMILIES, {
    driver: driver as (typeof ALL_FAMILIES)[number]['driver'],
  }).dialect?.()
  if (dialect === undefined) throw new Error(`${driver} is not recorded`)
  return dialect
}

async function looked(entry: Members, clock: Clock, recorder: Recorder, say: Say): Promise<string> {
  await using folder = await ownFolder()
  const look = await lookWithin(deviceOf(entry), lookContext(clock, recorder, folder.path), say)
  return look.kind === 'ended' ? 'unknown' : (look.firmware ?? 'unknown')
}

/** With zeros instead of PINs, which are what a recording has. */
async function tested(entry: Members, clock: Clock, recorder: Recorder, say: Say): Promise<Played['proof']> {
  await using folder = await ownFolder()
  const time = new TestTime(clock)
  const zeros = async () => '0'.repeat(PIN_DIGITS.get(String(entry['driver'])) ?? 5)
  const secrets = { readSecret: zeros, secretsOf: () => ({ read: zeros, provide: zeros }), timeOf: () => time }
  const context = { ...lookContext(clock, recorder, folder.path), ...secrets }
  const { unit } = await makeDevice(deviceOf(entry), context)
  try {
    return await signWith(unit, { time, nowMs: clock.now(), say })
  } catch (error) {
    // Also of another kind, as for an archive that the library of a Swissbit unit wrote into a file: it no longer plays.
    say(`ended: ${messageOf(error)}`)
    return undefined
  } finally {
    await unit.close()
  }
}

function deviceOf(entry: Members) {
  const [device] = checkConfig('agent.json', { version: 1, state: 'state', listen: {}, devices: [entry] }, '/').devices
  if (device === undefined) throw new Error('no device')
  return device
}

function ownFolder() {
  return mkdtempDisposable(join(tmpdir(), 'played-'))
}
