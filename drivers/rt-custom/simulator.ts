import type { Clock } from '../../base/clock.ts'
import { delay } from '../delay.ts'
import type { StandingFaults } from '../fault-times.ts'
import type { PanelDevice } from '../rt/line-simulator.ts'
import { LineSimulator } from '../rt/line-simulator.ts'
import { spoilConditions } from '../rt/simulated-conditions.ts'
import type { Struck } from '../rt/simulated-faults.ts'
import { milliseconds } from '../rt/simulated-faults.ts'
import type { MemoryRecord } from '../rt/simulated-memory.ts'
import { SimulatedMemory } from '../rt/simulated-memory.ts'
import type { CustomFrame } from './frame.ts'
import { encodeFrame, FrameReader } from './frame.ts'
import { ENQUIRIES } from './simulator-enquiries.ts'
import type { CustomSwitches } from './simulator-generation.ts'
import { SimulatedCustomPrinter } from './simulator-printer.ts'

export type CustomSimulatorOptions = {
  directory: string
  clock: Clock
  /** The matricola of the printer. */
  serial?: string
  switches?: Partial<CustomSwitches>
  /** Called with every printed record. */
  onRecord?: (record: MemoryRecord) => void
}

/** An RT printer that speaks the Custom line in its own bytes, over TCP or a pseudo-terminal, and fails on request. */
export class CustomSimulator extends LineSimulator<CustomFrame> {
  constructor({ directory, clock, serial = '2CISF000001', switches = {}, onRecord }: CustomSimulatorOptions) {
    const memory = new SimulatedMemory(directory, onRecord)
    super(memory, new CustomDevice(new SimulatedCustomPrinter({ memory, clock, serial, switches }), clock), clock)
  }
}

const PAPER_POLL_MS = 20
const PAPER_ENDED = 'ERR16'
/** 1513 is answered when its file was sent, or after that time. */
const WAITS_FOR_FILE_MS = 30_000
const PRINTING = /^(3|400[34]|7106[DP]|7101A.{14}1|2002)/

const COMMANDS = [
  ...['2002', '2003', '3002', '3007', '3010', '3011', '3013', '3019', '3301', '4001', '4003', '4004'],
  ...['4007', '6403', '7008', '7101', '7106', '7112', '7114', '8004', '8006', ...ENQUIRIES],
]

class CustomDevice implements PanelDevice<CustomFrame> {
  readonly commands = COMMANDS
  readonly printer: SimulatedCustomPrinter
  readonly #clock: Clock
  readonly #reader = new FrameReader()
  /** Counter of the next frame; any after a start. 00 is always accepted. */
  #expected: number | undefined
  /** The paper ends in the next command that prints, and the roll is changed after that time. */
  #paperEndsForMs: number | undefined
  /** The command that is suspended until the roll is changed. */
  #held: string | undefined

  constructor(printer: SimulatedCustomPrinter, clock: Clock) {
    this.printer = printer
    this.#clock = clock
  }

  /** Acknowledgements of the host need no answer. */
  read(bytes: Buffer): readonly (CustomFrame | 'bad')[] {
    return this.#reader.read(bytes).flatMap((heard): (CustomFrame | 'bad')[] => {
      if (heard.kind === 'frame') return [this.#takes(heard.frame) ? heard.frame : 'bad']
      return heard.kind === 'bad' ? ['bad'] : []
    })
  }

  reset(): void {
    this.#reader.reset()
  }

  nameOf({ body }: CustomFrame): string {
    return body
  }

  isForeign(): boolean {
    return false
  }

  keyInSale(cents: number): void {
    this.printer.keyInSale(cents)
  }

  closeByItself(): void {
    this.printer.closeDay()
  }

  losePower(): void {
    this.#expected = undefined
    this.#held = undefined
    this.printer.losePower()
  }

  spoil(struck: Struck, standing: StandingFaults): void {
    const { printer } = this
    spoilConditions(printer.conditions, struck, standing)
    if (struck.has('manual-sale')) printer.keyInSale(Number(struck.get('manual-sale') || 1250))
    if (struck.has('closed-by-itself')) printer.closeDay()
    if (struck.has('paper-end-resume')) this.#paperEndsForMs = milliseconds(struck, 'paper-end-resume')
  }

  /** At paper end the printer waits for the roll and prints what was in progress. */
  async execute({ counter, body }: CustomFrame, closing: AbortSignal): Promise<Buffer> {
    const endsForMs = PRINTING.test(body) ? this.#paperEndsForMs : undefined
    if (endsForMs !== undefined) return this.#endPaperIn({ counter, body }, endsForMs)
    while (!this.printer.conditions.paper && !body.startsWith('1')) {
      if (closing.aborted) return this.refuse({ counter, body }, PAPER_ENDED)
      await delay(this.#clock, PAPER_POLL_MS, closing)
    }
    if (this.printer.conditions.paper) this.#resume()
    if (body === '1513') await delay(this.#clock, Math.min(this.printer.sendsForMs, WAITS_FOR_FILE_MS), closing)
    this.#expected = (counter + 1) % 100
    return encodeFrame({ counter, body: this.printer.execute(body) })
  }

  /** The host gets an error, but the printer prints after the roll is changed. */
  #endPaperIn(frame: CustomFrame, ms: number): Buffer {
    const { conditions } = this.printer
    this.#paperEndsForMs = undefined
    this.#held = frame.body
    conditions.paper = false
    this.#clock.after(ms, () => {
      conditions.paper = true
    })
    return this.refuse(frame, PAPER_ENDED)
  }

  #resume(): void {
    if (this.#held !== undefined) this.printer.execute(this.#held)
    this.#held = undefined
  }

  refuse({ counter }: CustomFrame, code: string): Buffer {
    this.#expected = (counter + 1) % 100
    return encodeFrame({ counter, body: code === 'busy' ? 'ERR75' : code })
  }

  #takes({ counter }: CustomFrame): boolean {
    return counter === 0 || this.#expected === undefined || counter === this.#expected
  }

  stale({ counter }: CustomFrame): Buffer {
    return encodeFrame({ counter: (counter + 50) % 100, body: '1012' })
  }
}
