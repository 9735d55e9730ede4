import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import { post } from '../links/http.ts'
import type { Clock } from '../ports/clock.ts'
import type { RtBaseline, RtDocument } from '../ports/fiscal-printer.ts'
import { isMatricola } from '../rt/document-rules.ts'
import type { RtCounters, RtFound, RtSent, RtUnit, Search } from '../rt/exactly-once.ts'
import { documentNumberOf } from '../rt/exactly-once.ts'
import { pause } from '../rt/pause.ts'
import type { DocumentPlan } from './document-xml.ts'
import { totalOf } from './document-xml.ts'
import type { EpsonReply, LastReceipt } from './xml.ts'
import { element, envelope, parseLastReceipt, parseReply } from './xml.ts'

export type EpsonTimeouts = { replyMs: number; printMs: number; longMs: number }
export type EpsonUnitOptions = { host: string; port: number; clock: Clock; timeouts: EpsonTimeouts }

/** The service answers, but what became of the request it does not know. */
const unknownCodes = ['FP_NO_ANSWER', 'FP_NO_ANSWER_NETWORK', 'LAN_TIME_OUT', 'EPTR_REC_EMPTY']
const statusMeanings: Readonly<Record<string, DeviceErrorCode>> = {
  '9': 'clock_wrong',
  '11': 'refused',
  '39': 'document_reversed',
  '40': 'document_reversed',
}

/** An Epson printer behind its XML service. A document is one request; its outcome is one answer. */
export class EpsonUnit implements RtUnit<DocumentPlan> {
  readonly #options: EpsonUnitOptions
  #serial: string | undefined

  constructor(options: EpsonUnitOptions) {
    this.#options = options
  }

  get connected(): boolean {
    return this.#serial !== undefined
  }

  get serial(): string {
    return this.#serial ?? ''
  }

  async close(): Promise<void> {
    this.#serial = undefined
  }

  async ready(signal: AbortSignal): Promise<string> {
    this.#serial = undefined
    const serial = (await this.directIo('3217', signal)).trim()
    if (!isMatricola(serial)) throw new DeviceError('garbled', 'none', 'no matricola')
    this.#serial = serial
    return serial
  }

