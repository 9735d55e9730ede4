import { setImmediate } from 'node:timers'
import { idMaker } from '../base/ids.ts'
import { endLifetime } from '../base/lifetime.ts'
import type { Log } from '../base/log.ts'
import { errorFields } from '../base/log.ts'
import { once } from '../base/once.ts'
import { keysOf } from '../base/settings/law-settings.ts'
import { packageVersion } from '../base/version.ts'
import { makeDevice } from '../drivers/catalog.ts'
import { lineConfusion } from '../drivers/links/usb-names.ts'
import { EMBEDDED_SIMULATORS } from '../drivers/simulators.ts'
import { UnitTime } from '../drivers/unit-time.ts'
import type { Config } from './agent-config.ts'
import { fileReader, readingOf, renewalOf, secretReader } from './config/credentials.ts'
import { secretMembersOf, taxpayerOf } from './contract/laws.ts'
import { ClockKeeper } from './devices/clock-keeper.ts'
import { otherIdOf } from './devices/enrolment.ts'
import { journalledNumbers } from './devices/journalled-numbers.ts'
import { hostTimeOf } from './devices/signed-times.ts'
import { StepRecorder } from './devices/step-recorder.ts'
import type { DeviceSupervisor } from './devices/supervisor.ts'
import { placedDamage } from './journal/damaged-place.ts'
import { deviceStore } from './journal/device-store.ts'
import { isHeldError } from './journal/disk/storage-error.ts'
import type { Law } from './laws/law.ts'
import { loadLaws } from './laws/laws.ts'
import type { StepWatch } from './process/clock-steps.ts'
import { SecretsOfDevices } from './state/device-secrets.ts'
import { RegisterKeys } from './state/register-keys.ts'
import type { StateDirectory } from './state/state-directory.ts'
import type { Administration } from './till/administration.ts'
import type { Application } from './till/application.ts'
import { Exports } from './till/exports/exports.ts'
import type { TillParts } from './till/parts.ts'
import type { Changes } from './till/reading/changes.ts'
import { dutyListsOf } from './till/reading/duty-list.ts'
import { openTasksIn } from './till/reading/listed-duties.ts'
import { checkAuthority } from './till/technician/authority-check.ts'
import { sendDuty } from './till/technician/duty-sending.ts'
import { reportOutage } from './till/technician/outage-report.ts'
import { administrationOf } from './till/technician/technician.ts'
import { diagnosisOf } from './watch/diagnose.ts'
import type { Diagnosis } from './watch/diagnosis.ts'
import { allDuties } from './wiring/all-duties.ts'
import { dutyDesk, openAuthority } from './wiring/authority.ts'
import type { SupervisionParts } from './wiring/devices.ts'
import { journalHiddenOutage, judgeEnrolments, livingDevice, supervised } from './wiring/devices.ts'
import { displayAccess } from './wiring/display.ts'
import type { Surroundings } from './wiring/environment.ts'
import { frontOf } from './wiring/front.ts'
import { keepersOf } from './wiring/keepers.ts'
import { openLaws } from './wiring/laws.ts'
import { queuedReadings } from './wiring/printer-readings.ts'
import { comparedFile } from './wiring/put-back.ts'
import { recordingOf } from './wiring/recording.ts'
import { Closers, stopOrderOf } from './wiring/stop-order.ts'
import { openStorage } from './wiring/storage.ts'
import { syncDesk } from './wiring/sync-desk.ts'
import type { Phase } from './wiring/watch-options.ts'

/** `Whole`: the configuration with the keys of the laws. */
type Environment<Whole extends Config> = Surroundings & {
  /** The built-in laws if omitted. */
  laws?: readonly Law<Whole>[]
}

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
   * Finishes running work, then closes everything: `begin` and the steps of wiring/stop-order.ts. A second
   * call, after one that threw, finds nothing left to close.
   */
  stop(): Promise<void>
}

