import type { Clock } from '../../base/clock.ts'
import type { ServedLine } from '../links/served-line.ts'
import type { LineDevice } from './simulated-line.ts'
import { SimulatedLine } from './simulated-line.ts'
import type { MemoryRecord, PrintedRecord, SimulatedMemory } from './simulated-memory.ts'

/** A device whose panel and midnight the simulator also plays. */
export type PanelDevice<Frame> = LineDevice<Frame> & { keyInSale(cents: number): void; closeByItself(): void }

/**
 * A simulated printer on a line: over TCP or a pseudo-terminal, with a memory that survives a kill at any point, and
 * faults on request.
 */
export abstract class LineSimulator<Frame> {
  readonly #memory: SimulatedMemory
  readonly #device: PanelDevice<Frame>
  readonly #line: SimulatedLine<Frame>

  constructor(memory: SimulatedMemory, device: PanelDevice<Frame>, clock: Clock) {
    this.#memory = memory
    this.#device = device
    this.#line = new SimulatedLine(device, clock)
  }

  open(): void {
    this.#memory.open()
  }

  /** Serves on a TCP port of this machine; 0 takes a free one, which is returned. */
  serveTcp(port: number): Promise<number> {
    return this.#line.serveTcp(port)
  }

  /** Serves on a pseudo-terminal with a stable name. */
  servePty(link: string): Promise<void> {
    return this.#line.servePty(link)
  }

  /** Serves a new line instead of the one before; hangs up if the printer is unplugged. */
  serve(line: ServedLine): void {
    this.#line.serve(line)
  }

  /** `NAME[=ARG]@COMMAND[#WHICH]`, e.g. `lost-answer@=T` or `lost-answer@3011`. Throws `refused`. */
  inject(fault: string): void {
    this.#line.inject(fault)
  }

  clearFaults(): void {
    this.#line.clearFaults()
  }

  /** Printed documents, oldest first. */
  documents(): readonly PrintedRecord[] {
    return this.#memory.documents()
  }

  records(): readonly MemoryRecord[] {
    return this.#memory.records()
  }

  /** A sale keyed in at the panel. */
  keyInSale(cents: number): void {
    this.#device.keyInSale(cents)
  }

  /** The daily closing that a printer makes automatically at midnight. */
  closeByItself(): void {
    this.#device.closeByItself()
  }

  async close(): Promise<void> {
    await this.#line.close()
    this.#memory.close()
  }
}
