import { join } from 'node:path'
import type { Config } from '../../agent/agent-config.ts'
import type { Clock } from '../../base/clock.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import { brokenEntries } from '../crash/italian-entries.ts'
import { ItalianTills } from '../crash/italian-tills.ts'
import type { Seeded } from '../crash/seeded.ts'
import type { Till } from '../crash/till.ts'
import type { Family, FamilyName, PrinterBeside } from './printer-families.ts'
import { FAMILIES } from './printer-families.ts'
import type { Remains, Site } from './site.ts'
import { siteConfig } from './site.ts'
import type { VirtualClock } from './virtual-clock.ts'

const DEVICE = 'rt-1'
const REGISTERS = 3
const LONG_OUTAGE = 'unplugged=20000@*'

/** Registers of Italy that share one printer. */
export class ItalianSite implements Site {
  readonly device = undefined
  readonly startMs = Date.parse('2026-08-01T06:00:00Z')
  readonly jumps = [1, 1 / 24, -1 / 24] as const
  readonly points = [
    ...(['journal.before-commit', 'journal.after-commit', 'device.before-read', 'device.after-read'] as const),
    ...(['device.before-print', 'device.after-print', 'device.before-close', 'device.after-close'] as const),
  ] as const
  readonly config: Config
  readonly #family: Family
  readonly #printer: PrinterBeside
  readonly #departments: Readonly<Record<string, number>>
  readonly #tills: ItalianTills

  readonly emergency: Site['emergency']

  /** `hasEmergencies`: the printer dies for longer, and a technician opens its emergency register. */
  constructor(folder: string, clock: VirtualClock, family: FamilyName, hasEmergencies = false) {
    this.#family = FAMILIES[family]
    // A slip hides the documents before it from the service: then a person must look.
    this.#tills = new ItalianTills({ slips: family !== 'fpmate', vouchers: family !== 'custom', hasEmergencies })
    this.config = siteConfig(folder, [{ id: DEVICE, driver: this.#family.driver, ...this.#family.place }])
    const [device] = this.config.devices
    this.#departments = device !== undefined && 'departments' in device ? device.departments : {}
    // A printer refuses a document that is earlier than its last one, and never sets its clock on request.
    this.#printer = this.#family.make(join(folder, 'devices', DEVICE), clock.apart(this.startMs))
    this.#printer.simulator.open()
    if (hasEmergencies) this.emergency = { device: DEVICE, paper: () => this.#printer.simulator.documents() }
  }

  connect(clock: Clock): readonly OpenedDevice[] {
    const unit = this.#printer.connect(clock, this.#departments)
    return [{ id: DEVICE, driver: this.#family.driver, unit, load: () => unit.load() }]
  }

  openShop(office: Till): Promise<string[]> {
    return this.#tills.openShop(office, REGISTERS)
  }

  work(till: Till, register: string): Promise<void> {
    return this.#tills.work(till, register)
  }

  befall(random: Seeded): string {
    const isLong = this.emergency !== undefined && random.chance(0.3)
    const fault = isLong ? LONG_OUTAGE : `${random.pick(this.#family.faults)}`
    this.#printer.simulator.inject(fault)
    return `fault ${fault}`
  }

  clearFaults(): void {
    this.#printer.simulator.clearFaults()
  }

  restart(): void {
    this.#printer.simulator.inject(this.#family.restart)
  }

  /** The printer has printed or forgotten an act that it began: the journal asks which. */
  async unfinished(): Promise<readonly unknown[]> {
    return []
  }

  async prove({ folder, answers, sheets }: Remains): Promise<string[]> {
    const paper = this.#printer.simulator.documents()
    const broken = this.#tills.prove(folder, paper, answers)
    return [...broken, ...brokenEntries(folder, DEVICE, await sheets(DEVICE), paper)]
  }

  close(): Promise<void> {
    return this.#printer.simulator.close()
  }
}
