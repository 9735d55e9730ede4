import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../agent/clock.ts'
import type { PrintedRecord } from '../../drivers/rt/simulated-memory.ts'
import { RchSimulator } from '../../drivers/rt-rch/simulator.ts'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import { FAST_LINE } from './italy.ts'

const PROFILE = { busyPauseMs: 20, pollMs: 20, nakQuietMs: 20, paperWaitMs: 200 }

/** A simulated printer that outlives the agent: it stands beside it, on a TCP line. */
export class PrinterBeside {
  readonly #directory: string
  readonly #port: number
  #simulator: RchSimulator

  private constructor(directory: string, simulator: RchSimulator, port: number) {
    this.#directory = directory
    this.#simulator = simulator
    this.#port = port
  }

  static async open(serial?: string): Promise<PrinterBeside> {
    const directory = await mkdtemp(join(tmpdir(), 'rt-beside-'))
    const simulator = made(directory, serial)
    return new PrinterBeside(directory, simulator, await simulator.serveTcp(0))
  }

  get simulator(): RchSimulator {
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
    const tcp = { host: '127.0.0.1', port: this.#port }
    return { id: 'rt-1', driver: 'rt-rch', tcp, timeouts: FAST_LINE, profile: PROFILE }
  }

  /** Takes the printer off the line; it keeps its memory. */
  async unplug(): Promise<void> {
    await this.#simulator.close()
  }

  /** Puts it back, or another one of that matricola in its place. */
  async plugIn(serial?: string): Promise<void> {
    this.#simulator = made(this.#directory, serial)
    await this.#simulator.serveTcp(this.#port)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#simulator.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

function made(directory: string, serial: string | undefined): RchSimulator {
  const folder = join(directory, serial ?? 'first')
  const simulator = new RchSimulator({ directory: folder, clock: systemClock, ...(serial !== undefined && { serial }) })
  simulator.open()
  return simulator
}
