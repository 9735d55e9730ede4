import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { DriverContext } from '../../drivers/opened-device.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import type { TseSettings } from '../../drivers/tse-catalog.ts'
import { CryptovisionSimulator } from '../../drivers/tse-cryptovision/simulator.ts'
import { DieboldSimulator } from '../../drivers/tse-diebold/simulator.ts'
import { EpsonSimulator } from '../../drivers/tse-epson/simulator.ts'
import { SwissbitSimulator } from '../../drivers/tse-swissbit/simulator.ts'
import { compileStub } from '../../drivers/tse-swissbit/stub-library.ts'
import type { Members } from '../e2e/client.ts'
import { patientClock } from '../patient-clock.ts'
import { makeTse } from './made-tse.ts'

type Unit = {
  inject(fault: string): void
  clearFaults(): void
  pullOut(): Promise<void>
  plugIn(): Promise<void>
}

/** A TSE of another maker outside of the agent, with a second one that can replace it. */
export type VendorTse = {
  /** Entry of `devices`. */
  device: Members
  unit: Unit
  /** Replaces the first, which must be down. */
  other: Unit
  close(): Promise<void>
}

/** The units in software: they have no bytes of their own, and tests of their own. */
type SoftwareTse = 'tse-simulator' | 'tse-pkcs11'
/** Every other driver needs a simulator that speaks the bytes of its unit, plays faults, and has its row here. */
type VendorDriver = Exclude<TseSettings['driver'], SoftwareTse>

/** A family in the tests that go through all of them. Commands are in the words of the unit. */
type Family = {
  /** `clock`: that of the unit; patient by default. */
  open(folder: string, latencyMs: number, clock?: Clock): Promise<VendorTse>
  /** The secrets of a shop that names all of them. */
  pins: Readonly<Record<'adminPin' | 'timeAdminPin', string> & Partial<Record<PinName, string>>>
  /** Faults of its simulator that the others do not have. */
  faults: readonly string[]
  /** The command of a login. */
  login: string
  /** The request for the next part of an archive. */
  nextPart: string
  /** Refusals of the question for an outcome, with codes for which no source has a remedy. */
  refusedQuestions: readonly string[]
  /** The beginnings of all commands that tell an outcome. */
  questions: readonly string[]
  /** Commands of a sale, a login, an archive and the questions in between. */
  commands: readonly string[]
}
type PinName = 'adminPuk' | 'timeAdminPuk' | 'puk' | 'secret'

const SHORT_PINS = { adminPin: '12345', timeAdminPin: '54321', puk: '123456' }

const timeouts = { replyMs: 1000, longMs: 20_000 }

