import { Mutex } from '../../base/mutex.ts'
import type { XmlElement } from '../../base/xml.ts'
import { escapeXml } from '../../base/xml.ts'
import { Blip } from '../absence.ts'
import { delay } from '../delay.ts'
import { DeviceError } from '../errors.ts'
import { FaultPlan } from '../faults.ts'
import type { ServedLine, TcpService } from '../links/served-line.ts'
import { serveTcp } from '../links/served-line.ts'
import type { UnitSimulatorOptions } from '../se-api/simulated-unit.ts'
import { simulatedUnit } from '../se-api/simulated-unit.ts'
import type { SoftwareUnit } from '../se-api/software-unit.ts'
import { unitFaults } from '../se-api/unit-faults.ts'
import { encodeMessage, LOCAL_TSE, MessageReader, readMessage, textOf } from './codec.ts'
import { FUNCTIONS, HostFunctions, Refusal } from './simulator-functions.ts'

const faultNames = [...unitFaults, 'hung-up', 'device-closed', 'busy', 'garbled'] as const
const acts: Readonly<Record<string, string>> = {
  StartTransaction: 'start',
  FinishTransaction: 'finish',
  GetExportData: 'export',
}
const ACTS: readonly string[] = [...Object.values(acts), 'delete', ...FUNCTIONS]

function actOf(name: string, input: object): string {
  return name === 'FinalizeExport' && 'deleteData' in input && input.deleteData === true
    ? 'delete'
    : (acts[name] ?? name)
}
const DESCRIPTION = 'fiskal-edge simulator of an Epson TSE, NOT CERTIFIED'
/** Time for which a lost connection keeps the device reserved, as on real hosts. */
const HELD_MS = 60_000
const REPLIES_KEPT = 16
/** Not in any specification. */
const UNDOCUMENTED_RESULT = 'TSE1_ERROR_UNSPECIFIED'
const REQUESTS_MAX = 64

type Sent = { dataId: number; xml: string }

/** A TSE host that speaks ePOS-Device XML over TCP, with its TSE. NOT CERTIFIED. */
export class EpsonSimulator {
  readonly #options: UnitSimulatorOptions
  readonly #faults = new FaultPlan(faultNames, ACTS)
  readonly #unit: SoftwareUnit
  readonly #functions: HostFunctions
  #tcp: TcpService | undefined
  #port = 0
  #isOut = false
  #line: ServedLine | undefined
  /** The client that holds the device. */
  #holder: string | undefined
  #cancelRelease: () => void = () => undefined
  #connections = 0
  /** Clients whose connection was lost; their pending requests are still executed. */
  readonly #gone = new Set<string>()
  #dataId = 0
  /** Answers that a lost connection may have dropped. */
  #sent: Sent[] = []
  readonly #work = new Mutex()
  readonly #blip: Blip

  constructor(options: UnitSimulatorOptions) {
    this.#options = options
    this.#blip = new Blip(this, options.clock)
    const simulated = simulatedUnit(options, { description: DESCRIPTION })
    this.#unit = simulated.unit
    this.#functions = new HostFunctions(simulated)
  }

  inject(fault: string): void {
    this.#faults.inject(fault)
  }

  clearFaults(): void {
    this.#faults.clear()
  }

  /** 0 takes a free port, which is returned. */
  async serveTcp(port: number): Promise<number> {
    this.#tcp = await serveTcp(port, (line) => this.serve(line))
    this.#port = this.#tcp.port
    return this.#port
  }

  /** The host sleeps for a moment, as a printer does; its TSE then refuses everything but a self-test. */
  sleep(): void {
    this.#functions.sleep()
  }

  /** Breaks the connection; the device stays reserved for its holder for a while. */
  async hangUp(): Promise<void> {
    await this.#line?.end()
  }

  /** The host leaves the network; time and logins are lost with its power. */
  async pullOut(): Promise<void> {
    this.#blip.cancel()
    this.#isOut = true
    await this.#tcp?.close()
    this.#tcp = undefined
    await this.#work.settled()
    this.#release()
    await this.#functions.losePower()
    await this.#unit.cut()
  }

