import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import { SerialLink } from '../links/serial.ts'
import { simulatedSerial } from '../rt/simulated-serial.ts'
import { RchPrinter } from './driver.ts'
import type { RchTimeouts } from './profile.ts'
import { RchSimulator } from './simulator.ts'

export type EmbeddedRchOptions = {
  /** Folder of its fiscal memory and of the stable name of its line. */
  directory: string
  clock: Clock
  departments: Readonly<Record<string, number>>
  timeouts: RchTimeouts
  printMs: number
}

/** The driver with a simulated printer at the other end of a pseudo-terminal: for trials and demonstrations. */
export class EmbeddedRchPrinter extends RchPrinter {
  readonly uncertified = true
  readonly #directory: string
  readonly #link: SerialLink
  readonly #path: string
  readonly #make: () => RchSimulator
  #simulator: RchSimulator | undefined

  constructor({ directory, clock, departments, timeouts, printMs }: EmbeddedRchOptions) {
    const path = join(directory, 'line')
    const link = new SerialLink({ path, baudRate: 9600, clock })
    super({ link, clock, departments, timeouts })
    this.#link = link
    this.#directory = directory
    this.#path = path
    this.#make = () => new RchSimulator({ directory, clock, printMs, serial: simulatedSerial(directory, '72IV6') })
  }

  override async open(): Promise<void> {
    if (this.#simulator === undefined) {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
      const simulator = this.#make()
      await simulator.servePty(this.#path)
      simulator.open()
      this.#simulator = simulator
    }
    await super.open()
  }

  look(): Promise<string | undefined> {
    return this.#link.look()
  }

  onLost(act: () => void): void {
    this.#link.onLost(act)
  }

  /** Throws `refused`, or `unavailable` before the device was first opened. */
  inject(fault: string): void {
    if (this.#simulator === undefined) throw new DeviceError('unavailable', 'none', 'is not open yet')
    this.#simulator.inject(fault)
  }

  clearFaults(): void {
    this.#simulator?.clearFaults()
  }

  override async close(): Promise<void> {
    await super.close()
    await this.#simulator?.close()
  }
}
