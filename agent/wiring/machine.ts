import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { rfc3339 } from '../../base/clock.ts'
import { isSpread, setStateAside } from '../backup/set-aside.ts'
import type { Config } from '../config/config.ts'
import { isUncertifiedRecord } from '../devices/uncertified.ts'
import type { Journal } from '../journal/journal.ts'
import { hasJournal } from '../journal/journal-file.ts'
import type { KnownMachine } from '../journal/known-machine.ts'
import { knownMachine, machineNoted } from '../journal/known-machine.ts'
import type { MachineMarks } from '../journal/machine-marks.ts'
import { isOtherMachine, marksOf, newMarks } from '../journal/machine-marks.ts'
import { isNothingDone } from '../journal/nothing-done.ts'
import { readJournal } from '../journal/reader.ts'
import type { StateDirectory } from '../state/state-directory.ts'
import { openStateDirectory } from '../state/state-directory.ts'
import type { Surroundings } from './environment.ts'

const BEGUN_ANEW =
  'this state was copied from another machine, and nothing was done in it: it is moved aside, and a new journal begins'
const OTHER_MACHINE =
  "the journal belongs to another machine: selling continues; a task asks whether this is the shop's"

/** The drivers of simulators that the agent contains. */
export type Embedded = { embeddedSimulators: ReadonlySet<string> }

/** The state directory of this machine, and the marks of the machine. */
type OwnState = { state: StateDirectory; marks: MachineMarks | undefined }

/**
 * Opens the state directory. A copy from another machine in which nothing was done is moved aside, and another one
 * begins, with other keys and simulators. To be called under the lock.
 */
export async function openOwnState(
  config: Config,
  { clock, random, log, fault, machineNumbers, comparesMachine, embeddedSimulators }: Surroundings & Embedded,
): Promise<OwnState> {
  const state = openStateDirectory(config.state, random)
  const numbers = await machineNumbers?.(state.path)
  if (numbers === undefined) return { state, marks: undefined }
  const marks = marksOf(numbers, state.machineKey)
  const isSimulator = (id: string): boolean =>
    config.devices.some((device) => device.id === id && embeddedSimulators.has(device.driver))
  if (comparesMachine !== true || !isUnusedCopy(state, marks, isSimulator)) return { state, marks }
  const folder = setStateAside(state.path, rfc3339(clock.now()), fault ?? (() => undefined))
  log.warn({ code: 'machine_changed', path: join(state.path, folder) }, BEGUN_ANEW)
  const freshState = openStateDirectory(config.state, random)
  return { state: freshState, marks: marksOf(numbers, freshState.machineKey) }
}

/** False also if the agent generated a PIN or a key there: the copy may have the only one. */
function isUnusedCopy(
  state: StateDirectory,
  marks: MachineMarks | undefined,
  isSimulator: (device: string) => boolean,
): boolean {
  const { path } = state
  if (marks === undefined || !hasJournal(path)) return false
  if (state.sealedNames().length > 0 || hasFiles(join(path, 'tls')) || isSpread(path)) return false
  const simulators = {
    isSimulator,
    isUncertified: isUncertifiedRecord,
    wasSimulator: (id: string) => existsSync(join(path, 'devices', id, 'memory', 'state.json')),
  }
  try {
    return readJournal(path, (db) => isOtherMachine(knownMachine(db)?.marks, marks) && isNothingDone(db, simulators))
  } catch {
    // The journal is opened next, and reports what is wrong with it.
    return false
  }
}

function hasFiles(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).length > 0
}

/** The machine that the journal knows, and the marks of the present one, which is another. */
export type MachineChange = { readonly known: KnownMachine; readonly present: MachineMarks }

/**
 * Compares the machine of the journal with this one. New marks of the same machine are noted: a journal of an older
 * program gets its first ones so, without a question. Undefined unless it is another one.
 */
export function comparedMachine(
  journal: Journal,
  present: MachineMarks | undefined,
  { log, comparesMachine }: Pick<Surroundings, 'log' | 'comparesMachine'>,
): MachineChange | undefined {
  if (comparesMachine !== true || present === undefined) return undefined
  const journalMachine = journal.read(knownMachine)
  if (journalMachine !== undefined && isOtherMachine(journalMachine.marks, present)) {
    log.warn({ code: 'machine_changed' }, OTHER_MACHINE)
    return { known: journalMachine, present }
  }
  const news = newMarks(journalMachine?.marks, present)
  // Not awaited: another program may hold the journal, and the next start notes them too.
  if (news !== undefined) journal.record(() => [machineNoted(news)]).catch(() => undefined)
  return undefined
}
