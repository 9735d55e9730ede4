import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { Clock } from '../../../../base/clock.ts'
import { openPty } from '../../../../drivers/links/pty.ts'
import { CommandFaults } from '../../../../drivers/rt/command-faults.ts'
import { PageMachine } from './machine.ts'
import type { Entry, Layout, Paper } from './tape.ts'

/** The choices of a printer that the page leaves open. */
export type Manners = {
  /** Before the ACK, and between it and the reply. */
  ackAfterMs?: number
  replyAfterMs?: number
  pieces?: 'whole' | 'bytes' | 'with-ack'
  /** Bytes outside of frames before each ACK and each reply. */
  chatter?: boolean
  pack?: 'modulo' | 'same'
  framedDump?: boolean
  fidelity?: boolean
  keepsError?: boolean
  remembers?: boolean
  layout?: Layout
}

/** The faults of one command. Times are milliseconds. */
export const pageFaults = [
  'lost-request',
  'nak',
  'not-executed',
  'lost-ack',
  'lost-answer',
  'silent',
  'garbled',
  'cut',
  'doubled',
  'stale',
  'late',
  'busy',
  'paper-out',
  'cover-open',
  'power-cut-before',
  'power-cut',
  'power-blink',
  'unplugged',
  'unplugged-before',
  'manual-sale',
  'paper-end-resume',
  'paper-end-lose',
] as const
type Fault = (typeof pageFaults)[number]

type Line = { write(bytes: Uint8Array): void; end(): Promise<void> | void }
type Ear = Generator<Packet | 'bad' | undefined, never, number>
type Packet = { address: string; data: string; pack: string }

const [STX, ETX, ACK, NAK] = [0x02, 0x03, 0x06, 0x15]
const SILENCE_MS = 500
/** ADDR, LEN, PROT. */
const HEAD_LENGTH = 6

/** The second printer on a line, byte by byte: its input runs through a coroutine that asks for one byte at a time. */
export class PagePrinter {
  readonly machine: PageMachine
  readonly #clock: Clock
  readonly #manners: Manners
  readonly #faults = new CommandFaults<Fault>(pageFaults, ['=', '<</?'])
  #ear = wakenEar()
  #forget: () => void = () => undefined
  #line: Line | undefined
  #server: Server | undefined
  #link: string | undefined
  #isDark = false
  #isAway = false
  #isClosed = false
  #turn: Promise<void> = Promise.resolve()
  #memory = { frame: '', reply: '' }

  constructor(clock: Clock, now: () => string, manners: Manners = {}, serial = '72IV6000001') {
    this.#clock = clock
    this.#manners = manners
    const { layout = 'narrow', fidelity = false, keepsError = false } = manners
    this.machine = new PageMachine({ now, serial, layout, fidelity, keepsError })
  }

  inject(fault: string): void {
    this.#faults.inject(fault)
  }

  documents(): readonly Paper[] {
    return this.machine.tape.documents()
  }

  records(): readonly Entry[] {
    return this.machine.tape.entries
  }

  keyInSale(cents: number): void {
    this.machine.sellAtPanel(cents)
  }

  async serveTcp(): Promise<number> {
    let current: Socket | undefined
    const server = createServer({ noDelay: true }, (socket) => {
      current?.destroy()
      current = socket
      socket.on('error', () => undefined)
      if (this.#isAway || this.#isClosed) socket.destroy()
      else {
        this.#plug({
          write: (bytes) => void (socket.writable && socket.write(bytes)),
          end: () => void socket.destroy(),
        })
        socket.on('data', (bytes: Buffer) => current === socket && this.#hear(bytes))
      }
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  async servePty(link: string): Promise<void> {
    this.#link = link
    const pty = await openPty(this.#clock)
    const line = { write: pty.write, end: pty.end }
    pty.listen((bytes) => void (this.#line === line && this.#hear(bytes)))
    this.#plug(line)
    await pty.nameAs(link)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#forget()
    await this.#line?.end()
    const server = this.#server
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()))
    await this.#turn
  }

  #plug(line: Line): void {
    this.#line = line
    this.#ear = wakenEar()
  }

  #hear(bytes: Buffer): void {
    this.#forget()
    if (this.#isDark || this.#isClosed) return
    this.#forget = this.#clock.after(SILENCE_MS, () => {
      this.#ear = wakenEar()
    })
    for (const byte of bytes) {
      const heard = this.#ear.next(byte).value
      if (heard === 'bad') this.#say(Buffer.of(NAK))
      else if (heard && (heard.address === '00' || heard.address === '01')) this.#queue(heard)
    }
  }

  #queue(packet: Packet): void {
    this.#turn = this.#turn.then(() => (this.#isDark || this.#isClosed ? undefined : this.#serve(packet)))
  }

