import { setImmediate } from 'node:timers'
import type { Clock } from '../base/clock.ts'
import { idMaker } from '../base/ids.ts'
import { endLifetime } from '../base/lifetime.ts'
import type { Log } from '../base/log.ts'
import { errorFields } from '../base/log.ts'
import { packageVersion } from '../base/version.ts'
import { makeDevice } from '../drivers/catalog.ts'
import { UnitTime } from '../drivers/unit-time.ts'
import type { Config } from './agent-config.ts'
import { DailyBackup } from './backup/daily.ts'
import type { Credentials } from './config/credentials.ts'
import { fileReader, handedFile, readingOf, renewalOf, secretReader } from './config/credentials.ts'
import { keysOf } from './config/law-settings.ts'
import { locationOf } from './config/targets.ts'
import { secretMembersOf } from './contract/laws.ts'
import { ClockKeeper } from './devices/clock-keeper.ts'
import { journalledNumbers } from './devices/journalled-numbers.ts'
import { hostTimeOf } from './devices/signed-times.ts'
import { StepRecorder } from './devices/step-recorder.ts'
import type { DeviceSupervisor } from './devices/supervisor.ts'
import type { CheckpointSigner } from './journal/checkpoint.ts'
import { checkpointSigner } from './journal/checkpoint.ts'
import { syncedAt } from './journal/cursors.ts'
import { deviceStore } from './journal/device-store.ts'
import type { Space } from './journal/disk/space.ts'
import { isHeldError } from './journal/disk/storage-error.ts'
import { isDecommissioned } from './journal/documents.ts'
import type { Journal } from './journal/journal.ts'
import { LogWatch } from './journal/log-watch.ts'
import type { Law, RegisterTrouble, Task } from './laws/law.ts'
import { LAWS } from './laws/laws.ts'
import type { Boot, StepWatch } from './process/clock-steps.ts'
import type { HeldMemory } from './process/idle-memory.ts'
import { LoopSlots } from './process/loop-slots.ts'
import type { ProcessFigures } from './process/process-figures.ts'
import type { CommandEnvironment } from './process/said.ts'
import { Integrity } from './proof/integrity.ts'
import { SecretsOfDevices } from './state/device-secrets.ts'
import type { PlaceWatch } from './state/place-watch.ts'
import type { DiskLook } from './state/places.ts'
import { RegisterKeys } from './state/register-keys.ts'
import type { StateDirectory } from './state/state-directory.ts'
import type { Volatility } from './state/volatility.ts'
import { EpochKeeper } from './sync/epoch-keeper.ts'
import { epochTasks } from './sync/epoch-tasks.ts'
import type { Administration } from './till/administration.ts'
import type { Application } from './till/application.ts'
import { Exports } from './till/exports/exports.ts'
import type { TillParts } from './till/parts.ts'
import { Changes } from './till/reading/changes.ts'
import type { UnresolvedOutcomes } from './till/recording/unresolved-outcomes.ts'
import { clockTasks } from './till/technician/clock-task.ts'
import { administrationOf } from './till/technician/technician.ts'
import { unresolvedTasks } from './till/technician/unresolved-tasks.ts'
import { applicationOf } from './till/use-cases.ts'
import { heldCertificates, targetCertificates } from './tls/expiry.ts'
import { diagnosisOf } from './watch/diagnose.ts'
import type { Diagnosis } from './watch/diagnosis.ts'
import { Meters } from './watch/meters.ts'
import type { Closers } from './wiring/closers.ts'
import { closeAll } from './wiring/closers.ts'
import type { SupervisionParts } from './wiring/devices.ts'
import { livingDevice, supervised } from './wiring/devices.ts'
import { openLaws } from './wiring/laws.ts'
import { placeWarnings } from './wiring/places.ts'
import { queuedReadings } from './wiring/printer-readings.ts'
import { recordingOf } from './wiring/recording.ts'
import { stopOrderOf } from './wiring/stop-order.ts'
import { openJournal, openState } from './wiring/storage.ts'
import type { Sync } from './wiring/sync.ts'
import { makeSync } from './wiring/sync.ts'
import { syncDesk } from './wiring/sync-desk.ts'
import type { Phase } from './wiring/watch.ts'
import { watchOf } from './wiring/watch.ts'

