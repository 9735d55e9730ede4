import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import type { RchSimulator } from '../../../drivers/rt-rch/simulator.ts'
import { TurningClock } from '../../turning-clock.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import type { PrinterFamily, SimulatedPrinter } from './printer-families.ts'
import { CUSTOM, EPSON, RCH } from './printer-families.ts'

/** A simulated printer that outlives the agent, on the network. */
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
    const { simulator, port } = await served(family, directory, { serial, port: 0 })
    return new PrinterBeside(family, directory, simulator, port)
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

  /** An agent whose only device is this printer; on a busy machine its deadlines stretch. */
  agent(config: Members = {}): Promise<Bench> {
    return Bench.open({ clock: new TurningClock(), config: { devices: [this.device()], ...config } })
  }

  device(): Members {
    return { id: 'rt-1', ...this.#family.device(this.#port) }
  }

  /** Takes the printer off the line; it keeps its memory. */
  async unplug(): Promise<void> {
    await this.#simulator.close()
  }

  /** Puts it back, or replaces it by another one of that matricola. */
  async plugIn(serial?: string): Promise<void> {
    const { simulator } = await served(this.#family, this.#directory, { serial, port: this.#port })
    this.#simulator = simulator
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#simulator.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

async function served<S extends SimulatedPrinter>(
  family: PrinterFamily<S>,
  folder: string,
  { serial, port }: { serial: string | undefined; port: number },
): Promise<{ simulator: S; port: number }> {
  const { simulator, serve } = family.make(join(folder, serial ?? 'first'), serial)
  simulator.open()
  return { simulator, port: await serve(port) }
}

const PRINTERS = {
  rch: () => PrinterBeside.of(RCH),
  custom: () => PrinterBeside.of(CUSTOM),
  epson: () => PrinterBeside.of(EPSON),
} satisfies Readonly<Record<string, () => Promise<PrinterBeside<SimulatedPrinter>>>>

export type FamilyName = keyof typeof PRINTERS

export function isFamily(name: string): name is FamilyName {
  return Object.hasOwn(PRINTERS, name)
}

export function printerOf(family: FamilyName): Promise<PrinterBeside<SimulatedPrinter>> {
  return PRINTERS[family]()
}
