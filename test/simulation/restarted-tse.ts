import type { QueueLoad } from '../../drivers/ports/queue-load.ts'
import type { TseSimulator } from '../../drivers/tse-simulator/driver.ts'

/** A TSE that loses its power: the next one over the same memory is another object, once the first is idle. */
export class RestartedTse {
  readonly #make: () => TseSimulator
  #gone: Promise<void> = Promise.resolve()
  #unit: TseSimulator

  constructor(make: () => TseSimulator) {
    this.#make = make
    this.#unit = make()
  }

  async reached(): Promise<TseSimulator> {
    await this.#gone
    return this.#unit
  }

  restart(): void {
    const before = this.#unit
    this.#gone = this.#gone.then(() => before.close())
    this.#unit = this.#make()
  }

  async close(): Promise<void> {
    await (await this.reached()).close()
  }

  load(): QueueLoad {
    return this.#unit.load()
  }

  inject(fault: string): void {
    this.#unit.inject(fault)
  }

  clearFaults(): void {
    this.#unit.clearFaults()
  }
}
