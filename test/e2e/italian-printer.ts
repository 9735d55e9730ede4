import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PrintedRecord } from '../../drivers/rt/simulated-memory.ts'
import type { RchSimulator } from '../../drivers/rt-rch/simulator.ts'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import type { PrinterFamily, SimulatedPrinter } from './printer-families.ts'
import { RCH } from './printer-families.ts'

/** A simulated printer that outlives the agent: it stands beside it, on the network. */
export class PrinterBeside<S extends SimulatedPrinter = RchSimulator> {
  readonly #family: PrinterFamily<S>
  readonly #directory: string
  readonly #port: number
  #simulator: S

  private constructor(family: PrinterFamily<S>, directory: string, simulator: S, port: number) {
    this.#family = family
    this.#directory = directory
    this.#simulator = simulator
    this.#port = port
  }

  static open(serial?: string): Promise<PrinterBeside> {
    return PrinterBeside.of(RCH, serial)
  }

  static async of<S extends SimulatedPrinter>(family: PrinterFamily<S>, serial?: string): Promise<PrinterBeside<S>> {
    const directory = await mkdtemp(join(tmpdir(), 'rt-beside-'))
    const simulator = made(family, directory, serial)
    return new PrinterBeside(family, directory, simulator, await family.serve(simulator, 0))
  }

  get simulator(): S {
    return this.#simulator
  }

  get documents(): readonly PrintedRecord[] {
    return this.#simulator.documents()
  }

  get port(): number {
    return this.#port
  }

  /** An agent whose only device is this printer. */
  agent(config: Members = {}): Promise<Bench> {
    return Bench.open({ config: { devices: [this.device()], ...config } })
  }

  device(): Members {
    return { id: 'rt-1', ...this.#family.device(this.#port) }
  }

  /** Takes the printer off the line; it keeps its memory. */
  async unplug(): Promise<void> {
    await this.#simulator.close()
  }

  /** Puts it back, or another one of that matricola in its place. */
  async plugIn(serial?: string): Promise<void> {
    this.#simulator = made(this.#family, this.#directory, serial)
    await this.#family.serve(this.#simulator, this.#port)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#simulator.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

function made<S extends SimulatedPrinter>(family: PrinterFamily<S>, directory: string, serial: string | undefined): S {
  const simulator = family.make(join(directory, serial ?? 'first'), serial)
  simulator.open()
  return simulator
}
