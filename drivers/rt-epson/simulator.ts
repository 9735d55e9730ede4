import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import { delay } from '../delay.ts'
import { faultTime, StandingFaults } from '../fault-times.ts'
import { listenHere } from '../links/served-line.ts'
import { CommandFaults } from '../rt/command-faults.ts'
import type { MemoryRecord, PrintedRecord } from '../rt/simulated-memory.ts'
import { SimulatedMemory } from '../rt/simulated-memory.ts'
import { simulatedSerial } from '../rt/simulated-serial.ts'
import type { AnswerForms } from './simulator-answer.ts'
import { answerOf, receiptInfo } from './simulator-answer.ts'
import type { Tag } from './simulator-elements.ts'
import { tagsOf } from './simulator-elements.ts'
import type { Outcome } from './simulator-file.ts'
import { ELEMENTS, executeFile } from './simulator-file.ts'
import type { EpsonQuirks } from './simulator-printer.ts'
import { SimulatedEpsonPrinter } from './simulator-printer.ts'

export type EpsonSimulatorOptions = {
  directory: string
  clock: Clock
  /** Called with every printed record. */
  onRecord?: (record: MemoryRecord) => void
  quirks?: EpsonQuirks & AnswerForms
}

/** Faults of a request. Conditions last for the milliseconds of their argument, or until the faults are cleared. */
const requestFaults = [
  'lost-request',
  'lost-answer',
  'busy',
  'slow', // answered after that time, or with LAN_TIME_OUT if its limit is shorter
  'paper-out',
  'unplugged',
  'unplugged-before',
  'power-cut', // after execution: an open document is lost
  'training',
  'out-of-service',
  'pre-service',
  'left-open', // another program left a receipt open just before
  'closed-by-itself', // a daily closing just after the request, as a printer makes at midnight
  'error', // refused; argument: the status, default an undocumented one
  'error-done', // executed and refused
] as const
/** Faults of one element of a file: the elements before it are executed, those after it are not. */
const elementFaults = ['error', 'error-done', 'paper-out', 'power-cut'] as const
const COMMANDS = [
  ...['printerFiscalReceipt', 'printXReport', 'printZReport', 'beginNonFiscal'],
  ...['queryPrinterStatus', 'directIO', 'openDrawer', 'printDuplicateReceipt', 'resetPrinter'],
]
const STATES = ['training', 'out-of-service', 'pre-service'] as const
const UNDOCUMENTED_STATUS = 99
const FAMILY = '99IEC'
const BODY_MAX_BYTES = 1_048_576
/** The service ends a request that says nothing about it, and one that asks for more (guide of the maker, history). */
const TIMEOUT_DEFAULT_MS = 10_000
const TIMEOUT_MAX_MS = 60_000

type Struck = ReadonlyMap<(typeof requestFaults)[number], string>
type Condition = 'paper-out' | 'unplugged' | 'unplugged-before' | (typeof STATES)[number]
/** Undefined if the connection breaks. */
type Handled = { answer: string | undefined; slowMs: number }

/** An RT printer with an XML service, over HTTP on this machine; its memory survives restarts. Fails on request. */
export class EpsonSimulator {
  readonly #options: EpsonSimulatorOptions
  readonly #memory: SimulatedMemory
  readonly #faults = new CommandFaults(requestFaults, COMMANDS)
  readonly #elementFaults = new CommandFaults(elementFaults, ELEMENTS)
  readonly #standing: StandingFaults
  readonly #printer: SimulatedEpsonPrinter
  #server: Server | undefined
  #unplugged = false
  /** Requests are worked off in turn. */
  #turn: Promise<void> = Promise.resolve()

  constructor(options: EpsonSimulatorOptions) {
    this.#options = options
    const { directory, clock, onRecord, quirks = {} } = options
    this.#standing = new StandingFaults(clock)
    this.#memory = new SimulatedMemory(directory, onRecord)
    this.#printer = new SimulatedEpsonPrinter({ memory: this.#memory, clock, quirks })
  }

  open(): void {
    this.#printer.serial = simulatedSerial(this.#options.directory, FAMILY)
    this.#memory.open()
  }