/** Makes every part of the agent. Throws StateLockedError, DiskFullError, `journal_too_new`, JournalDamagedError. */
export async function compose<Whole extends Config>(config: Whole, environment: Environment<Whole>): Promise<Agent> {
  const closers = new Closers()
  try {
    return await build(config, environment, closers)
  } catch (error) {
    // The error of the start is reported, not one of closing.
    await closers.closeAll().catch(() => undefined)
    throw placedDamage(error, config.state)
  }
}

/** The agent's state for its log and its addresses. */
type Life = { phase: Phase; url: string }

async function build<Whole extends Config>(
  config: Whole,
  environment: Environment<Whole>,
  closers: Closers,
): Promise<Agent> {
  const life: Life = { phase: 'starting', url: '' }
  const core = await openCore(config, environment, life, closers)
  const { common, storage, laws, recording } = core
  const { clock, fault, journal, devices } = common
  const { exports, administration, keepers, front, stopOrder, desk } = openAccess(
    config,
    environment,
    core,
    life,
    closers,
  )
  const { application, readiness, sync, warnings, alerts } = front
  const { state, placeWatch, integrity, meters, slots, unsigned } = storage
  const foundHead = journal.headSeq
  const diagnose = diagnosisOf(state.path, journal, clock)
  const version = packageVersion()
  return {
    application,
    administration,
    diagnose,
    listen: async () => {
      // Half of the program: a command without a daemon never loads it, which saves a third of its CPU time.
      // Before a device is queried: loading blocks the event loop, and a reply would be read too late.
      const { serve } = await import('./wiring/serving.ts')
      warnings.start()
      closers.add('keepers', () => warnings.stop())
      // A number that a customer holds is never given again: first of all, and before a till asks for one.
      const noteFile = environment.comparesMachine === true ? await comparedFile(core.compared) : undefined
      await recording.afterRestore.setAside()
      await recording.reconciliation.startUp([...devices.values()])
      await recording.afterRestore.run(devices, (device) => recording.reconciliation.reconcile(device))
      noteFile?.()
      exports.start()
      const served = { ...environment, fault, application, administration, readiness, diagnose }
      life.url = await serve(config, { ...served, meters, slot: slots.take, laws: core.lawList, version }, closers)
      life.phase = 'serving'
      journal.becameReady()
      for (const task of [placeWatch, integrity, keepers.dailyBackup]) task.start()
      laws.start()
      void unsigned.readLastDay(journal.view, foundHead).catch(common.onError)
      closers.add('laws', laws.stop)
      closers.add('laws', async () => desk?.stop())
      desk?.start()
      closers.add('sync', stopOrder.sync)
      await sync.open()
      closers.add('sync', alerts.close)
      await alerts.open()
      return { url: life.url }
    },
    probeCommit: () => journal.probeCommit(),
    stop: async () => {
      life.phase = 'stopping'
      stopOrder.begin()
      await closers.closeAll()
    },
  }
}

