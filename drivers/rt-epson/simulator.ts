import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import { faultTime, StandingFaults } from '../fault-times.ts'
import { romeTime } from '../rt/civil-time.ts'
import { CommandFaults } from '../rt/command-faults.ts'
import { four } from '../rt/document-number.ts'
import { euros, OpenDocument } from '../rt/simulated-document.ts'
import type { MemoryRecord, PrintedRecord, SimulatedOriginal } from '../rt/simulated-memory.ts'
import { PERIOD_MAX_MS, SimulatedMemory } from '../rt/simulated-memory.ts'
import { leftOf, originalAt, unfitForReturn, unfitForVoid } from '../rt/simulated-originals.ts'
import { printDocument } from '../rt/simulated-paper.ts'
import { simulatedSerial } from '../rt/simulated-serial.ts'
import type { Tag } from './simulator-receipt.ts'
import { applyTag, isWhole, originalIn, tagsOf, withoutReplaced } from './simulator-receipt.ts'

export type EpsonSimulatorOptions = {
  directory: string
  clock: Clock
  /** Called with every printed record. */
  onRecord?: (record: MemoryRecord) => void
}

/**
 * `unplugged` and `paper-out` last for the milliseconds of their argument, or until the faults are cleared;
 * `closed-by-itself` is a daily closing just after the request, as a printer makes at midnight.
 */
const faultNames = [
  ...([
    'lost-request',
    'lost-answer',
    'busy',
    'paper-out',
    'unplugged',
    'unplugged-before',
    'closed-by-itself',
  ] as const),
  // Refused, and for `error-done` executed anyway; argument: the status, default an undocumented one.
  ...(['error', 'error-done'] as const),
] as const
const COMMANDS = [
  ...['printerFiscalReceipt', 'printXReport', 'printZReport', 'beginNonFiscal'],
  ...['queryPrinterStatus', 'directIO', 'openDrawer'],
]
const UNDOCUMENTED_STATUS = 99
const FAMILY = '99IEC'
const BODY_MAX_BYTES = 1_048_576

type Failure = { code: string; status: number }
type Outcome = Failure | ReadonlyMap<string, string>

/** Already voided or returned, not found, or not a sale. */
function voidStatus(record: PrintedRecord | undefined, unfit: string | undefined): number {
  if (unfit === 'EG0021') return 39
  return record === undefined || record.kind === 'sale' ? 12 : 41
}

/** An RT printer with an XML service, over HTTP on this machine; its memory survives restarts. Fails on request. */
export class EpsonSimulator {
  readonly #options: EpsonSimulatorOptions
  readonly #memory: SimulatedMemory
  readonly #faults = new CommandFaults(faultNames, COMMANDS)
  readonly #standing: StandingFaults
  #server: Server | undefined
  #matricola = ''
  #unplugged = false
  #paper = true

  constructor(options: EpsonSimulatorOptions) {
    this.#options = options
    this.#standing = new StandingFaults(options.clock)
    this.#memory = new SimulatedMemory(options.directory, options.onRecord)
  }

  open(): void {
    this.#matricola = simulatedSerial(this.#options.directory, FAMILY)
    this.#memory.open()
  }

