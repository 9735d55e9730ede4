import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import type { Post } from '../links/http.ts'
import { post as postOverHttp } from '../links/http.ts'
import type { Recorder } from '../recording/recorder.ts'
import { epsonRefusal, isUnclear, UNSUPPORTED } from './refusals.ts'
import type { EpsonReply, PrinterStates, RtStatus } from './xml.ts'
import { element, envelope, parseReply, parseRtStatus, parseStates, rtStatusIn } from './xml.ts'

export type EpsonTimeouts = { replyMs: number; printMs: number; longMs: number }
export type EpsonServiceOptions = {
  host: string
  port: number
  clock: Clock
  timeouts: EpsonTimeouts
  /** Default: the network. */
  post?: Post | undefined
  recorder?: Recorder | undefined
}

/** The service ends a request that asks for more. */
const SERVICE_MAX_MS = 60_000
/** Ours ends later, so that the service can report that its printer did not answer. */
const GRACE_MS = 5000

/** The time that a request may take, with the answer of the service. */
export function requestMs(timeoutMs: number): number {
  return Math.min(timeoutMs, SERVICE_MAX_MS) + GRACE_MS
}

/** The state of the RT: `worthless` is the reason why its documents are. */
export type ServiceState = Pick<RtStatus, 'worthless'> & { pendingFiles: number | undefined }

/** The XML service of a printer: one request, one answer, and the questions whose repetition is harmless. */
export class EpsonService {
  readonly #options: EpsonServiceOptions

  constructor(options: EpsonServiceOptions) {
    this.#options = options
  }

  get timeouts(): EpsonTimeouts {
    return this.#options.timeouts
  }

  async directIo(command: string, signal: AbortSignal, data = '01'): Promise<string> {
    const { replyMs } = this.timeouts
    return dataOf(await this.order(directIo(command, data), replyMs, `directIO ${command}`, signal))
  }

  /** A command that prints no document. Throws the printer's refusal. */
  async order(xml: string, timeoutMs: number, what: string, signal: AbortSignal): Promise<EpsonReply> {
    const reply = await this.request(xml, timeoutMs, signal)
    if (!reply.success) throw epsonRefusal(reply, what)
    return reply
  }

  /** Status type 0: paper, memory, and whether something is open. */
  async states(signal: AbortSignal): Promise<PrinterStates> {
    const { info } = await this.order(query(0), this.timeouts.replyMs, 'status', signal)
    const states = parseStates(info.get('fpStatus') ?? '')
    if (states === undefined) throw new DeviceError('garbled', 'none', 'no state of the printer')
    return states
  }

  /**
   * By the elements of status type 1 and by the places of directIO 1138: each source knows what the other does not. A
   * printer without both is not an RT.
   */
  async serviceState(status: RtStatus | undefined, signal: AbortSignal): Promise<ServiceState> {
    const elements = await this.rtElements(signal)
    const pendingFiles = status?.pendingFiles
    if (status === undefined && elements === undefined)
      return { worthless: 'it is not an RT printer: it reports no state of one', pendingFiles }
    return { worthless: elements?.worthless ?? status?.worthless, pendingFiles }
  }

  /** Undefined if the printer does not support it. */
  async rtElements(signal: AbortSignal): Promise<ReturnType<typeof rtStatusIn> | undefined> {
    const reply = await this.request(query(1), this.timeouts.replyMs, signal)
    if (reply.success) return rtStatusIn(reply)
    if (reply.status === UNSUPPORTED) return undefined
    throw epsonRefusal(reply, 'state of the RT')
  }

  /**
   * Undefined if the firmware does not support it, whatever its refusal: the documentation of the service has no such
   * command.
   */
  async rtStatus(signal: AbortSignal): Promise<RtStatus | undefined> {
    const reply = await this.request(directIo('1138', '01'), this.timeouts.replyMs, signal)
    if (isUnclear(reply)) throw epsonRefusal(reply, 'directIO 1138')
    return reply.success ? parseRtStatus(dataOf(reply)) : undefined
  }

  async request(xml: string, timeoutMs: number, signal: AbortSignal): Promise<EpsonReply> {
    const { host, port, clock, post = postOverHttp, recorder } = this.#options
    const path = `/cgi-bin/fpmate.cgi?devid=local_printer&timeout=${Math.min(timeoutMs, SERVICE_MAX_MS)}`
    const headers = { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '""' }
    const sent = { host, port, path, headers, body: envelope(xml) }
    const answer = await post(sent, requestMs(timeoutMs), clock, signal, recorder)
    const reply = parseReply(answer)
    if (!reply) throw new DeviceError('garbled', 'unknown', 'the answer is not from the XML service')
    return reply
  }
}

function directIo(command: string, data: string): string {
  return element('printerCommand', {}, element('directIO', { command, data }))
}

function query(statusType: 0 | 1): string {
  return element('printerCommand', {}, element('queryPrinterStatus', { operator: 1, statusType }))
}

export function isUnsupported({ deviceCode }: DeviceError): boolean {
  return deviceCode?.endsWith(` ${UNSUPPORTED}`) === true
}

function dataOf({ info }: EpsonReply): string {
  return info.get('responseData') ?? ''
}
