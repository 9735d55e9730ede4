import { join } from 'node:path'
import type { Config } from '../../agent/config/config.ts'
import type { Link } from '../../drivers/links/link.ts'
import type { ServedLine } from '../../drivers/links/served-line.ts'
import type { Clock } from '../../drivers/ports/clock.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import type { FiscalPrinter } from '../../drivers/ports/fiscal-printer.ts'
import type { QueueLoad } from '../../drivers/ports/queue-load.ts'
import { CustomPrinter } from '../../drivers/rt-custom/driver.ts'
import { CustomSimulator } from '../../drivers/rt-custom/simulator.ts'
import { RchPrinter } from '../../drivers/rt-rch/driver.ts'
import { RchSimulator } from '../../drivers/rt-rch/simulator.ts'
import { ItalianTills } from '../crash/italian-tills.ts'
import type { Seeded } from '../crash/seeded.ts'
import type { Till } from '../crash/till.ts'
import type { SimulatedPrinter } from '../e2e/printer-families.ts'
import { Cable } from './cable.ts'
import type { Remains, Site } from './site.ts'
import { siteConfig } from './site.ts'
import type { VirtualClock } from './virtual-clock.ts'

export type Family = 'rch' | 'custom'
type Common = { link: Link; clock: Clock; departments: Readonly<Record<string, number>> }
type Simulator = SimulatedPrinter & { serve(line: ServedLine): void; keyInSale(cents: number): void }
type FamilyParts = {
  driver: string
  faults: readonly [string, ...string[]]
  simulator(directory: string, clock: Clock): Simulator
  printer(common: Common): FiscalPrinter & { load(): QueueLoad }
}

const DEVICE = 'rt-1'
const REGISTERS = 3
const PRINT_MS = 400
/** Of a line of 9600 bit/s. */
const BYTE_MS = 1.04
const TIMEOUTS = { ackMs: 400, replyMs: 1000, printMs: 4000, longMs: 6000 }
const LINE_FAULTS = [
  ...['lost-answer@*', 'lost-answer@*#3', 'lost-request@*', 'nak@*', 'cut=3@*', 'late=900@*', 'busy@*#1-4', 'stale@*'],
  ...[
    'power-cut=80@*',
    'power-cut=2500@*',
    'power-blink@*',
    'unplugged=80@*',
    'unplugged=3000@*',
    'silent@*',
    'lost-ack@*',
  ],
  ...['power-cut-before=80@*', 'unplugged-before=500@*', 'unplugged-after=500@*', 'not-executed@*', 'slow-bytes=2@*'],
  ...['paper-out=2000@*', 'cover-open=2000@*'],
] as const

const FAMILIES: Readonly<Record<Family, FamilyParts>> = {
  rch: {
    driver: 'rt-rch',
    faults: [
      'silent@=T',
      'lost-answer@=T',
      'power-cut-before=80@=T',
      'manual-sale=500@=R',
      'manual-sale=500@=T',
      ...LINE_FAULTS,
    ],
    simulator: (directory, clock) => new RchSimulator({ directory, clock, printMs: PRINT_MS }),
    printer: (common) => new RchPrinter({ ...common, timeouts: { ...TIMEOUTS, gapMs: 1000 } }),
  },
  custom: {
    driver: 'rt-custom',
    faults: [
      'silent@3011',
      'lost-answer@3011',
      'power-cut-before=80@3007',
      'manual-sale=500@3301',
      'paper-end-resume=80@7114A',
      ...LINE_FAULTS,
    ],
    simulator: (directory, clock) => new CustomSimulator({ directory, clock }),
    printer: (common) => new CustomPrinter({ ...common, timeouts: TIMEOUTS }),
  },
}

/** Registers of Italy that share one printer at the end of a serial line. */
export class ItalianSite implements Site {
  readonly device = undefined
  readonly startMs = Date.parse('2026-08-01T06:00:00Z')
  readonly jumps = [1, 1 / 24, -1 / 24] as const
  readonly points = [
    ...(['journal.before-commit', 'journal.after-commit', 'device.before-read', 'device.after-read'] as const),
    ...(['device.before-print', 'device.after-print', 'device.before-close', 'device.after-close'] as const),
  ] as const
  readonly config: Config
  readonly #family: FamilyParts
  readonly #simulator: Simulator
  readonly #departments: Readonly<Record<string, number>>
  readonly #tills = new ItalianTills()

  constructor(folder: string, clock: VirtualClock, family: Family) {
    this.#family = FAMILIES[family]
    const settings = { id: DEVICE, driver: this.#family.driver, tcp: { host: 'nowhere', port: 1 } }
    this.config = siteConfig(folder, [settings])
    const [device] = this.config.devices
    this.#departments = device !== undefined && 'departments' in device ? device.departments : {}
    // A printer refuses a document that is earlier than its last one, and sets its clock at nobody's word.
    this.#simulator = this.#family.simulator(join(folder, 'devices', DEVICE), clock.apart(this.startMs))
    this.#simulator.open()
  }

  connect(clock: Clock): readonly OpenedDevice[] {
    const link = new Cable(clock, BYTE_MS, (line) => this.#simulator.serve(line))
    const unit = this.#family.printer({ link, clock, departments: this.#departments })
    return [{ id: DEVICE, driver: this.#family.driver, unit, load: () => unit.load() }]
  }

  openShop(office: Till): Promise<string[]> {
    return this.#tills.openShop(office, REGISTERS)
  }

  work(till: Till, register: string): Promise<void> {
    return this.#tills.work(till, register)
  }

  befall(random: Seeded): string {
    const fault = `${random.pick(this.#family.faults)}`
    this.#simulator.inject(fault)
    return `fault ${fault}`
  }

  clearFaults(): void {
    this.#simulator.clearFaults()
  }

  restart(): void {
    this.#simulator.inject('power-cut=1500@*')
  }

  /** What it had begun it has printed or forgotten: the journal asks which. */
  async unfinished(): Promise<readonly unknown[]> {
    return []
  }

  async prove({ folder, answers }: Remains): Promise<string[]> {
    return this.#tills.prove(folder, this.#simulator.documents(), answers)
  }

  close(): Promise<void> {
    return this.#simulator.close()
  }
}
