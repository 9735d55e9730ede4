import { createHash, createPrivateKey } from 'node:crypto'
import { pino } from 'pino'
import { secretMembersOf, taxpayerOf } from '../../agent/contract/laws.ts'
import { hostTimeOf } from '../../agent/devices/signed-times.ts'
import type { DeviceSupervisor } from '../../agent/devices/supervisor.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { NewEvent } from '../../agent/journal/events.ts'
import { Journal } from '../../agent/journal/journal.ts'
import { StepWatch } from '../../agent/process/clock-steps.ts'
import { RegisterKeys } from '../../agent/state/register-keys.ts'
import type { Application } from '../../agent/till/application.ts'
import { applicationOf } from '../../agent/till/application.ts'
import { Exports } from '../../agent/till/exports/exports.ts'
import { Changes } from '../../agent/till/reading/changes.ts'
import { dutyListsOf } from '../../agent/till/reading/duty-list.ts'
import { closeEmergency, openEmergency } from '../../agent/till/technician/emergencies.ts'
import { resolveAct } from '../../agent/till/technician/resolution.ts'
import { supervised } from '../../agent/wiring/devices.ts'
import { openLaws } from '../../agent/wiring/laws.ts'
import { recordingOf } from '../../agent/wiring/recording.ts'
import { Closers } from '../../agent/wiring/stop-order.ts'
import type { Json } from '../../base/canonical.ts'
import type { Clock } from '../../base/clock.ts'
import { idMaker, uuid } from '../../base/ids.ts'
import { UnitTime } from '../../drivers/unit-time.ts'
import { BUILT_IN_LAWS } from '../built-in-laws.ts'
import type { Seeded } from '../crash/seeded.ts'
import type { AlertLine, LifeAlerts } from './alert-line.ts'
import { lifeAlerts } from './alert-line.ts'
import type { Site } from './site.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** The parts that outlive the agent's process: disk, device, time. */
export type Machine = {
  directory: string
  clock: VirtualClock
  random: Seeded
  site: Pick<Site, 'config' | 'connect' | 'openDesk'>
  /** The agent's secrets, sealed under its own key, by name. */
  sealed: Map<string, Json>
  /** Any text: the key that signs checkpoints comes from it. */
  keySeed: string
  /** The channel for alerts; none by default. */
  alertLine?: AlertLine
  /** Called when events are durable, with the seq of the last one. */
  onAppend?: (head: number, events: readonly NewEvent[]) => void
  /** Called when the start has made the log durable. */
  onLogSettled?: () => void
  /** Called for errors in the background. */
  onError: (error: unknown) => void
  /** The journal has failed: the process must end. Default: `onError`. */
  onFatal?: (error: unknown) => void
}

export type Life = {
  application: Application
  files: Pick<Exports, 'write'>
  journal: Journal
  /** The technician's acts on the emergency register of a printer. */
  emergency(device: string): {
    isOpen(): boolean
    open(): Promise<unknown>
    resolve(seen: string): Promise<unknown>
    close(isForGood: boolean): Promise<unknown>
    sheets(): Promise<readonly Json[]>
  }
  /** Undefined without a channel. */
  alerts: LifeAlerts | undefined
  readonly alive: boolean
  /** Serves only after the reconciliation, as the daemon does. */
  readonly serving: boolean
  /** The process is killed: nothing in memory survives, nothing is closed in order. */
  kill(): void
  stop(): Promise<void>
}

const log = pino({ enabled: false })
const DEADLINE_MS = 10_000

class Killed extends Error {
  override readonly name = 'Killed'
}

/** Thrown at a fault point, so that the synchronous code after it does not run. */
export function die(): never {
  throw new Killed('the process was killed here')
}