/** By the name of the driver. Folders are short because one holds a socket. */
export const vendorTses: Readonly<Record<string, Family>> = {
  'tse-cryptovision': {
    open: async (folder, latencyMs, clock = patientClock) => {
      const mount = join(folder, 'media')
      const openSimulator = (name: string) =>
        new CryptovisionSimulator({
          directory: join(folder, name),
          mount,
          clock,
          latencyMs,
          firmware: firmwareOf(name),
        })
      const [unit, other] = [openSimulator('a'), openSimulator('b')]
      await unit.plugIn()
      // Threads read its files, which a busy machine delays.
      const patient = { ...timeouts, replyMs: 2000 }
      const device = { id: 'tse-1', driver: 'tse-cryptovision', path: mount, timeouts: patient }
      return { device, unit, other, close: () => allOut(unit, other) }
    },
    pins: { adminPin: '12345678', timeAdminPin: '87654321', adminPuk: '1234567890', timeAdminPuk: '0987654321' },
    faults: ['busy', 'garbled'],
    login: 'authenticateUser',
    nextPart: '*#4',
    refusedQuestions: ['error=80f1@export#1-3'],
    questions: ['get', 'export'],
    commands: ['getStatus', 'export', 'authenticateUser', 'finish', 'updateTime', 'getKeyData'],
  },
  'tse-diebold': {
    open: async (folder, latencyMs, clock = patientClock) => {
      const path = join(folder, 'tty')
      const openSimulator = (name: string) =>
        new DieboldSimulator({ directory: join(folder, name), clock, latencyMs, talks: true })
      const [unit, other] = [openSimulator('a'), openSimulator('b')]
      await unit.servePty(path)
      const pins = { adminPinFile: join(folder, 'admin'), timeAdminPinFile: join(folder, 'time-admin') }
      await writeFile(pins.adminPinFile, '12345\n', { mode: 0o600 })
      await writeFile(pins.timeAdminPinFile, '54321\n', { mode: 0o600 })
      const device = { id: 'tse-1', driver: 'tse-diebold', serial: { path, baudRate: 115_200 }, ...pins, timeouts }
      const replacing: Unit = {
        inject: (fault) => other.inject(fault),
        clearFaults: () => other.clearFaults(),
        pullOut: () => other.pullOut(),
        plugIn: () => other.servePty(path),
      }
      return { device, unit, other: replacing, close: () => allOut(unit, replacing) }
    },
    pins: SHORT_PINS,
    faults: ['garbled'],
    login: '400',
    nextPart: 'piece#2',
    refusedQuestions: ['error=0f01@301#*'],
    questions: ['506', '3', 'export'],
    commands: ['506', '301', 'piece', '400', 'finish', '509', '204'],
  },
  'tse-epson': {
    open: async (folder, latencyMs, clock = patientClock) => {
      const openSimulator = (name: string) => new EpsonSimulator({ directory: join(folder, name), clock, latencyMs })
      const [unit, other] = [openSimulator('a'), openSimulator('b')]
      const port = await unit.serveTcp(0)
      const replacing: Unit = {
        inject: (fault) => other.inject(fault),
        clearFaults: () => other.clearFaults(),
        pullOut: () => other.pullOut(),
        plugIn: async () => void (await other.serveTcp(port)),
      }
      const device = { id: 'tse-1', driver: 'tse-epson', tcp: { host: '127.0.0.1', port }, timeouts }
      return { device, unit, other: replacing, close: () => allOut(unit, replacing) }
    },
    pins: { ...SHORT_PINS, secret: 'EPSONKEY' },
    faults: ['busy', 'garbled', 'hung-up', 'device-closed'],
    login: 'Authenticate',
    nextPart: 'export#2',
    refusedQuestions: ['error=OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER@ExportFiltered#1-40'],
    questions: ['Get', 'Export'],
    commands: ['GetStarted', 'ExportFiltered', 'export', 'FinalizeExport', 'Authenticate', 'finish', 'GetLast'],
  },
  'tse-swissbit': {
    open: async (folder, latencyMs, clock = patientClock) => {
      const mount = join(folder, 'm')
      const openSimulator = (name: string) =>
        new SwissbitSimulator({ directory: join(folder, name), mount, clock, latencyMs })
      const [unit, other] = [openSimulator('a'), openSimulator('b')]
      await unit.plugIn()
      const library = await compileStub(folder)
      const seed = 'SwissbitSwissbit'
      const device = { id: 'tse-1', driver: 'tse-swissbit', path: mount, library, seed, timeouts }
      return { device, unit, other, close: () => allOut(unit, other) }
    },
    pins: SHORT_PINS,
    faults: ['crashed'],
    login: 'login',
    nextPart: 'exportNext#2',
    refusedQuestions: ['error=7777@export#1-3'],
    questions: ['last', 'started', 'export'],
    commands: ['started', 'export', 'finish', 'info', 'last', 'login'],
  },
} satisfies Record<VendorDriver, Family>

/** PINs go all at once into the older one, user by user into the younger. */
function firmwareOf(name: string): string {
  return name === 'a' ? '462076 Dec 18 2019 00:11:50' : '425545 May 02 2020 11:02:01'
}

/** The secrets of a shop that names all of them. */
export function pinsOf(name: string): Members {
  return { ...vendorTses[name]?.pins }
}

/** The driver of such a unit without an agent around it; `pins` go before those of its files. */
export async function makeDriver(
  device: Members,
  pins: Members,
  directory: string,
  ownClock: Clock = patientClock,
  context: Partial<DriverContext> = {},
): Promise<Tse> {
  const settings = { slot: 1, ...device } as unknown as TseSettings
  const { unit } = await makeTse(settings, {
    clock: ownClock,
    directoryOf: () => directory,
    storeOf: () => {
      throw new Error('no store')
    },
    readSecret: (path) => readFile(path, 'utf8'),
    secretsOf: (_id, files) => {
      const read = async (name: string): Promise<string> => {
        const pin = pins[name]
        if (typeof pin === 'string') return pin
        const file = files[name]
        if (file === undefined) throw new Error(`no ${name}`)
        return (await readFile(file, 'utf8')).trim()
      }
      return { read, provide: read, fingerprint: (text) => createHash('sha256').update(text).digest('hex') }
    },
    ...context,
  })
  return unit
}

async function allOut(...units: readonly Unit[]): Promise<void> {
  for (const unit of units) await unit.pullOut()
}
