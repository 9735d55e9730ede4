import type { OnReadOpts, Socket } from 'node:net'
import { createConnection } from 'node:net'
import { lookupWithin } from '../../base/names.ts'
import { DeviceError } from '../errors.ts'
import { Deadline } from './deadline.ts'
import type { Link } from './link.ts'
import type { LineOptions } from './receiving-link.ts'
import { ReceivingLink } from './receiving-link.ts'

export type TcpLinkOptions = LineOptions & { host: string; port: number }

/** For one try: in the network of a shop a host answers within milliseconds, and the next try follows. */
const CONNECT_MS = 500
/** Limit for the lookup of its name, within that time. */
const NAME_MS = 300
/** A pulled cable gives no event. After 5 s of silence Linux asks ten times, a second apart: 15 s (libuv sets both). */
const KEEP_ALIVE_MS = 5000
/** Buffer size for one read of the socket. */
const READ_BYTES = 16_384
/** A device that accepts no bytes for this long counts as lost. */
const WRITE_MS = 5000

export class TcpLink extends ReceivingLink implements Link {
  readonly #options: TcpLinkOptions
  readonly #writing: Deadline
  #socket: Socket | undefined
  protected readonly how = 'tcp'

  constructor(options: TcpLinkOptions) {
    super(options)
    this.#options = options
    this.#writing = new Deadline(options.clock, () => {
      if (this.#socket) this.#drop(this.#socket, 'it accepts no bytes')
    })
  }

  get connected(): boolean {
    return this.#socket !== undefined
  }

  protected async open(): Promise<void> {
    if (this.#socket) return
    const { host, port, clock } = this.#options
    const onread = this.#onRead(() => this.#drop(socket, 'it says more than can be read'))
    const socket: Socket = createConnection({
      host,
      port,
      lookup: lookupWithin(NAME_MS),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      onread,
    })
    await new Promise<void>((resolve, reject) => {
      const fail = (cause: string) => {
        cancel()
        socket.destroy()
        reject(new DeviceError('unavailable', 'none', `${host}:${port}: ${cause}`))
      }
      const cancel = clock.after(CONNECT_MS, () => fail('no connection in time'))
      socket.once('error', (error) => fail(error.message))
      socket.once('connect', () => {
        cancel()
        resolve()
      })
    })
    this.inbox.reset()
    this.#socket = socket
    socket.on('error', (error) => this.#lost(socket, error.message))
    socket.on('close', () => this.#lost(socket, 'closed by the device'))
    // A printer that closes its side sends nothing more: a half-open line would swallow a command.
    socket.on('end', () => this.#lost(socket, 'closed by the device'))
  }

  protected async send(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket
    if (!socket) throw new DeviceError('unavailable', 'none', `${this.#options.host}: not connected`)
    await new Promise<void>((resolve, reject) => {
      socket.write(bytes, (error) => {
        this.#writing.clear()
        if (error) reject(new DeviceError('unavailable', 'unknown', `the line broke: ${error.message}`))
        else resolve()
      })
      this.#writing.set(WRITE_MS)
    })
  }

  /** Only a new connection detects a silent peer on a dead network. */
  async check(): Promise<void> {
    await this.close()
  }

  close(): Promise<void> {
    this.#shut()
    return this.mutex.run(async () => this.#shut())
  }

  #shut(): void {
    if (this.#socket) this.#drop(this.#socket, 'closed')
  }

  /** Reuses one buffer: a separate stream needs 64 KB for each reply, and a third more CPU. */
  #onRead(onTooMuch: () => void): OnReadOpts {
    const callback = (bytes: number, room: Uint8Array): boolean => {
      if (!this.inbox.push(Buffer.from(room.subarray(0, bytes)))) onTooMuch()
      return true
    }
    return { buffer: Buffer.alloc(READ_BYTES), callback }
  }

  /** The line closed, and the agent did not close it. */
  #lost(socket: Socket, cause: string): void {
    if (this.#socket !== socket) return
    this.#drop(socket, cause)
    this.tellLoss()
  }

  #drop(socket: Socket, cause: string): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    this.#writing.close()
    socket.destroy()
    this.inbox.fail(cause)
  }
}