/** `Whole`: the configuration with the keys of the laws. */
export type Environment<Whole extends Config = Config> = {
  clock: Clock
  random: (length: number) => Uint8Array
  log: Log
  /** The built-in laws if omitted. */
  laws?: readonly Law<Whole>[]
  /** Secrets that the unit passes on; they take precedence over the configured files. */
  credentials?: Credentials
  /** Called at each point; crash tests end the process there. */
  fault?: (point: string) => void
  /** The journal can no longer be trusted: the process must end and start again. */
  onFatal?: (error: Error) => void
  /** Called repeatedly while the journal is read, as progress of the start. */
  onReading?: () => void
  /** Called repeatedly while another program prevents writes to the journal. */
  onWaiting?: () => void
  /** Undefined if only the end of the process releases memory. */
  memory?: HeldMemory
  /** The boot of the operating system; without it a step of the clock between two starts is not detected. */
  boot?: Boot
  /** The environment of the commands that report whether the clock is synchronised; without it none runs. */
  commands?: CommandEnvironment
  /** Whether a folder is lost at power-off; undefined if the state is temporary, as in a demo. */
  volatilityOf?: (folder: string) => Promise<Volatility | undefined>
  /** The disks of folders; asks the kernel if omitted. */
  diskLook?: DiskLook
  /** The resources that the process uses; only `main` provides them. */
  processFigures?: () => ProcessFigures
}

type Surroundings = Omit<Environment, 'laws'>

export type Agent = {
  application: Application
  administration: Administration
  /** Reconciles acts that a crash left open, then serves the sale API and the admin socket. */
  listen(): Promise<{ url: string }>
  /** Resolves when the journal accepted an empty commit; rejects if it can no longer be written. */
  probeCommit(): Promise<void>
  /** The running work, and the programs that hold the journal. */
  diagnose(): Promise<Diagnosis>
  /**
   * Finishes running work, then closes everything: wiring/stop-order.ts first, then the closers in reverse order. A second
   * call, after one that threw, finds nothing left to close.
   */
  stop(): Promise<void>
}

/** Makes every part of the agent. Throws StateLockedError, DiskFullError, JournalVersionError, JournalDamagedError. */
export async function compose<Whole extends Config>(config: Whole, environment: Environment<Whole>): Promise<Agent> {
  const closers: Closers = []
  const close = () => closeAll(closers)
  try {
    return await build(config, environment, closers, close)
  } catch (error) {
    // The error of the start is reported, not one of closing.
    await close().catch(() => undefined)
    throw error
  }
}

async function build<Whole extends Config>(
  config: Whole,
  environment: Environment<Whole>,
  closers: Closers,
  close: () => Promise<void>,
): Promise<Agent> {
  const { clock, random, log, fault = () => undefined, laws: list = LAWS } = environment
  const storage = await openState(config, { ...environment, lawKeys: keysOf(list) }, closers)
  const { state, space, steps, placeWatch } = storage
  const signer = checkpointSigner(state.checkpointKey)
  const integrity = new Integrity({ stateDirectory: state.path, clock, log })
  const [meters, slots] = [new Meters(), new LoopSlots((run) => setImmediate(run))]
  const journal = await openJournal({ ...environment, slots }, { ...storage, integrity, signer, meters }, closers)
  const changes = new Changes(journal)
  closers.push(() => integrity.stop())
  const devices = new Map<string, DeviceSupervisor>()
  const registerKeys = new RegisterKeys({ sealed: state, random })
  const secrets = secretsOfDevices(environment, state)
  let phase: Phase = 'starting'
  const onError = backgroundErrors(log, () => phase)
  const { laws, deviceMemory, ...opened } = openLaws(list, {
    ...{ config, devices, journal, clock, registerKeys, space, log, onError, fault, places: placeWatch.places },
    ...{ softwareVersion: packageVersion(), archiveDirectory: state.archives },
  })
  const ofDevices = { deviceMemory, lawConcernsOf: opened.lawConcernsOf }
  const newId = idMaker(() => clock.now(), random)
  const recordingIn = { journal, clock, newId, laws, devices, onError, fault, log, turn: slots.take }
  const acting = { ...recordingIn, deadlineMs: config.deadlineMs, onAct: meters.noteAct.bind(meters) }
  const { reconciliation, unresolved, ...recording } = recordingOf(acting, closers)
  const { recorder, mutations } = recording
  const devicesOf = { ...recordingIn, steps, state, reconciliation, unresolved, secrets, changes, ...ofDevices }
  const clockKeeper = await makeDevices(config, environment, devicesOf, closers)
  const parts: TillParts = {
    ...{ journal, clock, newId, laws, devices, registerKeys, receiptLaws: opened.receiptLaws },
    secretMembers: secretMembersOf(list),
    ...{ taxPrecision: config.tax_precision, deadlineMs: config.deadlineMs },
    ...recording,
  }
  let url = ''
  const made = { journal, mutations, clock, newId, onError, types: opened.exportTypes }
  const exports = new Exports({ ...made, ...placeOfExports(state), baseUrl: () => url })
  const stopOrder = stopOrderOf({ clock, journal, exports, acts: recorder, devices, sync: () => sync }, closers)
  const tasks = () => [...opened.tasks(), ...ownTasks(list, { journal, clockKeeper, unresolved, clock })]
  const administration = administrationOf({
    ...{ journal, clock, random, newId, devices, exports, fault, recorder, reconciliation, laws, tasks },
    ...{ stateDirectory: state.path, ...queuedReadings(opened.printerReadings, recorder) },
    ...{ secrets, deviceMemory, receiptLaws: opened.receiptLaws, workflow: recording.workflow },
    sync: syncDesk({ journal, sync: () => sync }),
  })
  const { dailyBackup, ...keepers } = { ...keepersOf(config, environment, journal, closers), placeWatch }
  const { application, readiness, sync } = frontOf(config, environment, {
    ...{ parts, state, space, integrity, signer, meters, exports, tasks, changes, clockKeeper, unresolved, ...keepers },
    ...{
      phase: () => phase,
      backupTrouble: () => dailyBackup.trouble(),
      registerTroubles: opened.registerTroubles,
      unitsOf: opened.unitsOf,
    },
  })
  const diagnose = diagnosisOf(state.path, journal, clock)
  return {
    ...{ application, administration, diagnose },
    listen: async () => {
      // Half of the program: a command without a daemon never loads it, which saves a third of its CPU time.
      // Before a device is queried: loading blocks the event loop, and a reply would be read too late.
      const { serve } = await import('./wiring/serving.ts')
      await reconciliation.startUp([...devices.values()])
      exports.start()
      const front = { ...environment, fault, application, administration, readiness, meters, slot: slots.take }
      url = await serve(config, { ...front, laws: list, diagnose, version: packageVersion() }, closers)
      phase = 'serving'
      for (const task of [placeWatch, integrity, dailyBackup]) task.start()
      opened.start()
      closers.push(opened.stop, stopOrder.sync)
      await sync.open()
      return { url }
    },
    probeCommit: () => journal.probeCommit(),
    stop: async () => {
      phase = 'stopping'
      stopOrder.begin()
      await close()
    },
  }
}

