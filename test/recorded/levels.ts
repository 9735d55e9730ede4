import { X509Certificate } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DeviceSettings } from '../../drivers/catalog.ts'
import { ROOT } from '../cli/command.ts'
import type { Members } from '../e2e/client.ts'
import { isProven } from './proven.ts'
import type { ReadRecording } from './recording-text.ts'
import { readRecording, wordsOf } from './recording-text.ts'
import type { Played } from './shows.ts'
import { played } from './shows.ts'

/** What the recordings in this folder show of a driver, the least first. */
const STATUSES = ['simulated', 'proven on captures', 'looked at on hardware', 'proven on hardware'] as const
type Status = (typeof STATUSES)[number]
/** `shownBy`: words that the row of README needs. */
export type Shown = { driver: string; status: Status; shownBy: string }

/** Entries of devices whose recordings are played: nothing in them is opened. */
const departments = { '0.22': 1 }
const serial = { path: '/dev/none' }
const HOST = 'device.example'
const FOLDER = '/media/none'
/** Nothing of them goes over a line. */
type Software = 'tse-simulator' | 'tse-pkcs11' | 'card-simulator' | 'rt-simulator'
export const ENTRIES: Readonly<Record<Exclude<DeviceSettings['driver'], Software>, Members>> = {
  'tse-diebold': { serial },
  'rt-rch': { serial, departments },
  'rt-custom': { serial, departments },
  'rt-epson': { http: { host: HOST }, departments },
  'tse-epson': { tcp: { host: HOST, port: 8009 } },
  'tse-cryptovision': { path: FOLDER },
  'tse-swissbit': { path: FOLDER, library: `${FOLDER}/libWormAPI.so` },
  'card-pkcs11': { module: `${FOLDER}/pkcs11.so`, token: 'card', pinFile: `${FOLDER}/pin` },
}

/** Certificates of makers, under which a signature proves its unit. */
const AUTHORITIES = globSync('test/recorded/authorities/*.pem', { cwd: ROOT }).map(
  (file) => new X509Certificate(readFileSync(join(ROOT, file))),
)

/** A look is one if these steps were completed. */
const LOOKED: Readonly<Record<string, readonly string[]>> = {
  tse: ['asks for identity and certificates', 'asks for its state'],
  rt: ['asks for the matricola', 'asks for its state'],
  card: ['asks for the token and its certificates'],
}

/** What one recording shows: by the steps that were completed when it is played, never by what its head says. */
export async function shownBy(text: string, authorities = AUTHORITIES): Promise<Shown> {
  const recording = readRecording(text)
  const [driver = '', from] = [recording.head.get('driver'), recording.head.get('from')]
  if (from !== 'device' && from !== 'capture') throw new Error(`from: ${from} is neither device nor capture`)
  const entry = new Map<string, Members>(Object.entries(ENTRIES)).get(driver)
  if (entry === undefined) throw new Error(`no entry to play ${driver}`)
  const seen = await played(recording, { id: 'played', driver, ...entry })
  const plays = JSON.stringify(seen.words) === JSON.stringify(wordsOf(recording.lines))
  const status = plays ? await statusOf(recording, driver, seen, authorities) : 'simulated'
  return { driver, status, shownBy: status.endsWith('on hardware') ? vouched(recording) : '' }
}

/** The most that the files of the folder show, by driver. */
export async function shownByFolder(): Promise<ReadonlyMap<string, Shown>> {
  const most = new Map<string, Shown>()
  for (const file of globSync('test/recorded/*.txt', { cwd: ROOT }).sort()) {
    const shown = await shownBy(readFileSync(join(ROOT, file), 'utf8'))
    const former = most.get(shown.driver)
    if (former === undefined || rank(former) < rank(shown)) most.set(shown.driver, shown)
  }
  return most
}

function rank({ status }: Shown): number {
  return STATUSES.indexOf(status)
}

async function statusOf(
  { head }: ReadRecording,
  driver: string,
  { words: said, proof }: Played,
  authorities: readonly X509Certificate[],
): Promise<Status> {
  const completed = completedSteps(said)
  if (head.get('from') === 'capture') return completed.size > 0 ? 'proven on captures' : 'simulated'
  const [kind = ''] = driver.split('-')
  const isProof = kind === 'rt' ? completed.has('prints one slip') : await isProven(proof, authorities)
  if (isProof) return 'proven on hardware'
  return LOOKED[kind]?.every((words) => completed.has(words)) === true ? 'looked at on hardware' : 'simulated'
}

/** Steps with a result. */
function completedSteps(words: readonly string[]): ReadonlySet<string> {
  const completed = new Set<string>()
  let step = ''
  for (const line of words) {
    if (!line.startsWith('  ')) step = line
    else if (/^ {2}refused: /.test(line)) completed.delete(step)
    else completed.add(step)
  }
  return completed
}

/** Nothing in the bytes shows that they are of hardware: a person with a name says so. */
function vouched({ head }: ReadRecording): string {
  const [model, firmware, time, by] = ['model', 'firmware', 'time', 'by'].map((name) => head.get(name))
  if (model === undefined || by === undefined) throw new Error('it names no model, or no one who vouches for it')
  return `${model}, ${firmware}, ${time?.slice(0, 7)}, recorded by ${by}`
}