  async #serve(packet: Packet): Promise<void> {
    const struck = this.#faults.strike(packet.data)
    const ms = (fault: Fault) => Number(struck.get(fault) || 60)
    this.#befall(struck, ms)
    if (struck.has('lost-request')) return
    if (struck.has('power-cut-before')) return await this.#goDark(ms('power-cut-before'))
    if (struck.has('unplugged-before')) return await this.#goAway(ms('unplugged-before'))
    if (struck.has('nak')) return this.#say(Buffer.of(NAK))
    const { ackAfterMs = 0, replyAfterMs = 0, pieces } = this.#manners
    const isSilent = struck.has('lost-ack') || struck.has('silent')
    await this.#wait(ackAfterMs)
    if (!isSilent && pieces !== 'with-ack') this.#acknowledge()
    if (struck.has('not-executed')) return
    const reply = struck.has('busy') ? this.#framed('EG00500000', packet.pack) : this.#execute(packet)
    await this.#wait(replyAfterMs)
    if (!isSilent && pieces === 'with-ack' && !struck.has('lost-answer')) this.#acknowledge()
    await this.#answer(packet, reply, struck, ms)
  }

  async #answer(
    packet: Packet,
    reply: Buffer,
    struck: ReadonlyMap<Fault, string>,
    ms: (fault: Fault) => number,
  ): Promise<void> {
    if (struck.has('power-cut')) return await this.#goDark(ms('power-cut'))
    if (struck.has('unplugged')) return await this.#goAway(ms('unplugged'))
    if (struck.has('lost-answer') || struck.has('silent')) return
    if (struck.has('late')) await this.#wait(ms('late'))
    if (struck.has('stale')) await this.#speak(this.#framed('ON00000000', String((Number(packet.pack) + 5) % 10)))
    await this.#speak(spoilt(reply, struck))
    if (struck.has('power-blink')) this.machine.losePower()
    this.#repairPaper()
  }

  /** Loads paper a moment after it has ended in a closing payment. */
  #repairPaper(): void {
    if (!this.machine.isStuck) return
    this.#clock.after(100, () => {
      this.machine.loadPaper()
      this.machine.paperEndsIn = undefined
    })
  }

  #befall(struck: ReadonlyMap<Fault, string>, ms: (fault: Fault) => number): void {
    const { machine } = this
    if (struck.has('manual-sale')) machine.sellAtPanel(Number(struck.get('manual-sale') || 1250))
    if (struck.has('paper-out')) {
      machine.paper = false
      this.#clock.after(ms('paper-out'), () => void machine.loadPaper())
    }
    if (struck.has('cover-open')) {
      machine.cover = false
      this.#clock.after(ms('cover-open'), () => {
        machine.cover = true
      })
    }
    if (struck.has('paper-end-resume')) machine.paperEndsIn = 'resume'
    if (struck.has('paper-end-lose')) machine.paperEndsIn = 'lose'
  }

  #execute({ data, pack }: Packet): Buffer {
    const frame = `${pack}${data}`
    if (this.#manners.remembers && this.#memory.frame === frame) return Buffer.from(this.#memory.reply, 'latin1')
    const { data: said, text = '' } = this.machine.run(data)
    const dump = text !== '' && this.#manners.framedDump ? `\x02${text}\x03` : text
    const reply = Buffer.concat([Buffer.from(dump, 'latin1'), this.#framed(said, pack)])
    this.#memory = { frame, reply: reply.toString('latin1') }
    return reply
  }

  #framed(data: string, pack: string): Buffer {
    const id = this.#manners.pack === 'same' ? pack : String(pack.charCodeAt(0) % 10)
    const head = Buffer.from(`\x0201${String(data.length).padStart(3, '0')}N${data}${id}`, 'latin1')
    let check = 0
    for (const byte of head) check ^= byte
    const digits = `0${check.toString(16)}`.slice(-2).toUpperCase()
    return Buffer.concat([head, Buffer.from(`${digits}\x03`, 'latin1')])
  }

  #acknowledge(): void {
    if (this.#manners.chatter) this.#say(Buffer.from([0xff, 0x00, 0x41, 0x0d]))
    this.#say(Buffer.of(ACK))
  }

  async #speak(bytes: Buffer): Promise<void> {
    if (this.#manners.chatter) this.#say(Buffer.from([0x00, 0x80, 0x7f]))
    if (this.#manners.pieces !== 'bytes') return this.#say(bytes)
    for (const byte of bytes) {
      this.#say(Buffer.of(byte))
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  #say(bytes: Buffer): void {
    if (!this.#isAway && !this.#isDark) this.#line?.write(bytes)
  }

  async #goDark(ms: number): Promise<void> {
    this.#isDark = true
    this.machine.losePower()
    this.#memory = { frame: '', reply: '' }
    await this.#wait(ms)
    this.#ear = wakenEar()
    this.#isDark = false
  }

  async #goAway(ms: number): Promise<void> {
    this.#isAway = true
    await this.#line?.end()
    this.#line = undefined
    await this.#wait(ms)
    this.#isAway = false
    if (this.#link !== undefined && !this.#isClosed) await this.servePty(this.#link)
  }

  #wait(ms: number): Promise<void> {
    if (ms <= 0 || this.#isClosed) return Promise.resolve()
    return new Promise((resolve) => this.#clock.after(ms, resolve))
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function wakenEar(): Ear {
  const ear = listen()
  ear.next(0)
  return ear
}

/** Takes a byte, gives a packet, a bad one, or nothing. */
function* listen(): Ear {
  let byte = yield undefined
  for (;;) {
    while (byte !== STX) byte = yield undefined
    const inside = yield* body()
    // The one before was cut.
    if (inside.stoppedBy === STX) byte = STX
    else byte = yield (inside.stoppedBy === ETX ? packetOf(inside.text) : undefined) ?? 'bad'
  }
}

/** After the STX. The length in the head gives the end of the packet. */
function* body(): Generator<undefined, { text: string; stoppedBy: number }, number> {
  let text = ''
  let end = HEAD_LENGTH
  for (;;) {
    const byte = yield undefined
    const mustBeDigit = text.length < HEAD_LENGTH - 1
    if (text.length === end || byte < 0x20 || byte > 0x7f || (mustBeDigit && !isDigit(byte)))
      return { text: text.length === end ? text : '', stoppedBy: byte }
    text += String.fromCharCode(byte)
    if (text.length === HEAD_LENGTH) end = HEAD_LENGTH + Number(text.slice(2, 5)) + 3
  }
}

function packetOf(text: string): Packet | undefined {
  const body = text.slice(0, -2)
  const check = [...body].reduce((sum, character) => sum ^ character.charCodeAt(0), STX)
  const isGood = text.slice(-2) === `0${check.toString(16)}`.slice(-2).toUpperCase()
  const pack = body.slice(-1)
  if (!isGood || !'NzV'.includes(text.charAt(5)) || !/[0-9a-zA-Z]/.test(pack)) return undefined
  return { address: text.slice(0, 2), data: body.slice(6, -1), pack }
}

function spoilt(reply: Buffer, struck: ReadonlyMap<Fault, string>): Buffer {
  const bytes = Buffer.from(reply)
  if (struck.has('garbled')) {
    const at = Number(struck.get('garbled') || bytes.length >> 1) % bytes.length
    bytes[at] = (bytes[at] ?? 0) ^ 1
  }
  if (struck.has('cut')) return bytes.subarray(0, Number(struck.get('cut') || bytes.length >> 1))
  return struck.has('doubled') ? Buffer.concat([bytes, bytes]) : bytes
}
