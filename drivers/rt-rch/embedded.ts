import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { SerialLink } from '../links/serial.ts'
import type { Clock } from '../ports/clock.ts'
import { RchPrinter } from './driver.ts'
import type { RchTimeouts } from './profile.ts'
import { RchSimulator } from './simulator.ts'

export type EmbeddedRchOptions = {
  /** Of its fiscal memory and of the stable name of its line. */
  directory: string
  clock: Clock
  departments: Readonly<Record<string, number>>
  timeouts: RchTimeouts
  printMs: number
}

/** The driver together with a simulated printer at the other end of a pseudo-terminal: for trials and demonstrations. */
export class EmbeddedRchPrinter extends RchPrinter {
  readonly #simulator: RchSimulator
  readonly #directory: string
  readonly #path: string
  #served = false

  constructor({ directory, clock, departments, timeouts, printMs }: EmbeddedRchOptions) {
    const path = join(directory, 'line')
    super({ link: new SerialLink({ path, baudRate: 9600, clock }), clock, departments, timeouts })
    this.#simulator = new RchSimulator({ directory, clock, printMs })
    this.#directory = directory
    this.#path = path
  }

  override async open(): Promise<void> {
    if (!this.#served) {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
      await this.#simulator.servePty(this.#path)
      this.#simulator.open()
      this.#served = true
    }
    await super.open()
  }

  inject(fault: string): void {
    this.#simulator.inject(fault)
  }

  clearFaults(): void {
    this.#simulator.clearFaults()
  }

  override async close(): Promise<void> {
    await super.close()
    await this.#simulator.close()
  }
}