function placeOfExports({ path, exports, linkKey }: StateDirectory) {
  return { stateDirectory: path, exportDirectory: exports, linkKey }
}

function secretsOfDevices({ random, credentials }: Surroundings, sealed: StateDirectory): SecretsOfDevices {
  const [renew, reading] = [renewalOf(credentials), readingOf(credentials)]
  const refused = (path: string): string => {
    // The file may have been renewed.
    renew()
    return reading(path)
  }
  return new SecretsOfDevices({ sealed, random, readFile: secretReader(credentials), refused })
}

type TaskSources = { journal: Journal; clockKeeper: ClockKeeper; unresolved: UnresolvedOutcomes; clock: Clock }

/** The tasks that no law defines. */
function ownTasks(list: readonly Law<never>[], { journal, clockKeeper, unresolved, clock }: TaskSources): Task[] {
  const { timeToCome } = clockKeeper
  return [
    ...epochTasks(journal, list),
    ...clockTasks(timeToCome, clock),
    ...unresolvedTasks(unresolved.all(), clock.now()),
  ]
}

/** During a stop, background work fails because its parts are closed: not logged, as the next start reconciles it. */
function backgroundErrors(log: Log, phase: () => Phase): (error: unknown) => void {
  return (error) => {
    // A held journal has its own log line.
    if (phase() !== 'stopping' && !isHeldError(error)) log.error(errorFields(error), 'work in the background failed')
  }
}

type FrontParts = {
  parts: TillParts
  state: StateDirectory
  space: Space
  integrity: Integrity
  signer: CheckpointSigner
  meters: Meters
  exports: Exports
  tasks: () => readonly Task[]
  phase: () => Phase
  backupTrouble: () => string | undefined
  registerTroubles: () => readonly RegisterTrouble[]
  placeWatch: PlaceWatch
  clockKeeper: ClockKeeper
  unitsOf: (device: string) => readonly string[]
  unresolved: UnresolvedOutcomes
  epochKeeper: EpochKeeper
  logWatch: LogWatch
  changes: Changes
}