/** One process of the agent: the parts of the daemon on a virtual clock, without its sockets. */
export async function beginLife(machine: Machine, fault: (point: string, life: Life) => void): Promise<Life> {
  let alive = true
  let serving = false
  let hasBegun = false
  const clock: Clock = {
    now: () => machine.clock.now(),
    mono: () => machine.clock.mono(),
    after: (ms, act) => machine.clock.after(ms, () => alive && act()),
  }
  const random = (length: number): Uint8Array => machine.random.bytes(length)
  const onError = (error: unknown): void => {
    if (alive) machine.onError(error)
  }
  const strike = (point: string): void => {
    if (alive && hasBegun) fault(point, life)
  }
  const own = checkpointSigner(ed25519(machine.keySeed))
  // A thread signs when the machine schedules it: not the same at every run.
  const signer = { ...own, signAside: async (...head: Parameters<typeof own.sign>) => own.sign(...head) }
  const journal = await Journal.open({
    directory: machine.directory,
    clock,
    bootId: uuid(random, 4),
    signer,
    agentId: 'simulated',
    chainId: () => uuid(random, 7, clock.now()),
    onFatal: (error) => {
      if (alive) (machine.onFatal ?? machine.onError)(error)
    },
    fault: (point) => {
      if (point === 'journal.log-settled') machine.onLogSettled?.()
      strike(point)
    },
    defer: setImmediate,
    refusal: () => undefined,
  })
  if (machine.onAppend !== undefined) journal.onAppend(machine.onAppend)
  const steps = new StepWatch(clock)
  const { eventClock } = journal.clockWatch
  const devices = new Map<string, DeviceSupervisor>()
  const { config } = machine.site
  const sealed = {
    seal: (name: string, value: Json) => void machine.sealed.set(name, value),
    unseal: (name: string) => machine.sealed.get(name),
  }
  const registerKeys = new RegisterKeys({ sealed, random })
  const room = { state: () => ({ level: 'ok' as const }) }
  const german = { softwareVersion: '0', archiveDirectory: machine.directory, space: room, onError, fault: strike }
  const places = { demand: async () => undefined }
  const newId = idMaker(() => eventClock.now(), random)
  const openedLaws = openLaws(BUILT_IN_LAWS, {
    ...{ config, devices, journal, clock: eventClock, registerKeys, newId, places, log },
    ...german,
  })
  const { laws, deviceMemory, exportTypes, lawConcernsOf, look } = openedLaws
  const told = { deadlineMs: DEADLINE_MS, onError, fault: strike, log }
  const closers = new Closers()
  const { reconciliation, afterRestore, unresolved, ...recording } = recordingOf(
    { journal, clock: eventClock, newId, laws, devices, ...told },
    closers,
  )
  for (const opened of machine.site.connect(clock, machine.random.fork())) {
    const timeOf = (device: string) => new UnitTime(clock, hostTimeOf(journal, device, steps))
    const onPassing = () => undefined
    const recorded = { journal, laws, reconciliation, afterRestore, unresolved, deviceMemory, lawConcernsOf, look }
    devices.set(opened.id, supervised(opened, config, { ...recorded, devices, clock, log, timeOf, onPassing }))
  }
  const shared = { journal, clock: eventClock, newId, devices }
  const exports = new Exports({
    ...{ ...shared, mutations: recording.mutations, types: exportTypes },
    stateDirectory: machine.directory,
    exportDirectory: machine.directory,
    linkKey: new Uint8Array(32),
    baseUrl: () => '',
    onError,
  })
  const application = applicationOf({
    parts: {
      ...shared,
      ...recording,
      laws,
      receiptLaws: openedLaws.receiptLaws,
      secretMembers: secretMembersOf(BUILT_IN_LAWS),
      taxpayerOf: taxpayerOf(BUILT_IN_LAWS),
      registerKeys,
      taxPrecision: 'as_sent',
      deadlineMs: DEADLINE_MS,
    },
    vault: {
      ...{ seal: sealed.seal, sealedNames: () => [...machine.sealed.keys()] },
      forget: (name) => void machine.sealed.delete(name),
    },
    exports,
    clock,
    random,
    readiness: () => ({ ready: serving, state: serving ? 'ready' : 'starting', details: {}, warnings: [] }),
    sync: () => [],
    changes: new Changes(journal).asStream(),
    metrics: () => '',
    overview: () => {
      throw new Error('nobody looks')
    },
    display: { page: () => undefined, now: () => undefined, fetched: () => undefined },
    syncedAt: () => undefined,
    dutyList: dutyListsOf({ ...openedLaws, journal, clock, onError, authority: undefined }).dutyList,
  })
  const alerts =
    machine.alertLine === undefined
      ? undefined
      : lifeAlerts(machine.alertLine, { ...shared, clock, config, unresolved, fault: strike })
  const desk = machine.site.openDesk?.({
    ...{ journal, clock, newId, onError, fault: strike },
    duties: () => [...openedLaws.duties()].filter((duty) => duty !== undefined),
    reportOutage: openedLaws.reportOutage,
  })
  closers.add('laws', async () => desk?.stop())
  const technician = { ...recording, journal, laws, emergencies: openedLaws.emergencies }
  const emergency: Life['emergency'] = (id) => {
    const device = devices.get(id)
    const { emergencies } = openedLaws
    if (device === undefined || emergencies === undefined) throw new Error(`no printer ${id}`)
    return {
      isOpen: () => emergencies.list(id).some((each) => !('closed_at' in Object(each))),
      open: () => openEmergency(device, { reason: 'Guasta' }, technician),
      resolve: (seen) => resolveAct(device, seen, technician),
      close: (isForGood) => closeEmergency(device, isForGood, technician),
      sheets: () => emergencies.sheets(id),
    }
  }
  const life: Life = {
    application,
    emergency,
    alerts,
    files: exports,
    journal,
    get alive() {
      return alive
    },
    get serving() {
      return alive && serving
    },
    kill: () => {
      alive = false
      void desk?.stop()
      closeHandle(journal)
    },
    stop: async () => {
      await alerts?.close()
      await closers.closeAll()
      for (const device of devices.values()) await device.close()
      await journal.close()
      alive = false
    },
  }
  hasBegun = true
  const startUp = reconciliation.startUp([...devices.values()]).then(() => {
    serving = true
    desk?.start()
    return alerts?.open()
  })
  startUp.catch(onError)
  return life
}

/** The kernel closes the open files of a killed process. */
function closeHandle(journal: Journal): void {
  try {
    journal.read((db) => db.close())
  } catch {
    // Given up by the journal itself already.
  }
}

function ed25519(seed: string) {
  // RFC 8410 §7: the fixed head of an Ed25519 key in PKCS #8, before its 32 bytes.
  const head = Buffer.from('302e020100300506032b657004220420', 'hex')
  const key = createHash('sha256').update(seed).digest()
  return createPrivateKey({ key: Buffer.concat([head, key]), format: 'der', type: 'pkcs8' })
}