  /** 0 takes a free port, which is returned. */
  async serve(port: number): Promise<number> {
    const server = createServer((request, response) => this.#receive(request, response))
    this.#server = server
    return await listenHere(server, port)
  }

  /** `NAME[=ARG]@ELEMENT[#WHICH]`, e.g. `lost-answer@printerFiscalReceipt`, `error=17@printRecTotal`. Throws `refused`. */
  inject(fault: string): void {
    const act = /@([^#]+)/.exec(fault)?.[1] ?? ''
    if (ELEMENTS.includes(act)) this.#elementFaults.inject(fault)
    else this.#faults.inject(fault)
  }

  clearFaults(): void {
    this.#faults.clear()
    this.#elementFaults.clear()
    this.#standing.clear()
  }

  /** Printer, journal, drawer, document and mode: `00110` if idle. */
  get fpStatus(): string {
    return this.#printer.fpStatus
  }

  documents(): readonly PrintedRecord[] {
    return this.#memory.documents()
  }

  records(): readonly MemoryRecord[] {
    return this.#memory.records()
  }

  keyInSale(cents: number): void {
    this.#printer.keyInSale(cents)
  }

  /** The daily closing that a printer makes automatically at midnight. */
  closeByItself(): void {
    this.#printer.closeDay()
  }

  async close(): Promise<void> {
    this.#standing.drop()
    const server = this.#server
    server?.closeAllConnections()
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()))
    this.#memory.close()
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
      if (body.length > BODY_MAX_BYTES) request.socket.destroy()
    })
    request.on('end', () => {
      this.#turn = this.#turn.then(() => this.#work(body, timeoutOf(request.url ?? ''), response))
    })
  }

  async #work(body: string, timeoutMs: number, response: ServerResponse): Promise<void> {
    const { answer, slowMs } = this.#handle(body)
    const { clock } = this.#options
    if (slowMs <= timeoutMs) {
      if (slowMs > 0) await delay(clock, slowMs)
      return respond(response, answer)
    }
    await delay(clock, timeoutMs)
    respond(response, this.#answer([], { code: 'LAN_TIME_OUT', status: 0 }))
    await delay(clock, slowMs - timeoutMs)
  }

  /** The answer to a posted body; undefined if the connection breaks. */
  answer(body: string): string | undefined {
    return this.#handle(body).answer
  }

  #handle(body: string): Handled {
    if (this.#unplugged) return { answer: undefined, slowMs: 0 }
    const tags = tagsOf(body)
    const [first, second] = tags
    // The report or command itself is more specific than the element around it.
    const act = first?.name === 'printerFiscalReceipt' ? first.name : (second?.name ?? '')
    const struck = this.#faults.strike(act)
    for (const name of ['unplugged-before', 'paper-out', ...STATES] as const) this.#begin(name, struck.get(name))
    if (struck.has('left-open')) this.#printer.leaveOpen()
    if (struck.has('lost-request') || struck.has('unplugged-before')) return { answer: undefined, slowMs: 0 }
    const outcome = this.#outcome(struck, tags)
    if (struck.has('closed-by-itself')) this.#printer.closeDay()
    this.#begin('unplugged', struck.get('unplugged'))
    if (struck.has('power-cut')) this.#losePower(struck.get('power-cut'))
    const isLost = (['unplugged', 'lost-answer', 'power-cut'] as const).some((name) => struck.has(name))
    const slowMs = Number(struck.get('slow') ?? 0)
    return { answer: isLost || outcome === 'power-cut' ? undefined : this.#answer(tags, outcome), slowMs }
  }

  #answer(tags: readonly Tag[], outcome: Outcome): string {
    const printer = this.#printer
    const isReceipt = tags[0]?.name === 'printerFiscalReceipt' || tags.some(({ name }) => name === 'printZReport')
    const isDone = 'info' in outcome
    const { quirks = {} } = this.#options
    const receipt = isDone && isReceipt ? receiptInfo({ memory: this.#memory, printer, forms: quirks }) : []
    const info = [...receipt, ...(isDone ? outcome.info : [])]
    return answerOf(tags, isDone ? undefined : outcome, info, printer.fpStatus)
  }

  #outcome(struck: Struck, tags: readonly Tag[]): Outcome | 'power-cut' {
    if (struck.has('busy')) return { code: 'LAN_TIME_OUT', status: 0 }
    const status = Number(struck.get('error') || struck.get('error-done') || UNDOCUMENTED_STATUS)
    const refused = { code: 'PRINTER ERROR', status }
    if (struck.has('error')) return refused
    const outcome = executeFile(this.#printer, tags, (element) => this.#elementOutcome(element))
    return struck.has('error-done') && outcome !== 'power-cut' ? refused : outcome
  }

  /** The fault at an element; undefined if it is executed. */
  #elementOutcome(element: string): ReturnType<Parameters<typeof executeFile>[2]> {
    const struck = this.#elementFaults.strike(element)
    if (struck.has('power-cut')) {
      this.#losePower(struck.get('power-cut'))
      return { when: 'before', outcome: 'power-cut' }
    }
    this.#begin('paper-out', struck.get('paper-out'))
    const name = (['error', 'error-done'] as const).find((candidate) => struck.has(candidate))
    if (name === undefined) return undefined
    const status = Number(struck.get(name) || UNDOCUMENTED_STATUS)
    return { when: name === 'error' ? 'before' : 'after', outcome: { code: 'PRINTER ERROR', status } }
  }

  /** The open document is lost, and the printer is silent until it is up again. */
  #losePower(argument = ''): void {
    this.#printer.losePower()
    this.#unplugged = true
    this.#standing.begin('power-cut', faultTime('power-cut', argument), () => {
      this.#unplugged = false
    })
  }

  #begin(name: Condition, argument: string | undefined): void {
    if (argument === undefined) return
    const set = (isStruck: boolean): void => {
      if (name === 'paper-out') this.#printer.hasPaper = !isStruck
      else if (name === 'unplugged' || name === 'unplugged-before') this.#unplugged = isStruck
      else this.#printer.state = isStruck ? name : 'in-service'
    }
    set(true)
    this.#standing.begin(name, faultTime(name, argument), () => set(false))
  }
}

function timeoutOf(url: string): number {
  const asked = Number(/[?&]timeout=(\d+)/.exec(url)?.[1] ?? TIMEOUT_DEFAULT_MS)
  return Math.min(asked, TIMEOUT_MAX_MS)
}

function respond(response: ServerResponse, answer: string | undefined): void {
  if (answer === undefined) {
    response.socket?.destroy()
    return
  }
  response.setHeader('Content-Type', 'text/xml; charset=utf-8')
  response.end(answer)
}
