import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import type { QueueLoad } from '../../drivers/ports/queue-load.ts'
import type { DeviceSecrets } from '../../drivers/ports/secrets.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import { DieboldBox } from '../../drivers/tse-diebold/box.ts'
import { DieboldTse } from '../../drivers/tse-diebold/driver.ts'
import { DieboldSimulator } from '../../drivers/tse-diebold/simulator.ts'
import { EpsonTse } from '../../drivers/tse-epson/driver.ts'
import { EpsonSimulator } from '../../drivers/tse-epson/simulator.ts'
import type { Pace } from './cable.ts'
import { Cable } from './cable.ts'

export type Vendor = 'diebold' | 'epson'
type Driver = Tse & { load(): QueueLoad }
type Common = { clock: Clock; directory: string; secrets: DeviceSecrets; timeouts: { replyMs: number; longMs: number } }
type Unit = { inject(fault: string): void; clearFaults(): void; close(): Promise<void> }
type Family = {
  name: string
  unit: Unit
  blink: () => Promise<void>
  connect(common: Common): { cable: Cable; driver: Driver }
}

const DEVICE = 'tse-1'
const TIMEOUTS = { replyMs: 1500, longMs: 20_000 }
/** The same for any length: that of certificates and signatures is random, and no run shall differ by it. */
const LINE: Pace = { latencyMs: 2, byteMs: 0 }
const AWAY_MS = 1500

/** A TSE of another maker: its driver in each life, its simulator at the other end of the line, in its own bytes. */
export class VendorTse {
  readonly #family: Family
  readonly #folder: string
  readonly #clock: Clock
  #cable: Cable | undefined
  #driver: Driver | undefined

  constructor(folder: string, clock: Clock, vendor: Vendor) {
    this.#clock = clock
    this.#folder = join(folder, 'driver')
    const directory = join(folder, 'devices', DEVICE)
    this.#family = vendor === 'diebold' ? diebold(directory, clock) : epson(directory, clock)
  }

  /** Initialised, as the technician leaves it. */
  async prepare(): Promise<void> {
    const driver = this.#driverOf(this.#clock)
    // As delivered it opens only so far.
    await driver.open().catch(() => undefined)
    await driver.initialise()
    await driver.close()
  }

  connect(clock: Clock): OpenedDevice {
    const unit = this.#driverOf(clock)
    return { id: DEVICE, driver: this.#family.name, unit, load: () => unit.load() }
  }

  openTransactions(): Promise<readonly number[]> {
    return this.#driver?.openTransactions() ?? Promise.resolve([])
  }

  inject(fault: string): void {
    this.#family.unit.inject(fault)
  }

  clearFaults(): void {
    this.#family.unit.clearFaults()
  }

  restart(): void {
    void this.#family.blink()
  }

  close(): Promise<void> {
    return this.#family.unit.close()
  }

  /** The line of the life before has ended with it. */
  #driverOf(clock: Clock): Driver {
    this.#cable?.hangUp()
    mkdirSync(this.#folder, { recursive: true })
    const common = { clock, directory: this.#folder, secrets: SECRETS, timeouts: TIMEOUTS }
    const { cable, driver } = this.#family.connect(common)
    this.#cable = cable
    this.#driver = driver
    return driver
  }
}

const PINS: Readonly<Record<string, string>> = {
  ...{ adminPin: '12345', timeAdminPin: '54321', puk: '123456', secret: 'EPSONKEY' },
}

async function pinOf(name: string): Promise<string> {
  return PINS[name] ?? ''
}
const SECRETS: DeviceSecrets = {
  ...{ read: pinOf, provide: pinOf },
  fingerprint: (text) => createHash('sha256').update(text).digest('hex'),
}

/** A curve that is signed with at once: what threads do is not seen from here. */
function diebold(directory: string, clock: Clock): Family {
  const unit = new DieboldSimulator({ directory, clock, curve: 'P-256', talks: true })
  return {
    name: 'tse-diebold',
    unit,
    blink: async () => {
      await unit.pullOut()
      clock.after(AWAY_MS, () => void unit.plugIn())
    },
    connect: (common) => {
      const cable = new Cable(common.clock, LINE, (line) => unit.serve(line))
      const box = new DieboldBox(cable, common.clock)
      return { cable, driver: new DieboldTse({ ...common, id: DEVICE, box, slot: 1 }) }
    },
  }
}

function epson(directory: string, clock: Clock): Family {
  const unit = new EpsonSimulator({ directory, clock })
  return {
    name: 'tse-epson',
    unit,
    blink: () => unit.hangUp(),
    connect: (common) => {
      const cable = new Cable(common.clock, LINE, (line) => unit.serve(line))
      return { cable, driver: new EpsonTse({ ...common, id: DEVICE, link: cable }) }
    },
  }
}