/** The parts that record: state and journal, laws, devices, and the acts of documents. */
async function openCore<Whole extends Config>(
  config: Whole,
  environment: Environment<Whole>,
  life: Life,
  closers: Closers,
) {
  const { random, log, fault = () => undefined } = environment
  const list = environment.laws ?? (await loadLaws())
  const given = { ...environment, lawKeys: keysOf(list), embeddedSimulators: EMBEDDED_SIMULATORS }
  const storage = await openStorage(config, given, closers)
  const { state, journal, space, meters, slots, placeWatch } = storage
  // Devices, the watch for steps and the keeper of the clock get that of the environment.
  const { eventClock: clock } = journal.clockWatch
  const devices = new Map<string, DeviceSupervisor>()
  const registerKeys = new RegisterKeys({ sealed: state, random })
  const secrets = secretsOfDevices(environment, state)
  const onError = backgroundErrors(log, () => life.phase)
  const newId = idMaker(() => clock.now(), random)
  const common = { journal, clock, random, log, fault, onError, newId, devices }
  const laws = openLaws(list, {
    ...common,
    config,
    registerKeys,
    space,
    places: placeWatch.places,
    softwareVersion: packageVersion(),
    archiveDirectory: state.archives,
  })
  const lawList: readonly Law<never>[] = list
  if (journal.later.isPossible) {
    const { knowledgeOf } = await import('./laws/knowledge.ts')
    journal.later.learn(await knowledgeOf(lawList), journal.view.everyIntent())
  }
  const { deadlineMs, taxPrecision } = config
  const { onTakingOver: onProgress, stopping, credentials } = environment
  // Loaded here: an agent without targets saves the memory.
  const askTargets = once(async () => {
    const { targets } = config.sync
    if (targets.length === 0) return undefined
    const { heldAfter } = await import('./sync/held-after.ts')
    return heldAfter({
      ...{ targets, clock, random, journal },
      signer: storage.signer,
      readSecret: secretReader(credentials),
    })
  })
  const acting = {
    ...{ ...common, laws: laws.laws, deadlineMs, turn: slots.take, onAct: meters.noteAct.bind(meters) },
    ...{ onProgress, stopping, askTargets },
  }
  const { reconciliation, afterRestore, unresolved, ...recording } = recordingOf(acting, closers)
  const supervision = { ...common, ...storage, ...laws, secrets, reconciliation, afterRestore, unresolved }
  const clockKeeper = await makeDevices(config, environment, supervision, closers)
  const authority = await openAuthority(config, environment, state, secrets, meters)
  const parts: TillParts = {
    ...common,
    ...recording,
    laws: laws.laws,
    receiptLaws: laws.receiptLaws,
    secretMembers: secretMembersOf(list),
    taxpayerOf: taxpayerOf(list),
    registerKeys,
    taxPrecision,
    deadlineMs,
  }
  return {
    lawList,
    storage,
    common,
    laws,
    parts,
    recording: { ...recording, reconciliation, afterRestore, unresolved },
    compared: { directory: state.path, journal, log, afterRestore, askTargets },
    clockKeeper,
    secrets,
    authority,
  }
}

type Core = Awaited<ReturnType<typeof openCore>>

/** The access of tills, technicians and targets to the core, and the backups. */
function openAccess(config: Config, environment: Surroundings, core: Core, life: Life, closers: Closers) {
  const { lawList, storage, common, laws, parts, recording, clockKeeper, secrets, authority } = core
  const { state } = storage
  const { clock } = environment
  const { journal, devices } = common
  const { recorder, mutations, unresolved } = recording
  const exports = new Exports({
    ...common,
    ...placeOfExports(state),
    mutations,
    types: laws.exportTypes,
    baseUrl: () => life.url,
  })
  const sync = () => front.sync
  const stopOrder = stopOrderOf({ clock, journal, exports, recorder, devices, sync }, closers)
  const { machineChange } = storage
  const sources = { journal, clockKeeper, unresolved, clock, machineChange, targets: () => sync().status() }
  const reading = () => allDuties(laws, lawList, sources)
  const { unitsOf } = laws
  const { duties, dutyList } = dutyListsOf({ ...common, duties: reading, authority, unitsOf })
  const listing = { dutyList, unitsOf, authorityMode: authority?.mode }
  const url = async () => (life.url === '' ? (await import('./wiring/serving.ts')).calledUrl(config) : life.url)
  const desk = dutyDesk(authority, environment, { ...common, duties })
  const { display, desk: displays } = displayAccess(config, { ...common, ...storage, ...parts, url }, closers)
  const administration = administrationOf({
    ...common,
    ...recording,
    ...queuedReadings(laws.printerReadings, recorder.order),
    laws: laws.laws,
    receiptLaws: laws.receiptLaws,
    ...{ deviceMemory: laws.deviceMemory, emergencies: laws.emergencies },
    exports,
    ...listing,
    tasks: () => [...reading()].flatMap((duty) => duty?.task ?? []),
    notices: laws.notices,
    secrets,
    lineTrouble: (id) => lineTrouble(config.devices, id),
    stateDirectory: state.path,
    desks: {
      ...syncDesk({ journal, sync }),
      ...displays,
      sendDuty: async (id, reason) => {
        await sendDuty({ journal, authority, duties }, id, reason)
        desk?.look()
      },
      reportOutage: (id, outage) => reportOutage({ ...common, ...laws, authorityMode: authority?.mode }, id, outage),
      // Until its login is answered, the desk takes the credentials for doubtful.
      checkAuthority: (merchant) => checkAuthority(authority, merchant).finally(() => desk?.look()),
      listAlerts: () => front.alerts.desk.listAlerts(),
      testAlert: (channel) => front.alerts.desk.testAlert(channel),
    },
  })
  const keepers = keepersOf(config, environment, journal, () => recording.afterRestore.setAside(), closers)
  const front = frontOf(config, environment, {
    ...storage,
    ...keepers,
    parts,
    exports,
    ...listing,
    tasks: () => openTasksIn(dutyList.latest()),
    clockKeeper,
    unresolved,
    phase: () => life.phase,
    pageUrl: () => life.url,
    display,
    accounts: () => desk?.accounts() ?? [],
    registerTroubles: laws.registerTroubles,
  })
  return { exports, administration, keepers, front, stopOrder, desk }
}

