import { createHash, createPrivateKey, createSecretKey } from 'node:crypto'
import { DeviceSupervisor } from '../../agent/devices/supervisor.ts'
import { idMaker, uuid } from '../../agent/ids.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { Members } from '../../agent/journal/events.ts'
import { Journal } from '../../agent/journal/journal.ts'
import { TseActs } from '../../agent/regimes/kassensichv/acts.ts'
import { GermanBooks } from '../../agent/regimes/kassensichv/books.ts'
import { TseMemory } from '../../agent/regimes/kassensichv/memory/tse-memory.ts'
import { KassenSichV } from '../../agent/regimes/kassensichv/regime.ts'
import { RegisterArchives } from '../../agent/regimes/rksv/register-archives.ts'
import { RegisterKeys } from '../../agent/state/register-keys.ts'
import type { Application } from '../../agent/till/application.ts'
import { Changes } from '../../agent/till/changes.ts'
import { Courses } from '../../agent/till/course.ts'
import { DueReceipts } from '../../agent/till/due-receipts.ts'
import { Exports } from '../../agent/till/exports/exports.ts'
import { Mutations } from '../../agent/till/mutations.ts'
import { Reconciliation } from '../../agent/till/reconciliation.ts'
import { Recorder } from '../../agent/till/recorder.ts'
import { applicationOf } from '../../agent/till/use-cases.ts'
import type { Clock } from '../../drivers/ports/clock.ts'
import type { QueueLoad } from '../../drivers/ports/queue-load.ts'
import type { Seeded } from '../crash/seeded.ts'
import { SETTINGS } from '../regimes/dsfinvk/journal-package.ts'
import type { Device } from './device-line.ts'
import { deviceLine } from './device-line.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What outlives the agent's process: disk, device, time. */
export type Machine = {
  directory: string
  clock: VirtualClock
  random: Seeded
  tse: Device & { load(): QueueLoad }
  /** Any text: the key that signs checkpoints comes from it. */
  keySeed: string
  /** Told of what went wrong in the background. */
  onError: (error: unknown) => void
  /** The journal has given up: the process must end. `onError` where it is not given. */
  onFatal?: (error: unknown) => void
}

export type Life = {
  application: Application
  journal: Journal
  readonly alive: boolean
  /** Serves only after the reconciliation, as the daemon does. */
  readonly serving: boolean
  /** The process is gone: nothing in memory survives, nothing is closed in order. */
  kill(): void
  stop(): Promise<void>
}

export const DEVICE = 'tse-1'
const DEADLINE_MS = 10_000
const START_UP_LIMIT_MS = 5_000

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
  let begun = false
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
    if (alive && begun) fault(point, life)
  }
  const signer = checkpointSigner(ed25519(machine.keySeed))
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
    fault: strike,
    defer: setImmediate,
    refusal: () => undefined,
  })
  const devices = new Map<string, DeviceSupervisor>()
  const acts = new TseActs({
    tseOf: (id) => devices.get(id)?.asTse,
    journalledOpen: (device) => journal.view.deviceTransactions(device).map((row) => row.number),
    clock,
  })
  const books = new GermanBooks({
    view: journal.view,
    chains: () => journal.chains,
    directory: machine.directory,
    settings: SETTINGS,
    tses: () => [],
    pause: async () => undefined,
  })
  const regime = new KassenSichV(acts, books)
  const regimes = [regime]
  const newId = idMaker(() => clock.now(), random)
  const regimeOf = (document: Members) =>
    document['$law'] !== undefined || document['fiscalization'] != null ? regime : undefined
  const troubleOf = (id: string) =>
    devices.get(id)?.usable === true ? undefined : { code: 'unavailable', message: 'The fiscal device is out.' }
  const courses = new Courses({ clock, newId, regimeOf, troubleOf })
  const recorder = new Recorder({ journal, courses, clock, deadlineMs: DEADLINE_MS, regimeOf, fault: strike })
  const dueReceipts = new DueReceipts({ journal, recorder, courses, regimes, clock, newId })
  const reconciliation = new Reconciliation({ journal, recorder, regimes, dueReceipts, clock, onError })
  const tse = deviceLine(machine.tse, clock, machine.random.fork())
  const device: DeviceSupervisor = new DeviceSupervisor({
    device: { id: DEVICE, driver: 'tse-simulator', unit: tse, load: () => machine.tse.load() },
    clock,
    enrolledSerial: () => journal.view.enrolledSerial(DEVICE),
    onChange: (change) => void reconciliation.onChange(device, change),
    onHealthy: () => void reconciliation.mend(device),
  })
  devices.set(DEVICE, device)
  const mutations = new Mutations(journal, recorder, (document) => regimeOf(document)?.books?.explain(document))
  const shared = { journal, mutations, clock, newId, devices }
  const tseMemory = new TseMemory({
    ...{ journal, clock, onError, fault: strike, directory: machine.directory, hasRoom: () => true },
    policy: { archiveAtPercent: 100 },
  })
  const exports = new Exports({
    ...{ ...shared, tseMemory },
    archives: new RegisterArchives({
      view: journal.view,
      certificatesOf: () => ({ certificate: undefined, issuers: [] }),
      aesKeyOf: () => createSecretKey(new Uint8Array(32)),
      unitsOf: () => [],
    }),
    packages: books,
    stateDirectory: machine.directory,
    exportDirectory: machine.directory,
    linkKey: new Uint8Array(32),
    baseUrl: () => '',
    onError,
  })
  const sealed = { seal: () => undefined, unseal: () => undefined }
  const registerKeys = new RegisterKeys({ sealed, random })
  const application = applicationOf({
    parts: {
      ...shared,
      regimes,
      courses,
      recorder,
      registerKeys,
      mend: () => reconciliation.mend(device),
      taxPrecision: 'as_sent',
    },
    vault: { seal: () => undefined, sealedNames: () => [], forget: () => undefined },
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
    syncedAt: () => undefined,
  })
  const life: Life = {
    application,
    journal,
    get alive() {
      return alive
    },
    get serving() {
      return alive && serving
    },
    kill: () => {
      alive = false
      closeHandle(journal)
    },
    stop: async () => {
      await device.close()
      await journal.close()
      alive = false
    },
  }
  begun = true
  void reconcileFirst(clock, reconciliation, device).then(() => {
    serving = true
  }, onError)
  return life
}

async function reconcileFirst(clock: Clock, reconciliation: Reconciliation, device: DeviceSupervisor): Promise<void> {
  const limit = new Promise<void>((resolve) => clock.after(START_UP_LIMIT_MS, resolve))
  await Promise.race([reconciliation.startUp([device]), limit])
}

/** The kernel closes what a killed process had open. */
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
