import type { Clock } from '../../base/clock.ts'
import { delay } from '../delay.ts'
import type { StandingFaults } from '../fault-times.ts'
import type { PanelDevice } from '../rt/line-simulator.ts'
import { LineSimulator } from '../rt/line-simulator.ts'
import { spoilConditions } from '../rt/simulated-conditions.ts'
import type { Struck } from '../rt/simulated-faults.ts'
import type { MemoryRecord } from '../rt/simulated-memory.ts'
import { SimulatedMemory } from '../rt/simulated-memory.ts'
import type { Frame } from './frame.ts'
import { encodeFrame, FrameReader } from './frame.ts'
import { formatOutcome } from './reply.ts'
import { ENQUIRIES } from './simulator-enquiries.ts'
import type { PrinterQuirks } from './simulator-printer.ts'
import { SimulatedRchPrinter } from './simulator-printer.ts'

export type RchSimulatorOptions = {
  /** Folder of its fiscal memory, kept across restarts. */
  directory: string
  clock: Clock
  serial?: string
  /** The printer's own time for each document. */
  printMs?: number
  /** Called with every printed record. */
  onRecord?: (record: MemoryRecord) => void
  quirks?: PrinterQuirks & {
    /** Sends the texts of the memory between STX and ETX. */
    framedTexts?: boolean
    /** An identical repeated frame is answered from memory instead of being executed. */
    remembersFrames?: boolean
    /** Its ACK is switched off. */
    isWithoutAck?: boolean
    /** Replies carry the character of the command instead of its code modulo 10. */
    samePack?: boolean
  }
}

/** The end of a document whose closing payment ran out of paper. */
type PaperEnd = { how: 'resume' | 'lose'; repliesAgain: boolean }

const PAPER_MS = 300

/**
 * An RT printer that speaks the RCH native line in its own bytes, over TCP or a pseudo-terminal. Its memory survives a
 * kill at any point, and it fails on request.
 */
export class RchSimulator extends LineSimulator<Frame> {
  constructor(options: RchSimulatorOptions) {
    const memory = new SimulatedMemory(options.directory, options.onRecord)
    super(memory, new RchDevice(options, memory), options.clock)
  }
}

const COMMANDS = [...Array.from('%V"RTCKSacxkroepDOf', (code) => `=${code}`), ...ENQUIRIES]

class RchDevice implements PanelDevice<Frame> {
  readonly commands = COMMANDS
  readonly #options: RchSimulatorOptions
  readonly #memory: SimulatedMemory
  readonly #printer: SimulatedRchPrinter
  readonly #reader = new FrameReader(true)
  #paperEnd: PaperEnd | undefined
  #lastFrame = ''
  #lastReply: Buffer = Buffer.alloc(0)

  constructor(options: RchSimulatorOptions, memory: SimulatedMemory) {
    this.#options = options
    this.#memory = memory
    const { clock, serial = '72IV6000001', quirks = {} } = options
    this.#printer = new SimulatedRchPrinter({ memory, clock, serial, quirks })
  }

  keyInSale(cents: number): void {
    this.#printer.keyInSale(cents)
  }

  closeByItself(): void {
    this.#printer.closeDay()
  }

  get acknowledges(): boolean {
    return this.#options.quirks?.isWithoutAck !== true
  }

  read(bytes: Buffer): readonly (Frame | 'bad')[] {
    return this.#reader.read(bytes).flatMap((heard) => {
      if (heard.kind === 'frame') return ['NzV'.includes(heard.frame.protocol) ? heard.frame : 'bad']
      return heard.kind === 'bad' ? ['bad'] : []
    })
  }

  reset(): void {
    this.#reader.reset()
  }

  nameOf({ data }: Frame): string {
    return data
  }

  isForeign({ address }: Frame): boolean {
    return address !== '00' && address !== '01'
  }

  losePower(): void {
    this.#printer.losePower()
    this.#lastFrame = ''
  }

  spoil(struck: Struck, standing: StandingFaults): void {
    const printer = this.#printer
    spoilConditions(printer.conditions, struck, standing, () => void printer.loadPaper('resume'))
    for (const how of ['resume', 'lose'] as const) {
      const argument = struck.get(`paper-end-${how}`)
      if (argument === undefined) continue
      printer.paperEndsAtClosing = true
      this.#paperEnd = { how, repliesAgain: argument === 'w' }
    }
    if (struck.has('manual-sale')) printer.keyInSale(Number(struck.get('manual-sale') || 1250))
    if (struck.has('closed-by-itself') && printer.status() === '00') printer.closeDay()
  }

  async execute(frame: Frame): Promise<Buffer> {
    const { quirks, printMs = 0, clock } = this.#options
    const key = `${frame.pack}${frame.data}`
    if (quirks?.remembersFrames && key === this.#lastFrame) return this.#lastReply
    this.#lastFrame = key
    const before = this.#memory.records().length
    const { data, text = '' } = this.#printer.execute(frame.data)
    if (this.#memory.records().length > before) await delay(clock, printMs)
    const dump = Buffer.from(text !== '' && quirks?.framedTexts ? `\x02${text}\x03` : text, 'latin1')
    this.#lastReply = Buffer.concat([dump, this.#framed(data, frame.pack)])
    return this.#lastReply
  }

  refuse({ pack }: Frame, code: string): Buffer {
    return this.#framed(formatOutcome(code === 'busy' ? 'EG0050' : code, this.#printer.status()), pack)
  }

  stale({ pack }: Frame): Buffer {
    return this.#framed(formatOutcome('ON0000', '00'), String((pack.charCodeAt(0) + 5) % 10))
  }

  /** The closing payment ran out of paper, which is loaded soon. A second reply may follow then (W=1). */
  async takesReply({ pack }: Frame, reply: Buffer, send: (bytes: Buffer) => void): Promise<boolean> {
    const paperEnd = this.#paperEnd
    if (!this.#printer.isSuspended || !paperEnd) return false
    this.#paperEnd = undefined
    const { clock } = this.#options
    if (!paperEnd.repliesAgain) {
      clock.after(PAPER_MS, () => this.#printer.loadPaper(paperEnd.how))
      send(reply)
      return true
    }
    send(this.#framed(formatOutcome('EP0040', '02', true), pack))
    await delay(clock, PAPER_MS)
    const completed = this.#printer.loadPaper(paperEnd.how)
    send(this.#framed(formatOutcome(completed ? 'ON0000' : 'EG0051', this.#printer.status()), pack))
    return true
  }

  #framed(data: string, pack: string): Buffer {
    const reply = this.#options.quirks?.samePack ? pack : String(pack.charCodeAt(0) % 10)
    return encodeFrame({ address: '01', protocol: 'N', pack: reply, data })
  }
}
