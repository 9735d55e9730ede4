import { join } from 'node:path'
import type { Config } from '../../agent/agent-config.ts'
import type { Clock } from '../../base/clock.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import type { QueueLoad } from '../../drivers/ports/queue-load.ts'
import { TseSimulator } from '../../drivers/tse-simulator/driver.ts'
import { brokenBooks } from '../crash/books.ts'
import type { Seeded } from '../crash/seeded.ts'
import { workShift } from '../crash/shift.ts'
import type { Till } from '../crash/till.ts'
import { openShop } from '../crash/till.ts'
import { VAT_FILE } from '../crash/vat-file.ts'
import { workBusyShift } from './busy-shift.ts'
import type { Reachable } from './device-line.ts'
import { tseLine } from './device-line.ts'
import { RestartedTse } from './restarted-tse.ts'
import type { Remains, Site } from './site.ts'
import { siteConfig } from './site.ts'
import type { Vendor } from './vendor-tse.ts'
import { VendorTse } from './vendor-tse.ts'

export const DEVICE = 'tse-1'

const REGISTERS = 3
const FAULTS = [
  ...['lost-answer', 'lost-answer', 'lost-request', 'lost-request', 'garbled', 'power-cut', 'power-cut'],
  ...['slow=700', 'slow=4900', 'slow=6000', 'slow=12000', 'clock-lost', 'self-test-due', 'memory-full'],
  ...['certificate-expired', 'error', 'error', 'error-done', 'error-done'],
] as const
/** Additional faults of some units. */
const MORE_FAULTS = {
  ...{ simulator: ['busy', 'unplugged'], diebold: [], epson: ['busy', 'busy', 'hung-up', 'hung-up', 'device-closed'] },
} as const
const ACTS = ['start', 'finish', 'finish', 'start', 'open', 'recall', 'register', 'health', 'identity', '*'] as const

export function germanConfig(folder: string): Config {
  return siteConfig(folder, [{ id: DEVICE, driver: 'tse-simulator' }], VAT_FILE)
}

/** A TSE as the agent reaches it over its line. */
export function tseAt(
  tse: Reachable<TseSimulator> & { load(): QueueLoad },
  clock: Clock,
  random: Seeded,
): OpenedDevice {
  return { id: DEVICE, driver: 'tse-simulator', unit: tseLine(tse, clock, random), load: () => tse.load() }
}

/** A TSE outside of the agent, which loses its power now and then. */
type TseBeside = {
  connect(clock: Clock, random: Seeded): OpenedDevice
  /** Throws DeviceError. */
  openTransactions(): Promise<readonly number[]>
  prepare?(): Promise<void>
  inject(fault: string): void
  clearFaults(): void
  restart(): void
  close(): Promise<void>
}

/** Registers of Germany that share a TSE. */
export class GermanSite implements Site {
  readonly device = DEVICE
  readonly startMs = Date.parse('2026-08-01T06:00:00Z')
  readonly jumps = [-1, 1, -1 / 24, 1 / 24] as const
  readonly points = [
    'journal.before-commit',
    'journal.after-commit',
    'device.before-start',
    'device.after-start',
    'device.before-finish',
    'device.after-finish',
  ] as const
  readonly config: Config
  readonly #tse: TseBeside
  readonly #faults: readonly string[]
  readonly #busy: boolean

  /** `busy`: everything that the API offers is done, not sales alone. `vendor`: its TSE is of that maker. */
  constructor(folder: string, clock: Clock, { busy, vendor }: { busy: boolean; vendor?: Vendor }) {
    this.config = germanConfig(folder)
    this.#tse = vendor === undefined ? simulatorIn(folder, clock) : new VendorTse(folder, clock, vendor)
    this.#faults = [...FAULTS, ...MORE_FAULTS[vendor ?? 'simulator']]
    this.#busy = busy
  }

  async prepare(): Promise<void> {
    await this.#tse.prepare?.()
  }

  connect(clock: Clock, random: Seeded): readonly OpenedDevice[] {
    return [this.#tse.connect(clock, random)]
  }

  openShop(office: Till): Promise<string[]> {
    return openShop(office, REGISTERS)
  }

  work(till: Till, register: string): Promise<void> {
    const shift = this.#busy ? workBusyShift : workShift
    return shift(till, register, 3 + till.random.below(10))
  }

  befall(random: Seeded): string {
    const which = random.pick(['', '#2', '#1-3', '#3-5', '#1-40'])
    const fault = `${this.#faults[random.below(this.#faults.length)]}@${random.pick(ACTS)}${which}`
    try {
      this.#tse.inject(fault)
    } catch {
      this.#tse.clearFaults()
    }
    return `fault ${fault}`
  }

  clearFaults(): void {
    this.#tse.clearFaults()
  }

  restart(): void {
    this.#tse.restart()
  }

  /** No transaction stays open (TR-03153-1 §9.4). */
  unfinished(): Promise<readonly unknown[]> {
    return this.#tse.openTransactions().catch(() => ['unknown'])
  }

  prove({ folder }: Remains): Promise<string[]> {
    return brokenBooks(folder)
  }

  close(): Promise<void> {
    return this.#tse.close()
  }
}

function simulatorIn(folder: string, clock: Clock): TseBeside {
  const directory = join(folder, 'devices', DEVICE)
  const tse = new RestartedTse(() => new TseSimulator({ directory, clock }))
  return {
    connect: (life, random) => tseAt(tse, life, random),
    openTransactions: async () => (await tse.reached()).openTransactions(),
    inject: (fault) => tse.inject(fault),
    clearFaults: () => tse.clearFaults(),
    restart: () => tse.restart(),
    close: () => tse.close(),
  }
}