/** Why the line of a device may be that of another one. */
async function lineTrouble(devices: Config['devices'], id: string): Promise<string | undefined> {
  const confusion = await lineConfusion(devices.find((device) => device.id === id) ?? {})
  return confusion && `${confusion.message} ${confusion.remedy}`
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

/** During a stop, background work fails because its parts are closed: not logged, as the next start reconciles it. */
function backgroundErrors(log: Log, phase: () => Phase): (error: unknown) => void {
  return (error) => {
    // A held journal has its own log line.
    if (phase() !== 'stopping' && !isHeldError(error)) log.error(errorFields(error), 'work in the background failed')
  }
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
    shared: new Map(),
    directoryOf: state.deviceDirectory,
    storeOf: (device: string) => deviceStore<never>({ journal, device, defer: (act) => void setImmediate(act) }),
    readSecret: secretReader(credentials),
    readFile: fileReader(credentials),
    enrolledSerial: (device: string) => journal.view.enrolledSerial(device),
    otherIdOf: (device: string, serial: string) => otherIdOf(journal.view, (id) => devices.has(id), device, serial),
    numbersOf: (device: string, serial: string) =>
      journal.view.enrolledSerial(device) === serial
        ? journalledNumbers(journal.view, journal.headSeq, device).last
        : undefined,
    secretsOf: (device: string, files: Readonly<Record<string, string | undefined>>) => secrets.of(device, files),
  }
  const onPassing: SupervisionParts['onPassing'] = (id, { state: to, code }) => changes.tellDevice(id, to, code)
  const supervision = { ...parts, clock, log, timeOf, onPassing }
  for (const settings of config.devices) {
    const made = await makeDevice(settings, context)
    await journalHiddenOutage(made, supervision)
    const device = supervised(made, config, supervision)
    devices.set(settings.id, device)
    const life = livingDevice(device)
    closers.add('devices', () => endLifetime(life))
  }
  closers.add('devices', judgeEnrolments(journal, devices))
  const stepRecorder = new StepRecorder({ journal, devices, steps, stateDirectory: state.path, clock, log, onError })
  closers.add('clock', () => stepRecorder.stop())
  await stepRecorder.start()
  const clockKeeper = new ClockKeeper({ journal, devices, clock, steps, commands, onError })
  closers.add('clock', () => clockKeeper.stop())
  await clockKeeper.start()
  return clockKeeper
}