/** The outside of the agent: its API, its readiness, and the sync to its targets. */
function frontOf(
  config: Config,
  { clock, random, log, credentials, processFigures }: Surroundings,
  { parts, state, signer, exports, integrity, epochKeeper, changes, placeWatch, ...more }: FrontParts,
): { application: Application; readiness: Application['readiness']; sync: Sync } {
  const { journal, devices, laws, receiptLaws } = parts
  const { places } = placeWatch
  const sync: Sync = makeSync(config, {
    ...{ stateDirectory: state.path, credentials, journal, signer, clock, random, places, log },
    onState: (target, targetState, code) => changes.tellSync(target, targetState, code),
    onHalt: (target, halt) => epochKeeper.onHalt(target, halt),
  })
  const watch = watchOf({
    ...{ ...more, journal, devices, laws, receiptLaws, clock, sync: sync.status, processFigures },
    stateDirectory: state.path,
    version: packageVersion(),
    damage: () => integrity.refusal(),
    placeWarnings: () => placeWarnings(placeWatch),
    startedAtMs: clock.now(),
    certificates: () => [
      // A decommissioned register no longer needs its certificate.
      ...heldCertificates(state.path, config.tls, handedFile(credentials)).filter(
        ({ use, holder }) => use !== 'terminal' || !isDecommissioned(journal.view, holder),
      ),
      ...targetCertificates(config.sync.targets, handedFile(credentials)),
    ],
    failingSince: (target) => sync.targetSync.failingSince(target),
  })
  const { readiness } = watch
  const application = applicationOf({
    ...{ parts, exports, clock, random, readiness, sync: sync.status },
    vault: state,
    changes: changes.asStream(),
    metrics: watch.metrics,
    overview: watch.overview,
    syncedAt: syncedAt(journal, remoteTargetsOf(config)),
  })
  return { application, readiness, sync }
}

/** Background tasks that protect the journal from loss and forks. */
function keepersOf(
  { backup, state }: Config,
  { clock, log, credentials }: Surroundings,
  journal: Journal,
  closers: Closers,
): { dailyBackup: DailyBackup; epochKeeper: EpochKeeper; logWatch: LogWatch } {
  const { folder, passphraseFile, keep } = backup
  const readSecret = secretReader(credentials)
  const parts = { stateDirectory: state, program: packageVersion(), readSecret, clock, log }
  const dailyBackup = new DailyBackup({ ...parts, folder, passphraseFile, keep })
  const epochKeeper = new EpochKeeper({ journal, stateDirectory: state, clock, log })
  closers.push(() => dailyBackup.stop())
  closers.push(() => epochKeeper.stop())
  const logWatch = new LogWatch({ directory: state, journal, clock, log })
  closers.push(() => logWatch.stop())
  logWatch.start()
  return { dailyBackup, epochKeeper, logWatch }
}

/** The configured devices with their supervisors, and the keeper of their clock; connects nothing. */
async function makeDevices(
  config: Config,
  { clock, log, credentials, commands }: Surroundings,
  parts: Omit<SupervisionParts, 'clock' | 'log' | 'timeOf' | 'onPassing'> & {
    changes: Changes
    state: StateDirectory
    steps: StepWatch
    devices: Map<string, DeviceSupervisor>
    secrets: SecretsOfDevices
    onError: (error: unknown) => void
  },
  closers: Closers,
): Promise<ClockKeeper> {
  const { state, journal, steps, devices, secrets, onError, changes } = parts
  const times = new Map<string, UnitTime>()
  const timeOf = (device: string): UnitTime => {
    const time = times.get(device) ?? new UnitTime(clock, hostTimeOf(journal, device, steps))
    times.set(device, time)
    return time
  }
  const context = {
    clock,
    timeOf,
    boxes: new Map(),
    directoryOf: state.deviceDirectory,
    storeOf: (device: string) => deviceStore<never>({ journal, device, defer: (act) => void setImmediate(act) }),
    readSecret: secretReader(credentials),
    readFile: fileReader(credentials),
    enrolledSerial: (device: string) => journal.view.enrolledSerial(device),
    numbersOf: (device: string, serial: string) =>
      journal.view.enrolledSerial(device) === serial
        ? journalledNumbers(journal.view, journal.headSeq, device).last
        : undefined,
    secretsOf: (device: string, files: Readonly<Record<string, string | undefined>>) => secrets.of(device, files),
  }
  const onPassing: SupervisionParts['onPassing'] = (id, { state: to, code }) => changes.tellDevice(id, to, code)
  const supervision = { ...parts, clock, log, timeOf, onPassing }
  for (const settings of config.devices) {
    const device = supervised(await makeDevice(settings, context), config, supervision)
    devices.set(settings.id, device)
    const life = livingDevice(device)
    closers.push(() => endLifetime(life))
  }
  const stepRecorder = new StepRecorder({ journal, devices, steps, stateDirectory: state.path, clock, log, onError })
  closers.push(() => stepRecorder.stop())
  await stepRecorder.start()
  const clockKeeper = new ClockKeeper({ journal, devices, clock, steps, commands, onError })
  closers.push(() => clockKeeper.stop())
  await clockKeeper.start()
  return clockKeeper
}

/** The targets that make an operation synced: a disk in the shop does not count. */
function remoteTargetsOf(config: Config): string[] {
  return config.sync.targets.filter((target) => !('folder' in locationOf(target))).map(({ id }) => id)
}