  pause(ms: number, signal: AbortSignal): Promise<void> {
    return pause(this.#options.clock, ms, signal)
  }

  /** The service tells no clock beside the last document's. */
  async clockText(): Promise<string | undefined> {
    return undefined
  }

  async pendingFiles(): Promise<number | undefined> {
    return undefined
  }

  async baseline(signal: AbortSignal): Promise<RtBaseline> {
    const serial = await this.ready(signal)
    const { z, number } = await this.counters(signal)
    const last = await this.lastReceipt(signal)
    return { serial, z, number, nonFiscal: 0, restores: 0, at: last?.at ?? '' }
  }

  async restingCounters(signal: AbortSignal): Promise<RtCounters> {
    const status = await this.status(signal)
    if (status.startsWith('3')) throw new DeviceError('paper_out', 'unknown', 'no paper, or the cover is open')
    return await this.counters(signal)
  }

  async counters(signal: AbortSignal): Promise<RtCounters> {
    const reply = await this.#query(signal)
    const running = Number(reply.info.get('zRepNumber'))
    if (!Number.isInteger(running)) throw new DeviceError('garbled', 'none', 'no closure number')
    const last = await this.lastReceipt(signal)
    return { z: running - 1, number: last?.z === running ? last.number : 0 }
  }

  /** Five digits: printer, journal, drawer, document, mode. */
  async status(signal: AbortSignal): Promise<string> {
    return (await this.#query(signal)).info.get('printerStatus') ?? ''
  }

  async lastReceipt(signal: AbortSignal): Promise<LastReceipt | undefined> {
    return parseLastReceipt(await this.directIo('1387', signal))
  }

  async directIo(command: string, signal: AbortSignal): Promise<string> {
    const xml = element('printerCommand', {}, element('directIO', { command, data: '01' }))
    const reply = await this.request(xml, this.#options.timeouts.replyMs, signal)
    if (!reply.success) throw refusalOf(reply, `directIO ${command}`)
    return reply.info.get('responseData') ?? ''
  }

  async send({ xml }: DocumentPlan, _fresh: RtBaseline, signal: AbortSignal): Promise<RtSent> {
    try {
      const reply = await this.request(xml, this.#options.timeouts.printMs, signal)
      if (reply.success) return { end: 'done' }
      if (unknownCodes.includes(reply.code)) return { end: 'unclear' }
      return { end: 'refused', error: refusalOf(reply, 'document'), begun: true }
    } catch (error) {
      if (!(error instanceof DeviceError) || error.effect === 'none') throw error
      return { end: 'unclear' }
    }
  }

  async closeOnce(signal: AbortSignal): Promise<void> {
    const xml = element('printerFiscalReport', {}, element('printZReport', { operator: 1 }))
    try {
      const reply = await this.request(xml, this.#options.timeouts.longMs, signal)
      if (!reply.success && !unknownCodes.includes(reply.code)) throw refusalOf(reply, 'Z report')
    } catch (error) {
      if (!(error instanceof DeviceError) || error.effect === 'none') throw error
    }
  }

  /**
   * The service reads no text of the memory: one document more of the same total is taken for ours and marked as not
   * certain; more than one cannot be told.
   */
  search(document: RtDocument, baseline: RtBaseline): Search {
    return async (now, signal) => {
      const last = await this.lastReceipt(signal)
      if (!last || last.z !== now.z + 1 || last.number !== now.number) return 'again'
      const isNext = now.z === baseline.z && now.number === baseline.number + 1
      const totalCents = totalOf(document)
      if (isNext && totalCents !== undefined && totalCents !== last.totalCents) return undefined
      if (!isNext) throw new DeviceError('undecidable', 'unknown', severalSince(baseline))
      return { z: last.z, number: last.number, printedAt: last.at, certain: false }
    }
  }

  /** A second slip is harmless: it is no document. */
  async findSlip(): Promise<undefined> {
    return undefined
  }

  async justPrinted(document: RtDocument, fresh: RtBaseline, signal: AbortSignal): Promise<RtFound | undefined> {
    if (document.kind === 'non_fiscal' || document.kind === 'cash')
      return { z: fresh.z + 1, number: 0, printedAt: undefined }
    const last = await this.lastReceipt(signal)
    const isNext = last?.z === fresh.z + 1 && last.number === fresh.number + 1
    return isNext ? { z: last.z, number: last.number, printedAt: last.at } : undefined
  }

  async request(xml: string, timeoutMs: number, signal: AbortSignal): Promise<EpsonReply> {
    const { host, port, clock } = this.#options
    const path = `/cgi-bin/fpmate.cgi?devid=local_printer&timeout=${timeoutMs}`
    const headers = { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '""' }
    const answer = await post({ host, port, path, headers, body: envelope(xml) }, timeoutMs, clock, signal)
    const reply = parseReply(answer)
    if (!reply) throw new DeviceError('garbled', 'unknown', 'the answer is none of the XML service')
    return reply
  }

  async #query(signal: AbortSignal): Promise<EpsonReply> {
    const xml = element('printerCommand', {}, element('queryPrinterStatus', { operator: 1, statusType: 1 }))
    const reply = await this.request(xml, this.#options.timeouts.replyMs, signal)
    if (!reply.success) throw refusalOf(reply, 'status')
    return reply
  }
}

/** The first of them is ours, if any is. */
const severalSince = ({ z, number }: RtBaseline): string =>
  `several documents were printed after ${documentNumberOf(z + 1, number)}: look at them, the first is ours or none`

const refusalOf = ({ code, status }: EpsonReply, what: string): DeviceError =>
  new DeviceError(statusMeanings[status] ?? 'refused', 'none', `${what}: refused`, `${code} ${status}`.trim())
