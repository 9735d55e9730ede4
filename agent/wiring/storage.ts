import { setImmediate } from 'node:timers'
import { uuid, uuidOf } from '../../base/ids.ts'
import { errorFields } from '../../base/log.ts'
import { finishPlacing } from '../backup/place.ts'
import type { Config } from '../config/config.ts'
import type { CheckpointSigner } from '../journal/checkpoint.ts'
import { checkpointSigner } from '../journal/checkpoint.ts'
import { Custody } from '../journal/custody.ts'
import type { Lock } from '../journal/disk/lock.ts'
import { acquireLock } from '../journal/disk/lock.ts'
import { refuseFullDisk, Space } from '../journal/disk/space.ts'
import { Journal } from '../journal/journal.ts'
import { hasJournal } from '../journal/journal-file.ts'
import type { MachineMarks } from '../journal/machine-marks.ts'
import { HELD_LIMIT_MS } from '../journal/write-lock.ts'
import { StepWatch } from '../process/clock-steps.ts'
import { IdleMemory } from '../process/idle-memory.ts'
import { LoopSlots } from '../process/loop-slots.ts'
import { Integrity } from '../proof/integrity.ts'
import type { PlaceWatch } from '../state/place-watch.ts'
import type { StateDirectory } from '../state/state-directory.ts'
import { makeFolder } from '../state/state-directory.ts'
import { Changes } from '../till/reading/changes.ts'
import { forgetUnnamed } from '../till/set-up/merchant-secrets.ts'
import { Meters } from '../watch/meters.ts'
import { UnsignedReceipts } from '../watch/unsigned-receipts.ts'
import type { Surroundings } from './environment.ts'
import type { Embedded, MachineChange } from './machine.ts'
import { comparedMachine, openOwnState } from './machine.ts'
import type { PlaceSurroundings } from './places.ts'
import { placesOf } from './places.ts'
import type { Closers } from './stop-order.ts'

/** The empty folder of a new shop looks the same as that of a disk that is not mounted. */
const NEW_JOURNAL =
  'a new journal begins: nothing was ever sold with it. If this shop has sold, stop the agent now: its state directory is ' +
  'elsewhere, or its disk is not mounted'

type OpenState = {
  state: StateDirectory
  marks: MachineMarks | undefined
  space: Space
  lock: Lock
  steps: StepWatch
  heldLimitMs: number
  placeWatch: PlaceWatch
}

/** The parts that write the journal. */
type Writing = {
  integrity: Integrity
  signer: CheckpointSigner
  meters: Meters
  unsigned: UnsignedReceipts
  slots: LoopSlots
}

export type Storage = OpenState &
  Writing & { journal: Journal; changes: Changes; machineChange: MachineChange | undefined }

/** The state directory and its journal, locked. Throws what {@link openState} and {@link openJournal} throw. */
export async function openStorage(
  config: Config,
  surroundings: Surroundings & PlaceSurroundings & Embedded,
  closers: Closers,
): Promise<Storage> {
  const { clock, log } = surroundings
  const opened = await openState(config, surroundings, closers)
  const { state } = opened
  const unsigned = new UnsignedReceipts(clock)
  const parts = {
    ...opened,
    signer: checkpointSigner(state.checkpointKey),
    integrity: new Integrity({ stateDirectory: state.path, clock, log }),
    unsigned,
    meters: new Meters((register, code) => unsigned.note(register, code)),
    slots: new LoopSlots((run) => setImmediate(run)),
  }
  const journal = await openJournal(surroundings, parts, closers)
  closers.add('proof', () => parts.integrity.stop())
  const machineChange = comparedMachine(journal, parts.marks, surroundings)
  return { ...parts, journal, changes: new Changes(journal), machineChange }
}

/**
 * Locks the state directory, finishes an interrupted restore and checks the free disk space. Throws StateLockedError,
 * DiskFullError.
 */
async function openState(
  config: Config,
  surroundings: Surroundings & PlaceSurroundings & Embedded,
  closers: Closers,
): Promise<OpenState> {
  const { clock, log, boot } = surroundings
  makeFolder(config.state)
  const lock = acquireLock(config.state)
  closers.add('state', () => lock.release())
  refuseFullDisk(config.state)
  // After an interrupted restore.
  finishPlacing(config.state)
  const { state, marks } = await openOwnState(config, surroundings)
  const space = new Space({ directory: state.path, clock, log })
  await space.open()
  closers.add('state', () => space.close())
  const heldLimitMs = Math.min(HELD_LIMIT_MS, config.deadlineMs / 3)
  const placeWatch = placesOf(config, surroundings, closers)
  return { state, marks, space, lock, steps: new StepWatch(clock, boot), heldLimitMs, placeWatch }
}

/**
 * Opens the journal with the watchers of its files and its memory. Throws `journal_too_new`, JournalDamagedError,
 * `journal_lost`.
 */
async function openJournal(
  { clock, random, log, fault, onFatal, memory, onReading, onWaiting }: Surroundings,
  parts: OpenState & Writing,
  closers: Closers,
): Promise<Journal> {
  const { state, marks, space, lock, steps, integrity, signer, meters, slots, heldLimitMs } = parts
  const isNew = !hasJournal(state.path)
  const journal = await Journal.open({
    directory: state.path,
    clock,
    bootId: uuid(random, 4),
    signer,
    // Stable for the life of the checkpoint key: the enrolment id until a head office gives one.
    agentId: uuidOf(Buffer.from(signer.publicKey, 'base64url').subarray(0, 16), 8),
    chainId: () => uuid(random, 7, clock.now()),
    machine: marks,
    onFatal: (error) => {
      log.error(errorFields(error), 'the journal could not be written: the agent ends and must start again')
      onFatal?.(error)
    },
    onUnreadable: (error) =>
      log.error(errorFields(error), 'the journal could not be read from disk: who asked was refused'),
    ...(onReading !== undefined && { onReading }),
    ...(onWaiting !== undefined && { onWaiting }),
    heldLimitMs,
    onDifference: (what) =>
      log.error(
        { code: 'projections_differ', reason: what },
        'a table differs from the events it was made from: the events are used',
      ),
    onRecomputed: (why) =>
      log.warn(
        { code: 'state_recomputed', reason: why },
        'the stored state of the books was not used: it was made from all events',
      ),
    fault: fault ?? (() => undefined),
    defer: slots.defer,
    refusal: () => integrity.refusal() ?? space.refusal(),
    isSole: () => lock.holds(),
    onAppending: () => steps.compareClocks(),
    onCommit: meters.noteCommit.bind(meters),
  })
  closers.add('journal', () => journal.close())
  if (isNew) log.info({ path: state.path, chain: journal.chain }, NEW_JOURNAL)
  const count = forgetUnnamed(state, journal.view)
  if (count > 0) log.info({ count }, 'Fisconline secrets that no merchant names are removed')
  const custody = new Custody({ directory: state.path, journal, clock, log })
  custody.start()
  closers.add('journal', () => custody.stop())
  if (memory !== undefined) {
    const idle = new IdleMemory({ ...memory, clock, headSeq: () => journal.headSeq })
    journal.onAppend(() => idle.noteWork())
    idle.start()
    closers.add('journal', () => idle.stop())
  }
  return journal
}