  async plugIn(): Promise<void> {
    if (!this.#isOut) return
    this.#isOut = false
    await this.serveTcp(this.#port)
  }

  async close(): Promise<void> {
    await this.pullOut()
  }

  /** Accepts a connection; hangs up if the host is unplugged. */
  serve(line: ServedLine): void {
    if (this.#isOut) {
      void line.end()
      return
    }
    this.#line = line
    this.#connections += 1
    const clientId = `sock${this.#connections}${this.#port}`
    const reader = new MessageReader()
    line.listen((bytes) => {
      for (const xml of reader.read(bytes)) this.#enqueue(line, clientId, xml)
    })
    line.onEnd(() => this.#lost(clientId))
    const greeting = `<client_id>${clientId}</client_id><protocol_version>2</protocol_version>`
    line.write(encodeMessage(`<connect><data>${greeting}</data></connect>`))
  }

  #enqueue(line: ServedLine, clientId: string, xml: string): void {
    if (this.#work.waiting >= REQUESTS_MAX) return
    void this.#work.run(() => this.#serve(line, clientId, xml).catch(() => undefined))
  }

  async #serve(line: ServedLine, clientId: string, xml: string): Promise<void> {
    const message = readMessage(xml)
    if (message?.name === 'open_device') this.#open(line, clientId)
    else if (message?.name === 'close_device') this.#close(line, clientId)
    else if (message?.name === 'reconnect') this.#reconnect(line, clientId, message)
    else if (message?.name === 'device_data') await this.#operate(line, clientId, message)
  }

  #open(line: ServedLine, clientId: string): void {
    const isHeld = this.#holder !== undefined && this.#holder !== clientId
    const code = isHeld ? 'DEVICE_IN_USE' : 'OK'
    if (!isHeld) {
      this.#release()
      this.#holder = clientId
      this.#dataId = 1
      if (this.#gone.has(clientId)) this.#lost(clientId)
    }
    const id = isHeld ? '' : '<data_id>1</data_id>'
    line.write(encodeMessage(`<open_device><device_id>${LOCAL_TSE}</device_id><code>${code}</code>${id}</open_device>`))
  }

  #close(line: ServedLine, clientId: string): void {
    if (this.#holder === clientId) this.#release()
    line.write(encodeMessage(`<close_device><device_id>${LOCAL_TSE}</device_id><code>OK</code></close_device>`))
  }

  #reconnect(line: ServedLine, clientId: string, message: XmlElement): void {
    const isKnown = this.#holder !== undefined && textOf(message, 'old_client_id') === this.#holder
    const code = isKnown ? 'OK' : 'CLIENT_NOT_FOUND'
    line.write(encodeMessage(`<reconnect><code>${code}</code></reconnect>`))
    if (!isKnown) return
    this.#cancelRelease()
    this.#holder = clientId
    if (this.#gone.has(clientId)) this.#lost(clientId)
    const received = Number(textOf(message, 'received_id'))
    for (const { dataId, xml: answer } of this.#sent) if (dataId > received) line.write(encodeMessage(answer))
  }

  /** Keeps the device reserved for a lost connection for a while. */
  #lost(clientId: string): void {
    this.#gone.add(clientId)
    if (this.#holder !== clientId) return
    this.#cancelRelease()
    this.#cancelRelease = this.#options.clock.after(HELD_MS, () => this.#release())
  }

  #release(): void {
    this.#cancelRelease()
    this.#holder = undefined
    this.#sent = []
  }

  async #operate(line: ServedLine, clientId: string, message: XmlElement): Promise<void> {
    if (this.#holder !== clientId) return this.#answer(line, 'DEVICE_NOT_OPEN', '')
    const request = JSON.parse(textOf(message, 'requestdata') ?? '{}') as { function?: string; input?: object }
    const name = String(request.function)
    const { names, slowMs, blipMs, code } = this.#faults.strike(actOf(name, request.input ?? {}))
    if (names.has('unplugged')) return void this.#options.clock.after(0, () => void this.pullOut())
    if (blipMs > 0) this.#blip.begin(blipMs)
    if (names.has('blip-before') || names.has('lost-request')) return
    if (names.has('device-closed')) {
      this.#release()
      return this.#answer(line, 'DEVICE_NOT_OPEN', '')
    }
    if (names.has('busy')) return this.#answer(line, 'ERROR_DEVICE_BUSY', '')
    const { clock, latencyMs = 0 } = this.#options
    const since = clock.mono()
    await delay(clock, slowMs)
    const body = await this.#run(name, { ...request.input }, names, code || UNDOCUMENTED_RESULT)
    // The work itself counts towards the device's latency.
    await delay(clock, latencyMs + slowMs - Number(clock.mono() - since) / 1e6)
    if (blipMs > 0 || names.has('lost-answer') || names.has('power-cut')) return
    if (names.has('hung-up')) {
      await line.end()
      this.#keep('SUCCESS', body)
      return
    }
    this.#answer(line, 'SUCCESS', names.has('garbled') ? body.slice(3) : body)
  }

  async #run(name: string, input: Record<string, unknown>, names: ReadonlySet<string>, code: string): Promise<string> {
    await this.#unit.power()
    try {
      if (names.has('error')) throw new Refusal(code)
      const output = await this.#unit.struck(names, () => {
        if (names.has('memory-full')) throw new DeviceError('memory_full', 'none', 'the memory is full')
        return this.#functions.run(name, input)
      })
      if (names.has('error-done')) throw new Refusal(code)
      return JSON.stringify({ result: 'EXECUTION_OK', function: name, output })
    } catch (error) {
      const { result, output } = this.#functions.resultOfFailure(error)
      return JSON.stringify({ result, function: name, output, error: { fact: 'TSE', errorinfo: '' } })
    }
  }

  #answer(line: ServedLine, code: string, body: string): void {
    line.write(encodeMessage(this.#keep(code, body)))
  }

  #keep(code: string, body: string): string {
    this.#dataId += 1
    const data = `<type>onoperateresult</type><code>${code}</code><resultdata>${escapeXml(body)}</resultdata>`
    const xml = `<device_data><sequence>0</sequence><device_id>${LOCAL_TSE}</device_id><data>${data}</data><data_id>${this.#dataId}</data_id></device_data>`
    this.#sent = [...this.#sent.slice(1 - REPLIES_KEPT), { dataId: this.#dataId, xml }]
    return xml
  }
}
