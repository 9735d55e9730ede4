import { join } from 'node:path'
import type { Config } from '../../agent/config/config.ts'
import type { Clock } from '../../drivers/ports/clock.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import type { QueueLoad } from '../../drivers/ports/queue-load.ts'
import { TseSimulator } from '../../drivers/tse-simulator/driver.ts'
import { brokenBooks } from '../crash/books.ts'
import type { Seeded } from '../crash/seeded.ts'
import type { Till } from '../crash/till.ts'
import { openShop, workShift } from '../crash/till.ts'
import { workBusyShift } from './busy-shift.ts'
import type { Reachable } from './device-line.ts'
import { tseLine } from './device-line.ts'
import { RestartedTse } from './restarted-tse.ts'
import type { Remains, Site } from './site.ts'
import { siteConfig } from './site.ts'

export const DEVICE = 'tse-1'

const REGISTERS = 3
const FAULTS = [
  ...['lost-answer', 'lost-answer', 'lost-request', 'lost-request', 'garbled', 'power-cut', 'power-cut', 'busy'],
  ...['slow=700', 'slow=4900', 'slow=6000', 'slow=12000', 'clock-lost', 'self-test-due', 'memory-full', 'unplugged'],
  'certificate-expired',
] as const
const ACTS = ['start', 'finish', 'finish', 'start', 'open', 'recall', 'register', 'health', 'identity', '*'] as const

export function germanConfig(folder: string): Config {
  return siteConfig(folder, [{ id: DEVICE, driver: 'tse-simulator' }])
}

/** A TSE as the agent reaches it over its line. */
export function tseAt(
  tse: Reachable<TseSimulator> & { load(): QueueLoad },
  clock: Clock,
  random: Seeded,
): OpenedDevice {
  return { id: DEVICE, driver: 'tse-simulator', unit: tseLine(tse, clock, random), load: () => tse.load() }
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
  readonly #tse: RestartedTse
  readonly #busy: boolean

  /** `busy`: everything that the API offers is done, not sales alone. */
  constructor(folder: string, clock: Clock, busy: boolean) {
    this.config = germanConfig(folder)
    const directory = join(folder, 'devices', DEVICE)
    this.#tse = new RestartedTse(() => new TseSimulator({ directory, clock }))
    this.#busy = busy
  }

  connect(clock: Clock, random: Seeded): readonly OpenedDevice[] {
    return [tseAt(this.#tse, clock, random)]
  }

  openShop(office: Till): Promise<string[]> {
    return openShop(office, REGISTERS)
  }

  work(till: Till, register: string): Promise<void> {
    const shift = this.#busy ? workBusyShift : workShift
    return shift(till, register, 3 + till.random.below(10))
  }

  befall(random: Seeded): string {
    const which = random.pick(['', '#2', '#1-3', '#3-5'])
    const fault = `${random.pick(FAULTS)}@${random.pick(ACTS)}${which}`
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
  async unfinished(): Promise<readonly unknown[]> {
    const tse = await this.#tse.reached()
    return tse.openTransactions().catch(() => ['unknown'])
  }

  prove({ folder }: Remains): Promise<string[]> {
    return brokenBooks(folder)
  }

  close(): Promise<void> {
    return this.#tse.close()
  }
}