  /** 0 takes a free port, which is returned. */
  async serve(port: number): Promise<number> {
    const server = createServer((request, response) => this.#receive(request, response))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    const address = server.address()
    return typeof address === 'object' && address ? address.port : port
  }

  /** `NAME[=ARG]@ELEMENT[#WHICH]`, e.g. `lost-answer@printerFiscalReceipt`. Throws `refused`. */
  inject(fault: string): void {
    this.#faults.inject(fault)
  }

  clearFaults(): void {
    this.#faults.clear()
    this.#standing.clear()
  }

  documents(): readonly PrintedRecord[] {
    return this.#memory.documents()
  }

  records(): readonly MemoryRecord[] {
    return this.#memory.records()
  }

  keyInSale(cents: number): void {
    const document = new OpenDocument('sale')
    document.addLine(1, cents, 1000, 'REPARTO 1')
    document.pay(1, undefined)
    this.#complete(document)
  }

  /** The daily closing that a printer makes automatically at midnight. */
  closeByItself(): void {
    this.#closeDay()
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
      const answer = this.answer(body)
      if (answer === undefined) return void request.socket.destroy()
      response.setHeader('Content-Type', 'text/xml; charset=utf-8')
      response.end(answer)
    })
  }

  /** The answer to a posted body; undefined if the connection breaks. */
  answer(body: string): string | undefined {
    if (this.#unplugged) return undefined
    const tags = tagsOf(body)
    const [first, second] = tags
    // The report or command itself is more specific than the element around it.
    const act = first?.name === 'printerFiscalReceipt' ? first.name : (second?.name ?? '')
    const struck = this.#faults.strike(act)
    for (const name of ['unplugged-before', 'paper-out'] as const) this.#begin(name, struck)
    if (struck.has('lost-request') || struck.has('unplugged-before')) return undefined
    const outcome = this.#outcome(struck, () => this.#execute(first?.name ?? '', tags))
    if (struck.has('closed-by-itself')) this.#closeDay()
    this.#begin('unplugged', struck)
    return struck.has('unplugged') || struck.has('lost-answer') ? undefined : this.#reply(outcome)
  }

  #outcome(struck: ReadonlyMap<string, string>, execute: () => Outcome): Outcome {
    if (struck.has('busy')) return { code: 'LAN_TIME_OUT', status: 0 }
    const status = Number(struck.get('error') || struck.get('error-done') || UNDOCUMENTED_STATUS)
    if (struck.has('error')) return { code: 'PRINTER ERROR', status }
    const outcome = execute()
    return struck.has('error-done') ? { code: 'PRINTER ERROR', status } : outcome
  }

  #begin(name: 'paper-out' | 'unplugged' | 'unplugged-before', struck: ReadonlyMap<string, string>): void {
    const argument = struck.get(name)
    if (argument === undefined) return
    const set = (isStruck: boolean): void => {
      if (name === 'paper-out') this.#paper = !isStruck
      else this.#unplugged = isStruck
    }
    set(true)
    this.#standing.begin(name, faultTime(name, argument), () => set(false))
  }

  /** A refusal, or the answer's data in addition to the printer's state. */
  #execute(name: string, tags: readonly Tag[]): Outcome {
    const command = tags.find((tag) => tag.name === 'directIO')?.attributes.get('command')
    if (command !== undefined) {
      const data = this.#directIo(command)
      return data === undefined ? { code: 'PRINTER ERROR', status: 16 } : new Map([['responseData', data]])
    }
    if (tags.some((tag) => tag.name === 'printZReport')) this.#closeDay()
    if (name === 'printerFiscalReceipt') return this.#printReceipt(tags) ?? this.#infoOfLast()
    if (name === 'printerFiscalReport' || name === 'printerCommand') return new Map()
    if (name !== 'printerNonFiscal') return { code: 'PARSER_ERROR', status: 0 }
    const lines = tags.flatMap((tag) => tag.attributes.get('data') ?? [])
    this.#memory.append({ type: 'slip', number: this.#memory.nonFiscal + 1, at: this.#now(), lines, cashCents: 0 })
    return new Map()
  }

  #infoOfLast(): ReadonlyMap<string, string> {
    const { at, totalCents } = this.#lastDocument()
    return new Map([
      ['fiscalReceiptAmount', euros(totalCents)],
      ['fiscalReceiptDate', `${Number(at.slice(8, 10))}/${Number(at.slice(5, 7))}/${at.slice(0, 4)}`],
      ['fiscalReceiptTime', at.slice(11, 16)],
    ])
  }

  #closeDay(): void {
    const { z, number } = this.#memory
    this.#memory.append({ type: 'closure', z: z + 1, at: this.#now(), documents: number })
  }

  #printReceipt(tags: readonly Tag[]): Failure | undefined {
    if (!this.#paper) return { code: 'EPTR_REC_EMPTY', status: 0 }
    if (this.#wantsClosure) return { code: 'PRINTER ERROR', status: 11 }
    const named = originalIn(tags)
    if (!named) return this.#printLines(new OpenDocument('sale'), tags)
    const { word, ...reference } = named
    const original = originalAt(this.#matricola, reference)
    if (word === 'VOID') return this.#void(original)
    const unfit = unfitForReturn(this.#memory, original)
    if (unfit) return { code: 'PRINTER ERROR', status: unfit === 'EG0020' ? 12 : 40 }
    return this.#printLines(new OpenDocument('return', original), tags)
  }

  #printLines(document: OpenDocument, tags: readonly Tag[]): Failure | undefined {
    const failure = { code: 'PRINTER ERROR', status: 11 }
    if (!isWhole(tags)) return failure
    for (const tag of withoutReplaced(tags)) if (applyTag(document, tag)) return failure
    if (document.isEmpty || document.payments.length === 0 || document.paidCents < document.totalCents) return failure
    if (document.original && leftOf(this.#memory, document.original) < document.totalCents) return failure
    this.#complete(document)
    return undefined
  }

  #void(original: SimulatedOriginal): Failure | undefined {
    const record = this.#memory.find(original.z, original.number)
    const unfit = unfitForVoid(this.#memory, original)
    if (!record || unfit) return { code: 'PRINTER ERROR', status: voidStatus(record, unfit) }
    const { totalCents, cashCents } = record
    const document = { kind: 'void', original, totalCents, cashCents: -cashCents, at: this.#now() } as const
    printDocument(this.#memory, document, [], this.#matricola)
    return undefined
  }

  #complete(document: OpenDocument): void {
    const { kind, original, totalCents, cashCents } = document
    const head = { kind, original, totalCents, cashCents, at: this.#now() }
    printDocument(this.#memory, head, document.body(), this.#matricola)
  }

  /** Undefined for an unknown command. */
  #directIo(command: string): string | undefined {
    if (command === '3217')
      return `01${this.#matricola.slice(5)}${this.#matricola.slice(3, 5)}${this.#matricola.slice(0, 2)}`
    if (command === '1138') return `01${this.#matricola[2]}02000${this.#wantsClosure ? 1 : 0}${'0'.repeat(38)}`
    if (command === '2052') return `${'0'.repeat(14)}${four(this.#memory.z)}`
    if (command !== '1387') return undefined
    const { at, totalCents, z, number, isFiscal } = this.#lastDocument()
    const nine = (cents: number) => String(cents).padStart(9, '0')
    const time = at.slice(11).replaceAll(':', '')
    const day = `${at.slice(8, 10)}${at.slice(5, 7)}${at.slice(2, 4)}`
    const flag = isFiscal ? 1 : 0
    return `01${nine(totalCents)}${nine(0)}${day}${time}${four(z)}${four(number)}${this.#matricola}${'0'.repeat(9)}${flag}`
  }

  /** Slips count too: the flag after the record distinguishes them from documents. */
  #lastDocument(): { at: string; totalCents: number; z: number; number: number; isFiscal: boolean } {
    const last = this.#memory.records().findLast(({ type }) => type === 'document' || type === 'slip')
    if (last?.type === 'document') return { ...last, isFiscal: true }
    if (last?.type !== 'slip') return { at: '2026-01-01T00:00:00', totalCents: 0, z: 0, number: 0, isFiscal: true }
    return { at: last.at, totalCents: 0, z: this.#memory.z + 1, number: last.number, isFiscal: false }
  }

  #reply(outcome: Outcome): string {
    const success = !('code' in outcome)
    const last = this.#memory.documents().at(-1)
    const info: ReadonlyMap<string, string> = new Map([
      ['printerStatus', `${this.#paper ? 0 : 3}0000`],
      ['zRepNumber', String(this.#memory.z + 1)],
      ['fiscalReceiptNumber', String(last?.number ?? 0)],
      ['serialNumber', this.#matricola],
      ...(success ? outcome : []),
    ])
    const elements = [...info].map(([name, value]) => `<${name}>${value}</${name}>`).join('')
    const attributes = success
      ? 'success="true" code="" status="2"'
      : `success="false" code="${outcome.code}" status="${outcome.status}"`
    return `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><response ${attributes}><addInfo>${elements}</addInfo></response></soapenv:Body></soapenv:Envelope>`
  }

  get #wantsClosure(): boolean {
    return this.#memory.isOpenSince(this.#now(-PERIOD_MAX_MS))
  }

  #now(offsetMs = 0): string {
    return romeTime(this.#options.clock.now() + offsetMs)
  }
}
