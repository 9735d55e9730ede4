import { realpath } from 'node:fs/promises'
import { SerialPort } from 'serialport'
import { DeviceError } from '../errors.ts'
import { Deadline } from './deadline.ts'
import { fileFault } from './file-faults.ts'
import type { Link } from './link.ts'
import { nodeMark } from './node-mark.ts'
import { holderOf } from './port-holder.ts'
import { makePrompt } from './prompt-port.ts'
import type { LineOptions } from './receiving-link.ts'
import { ReceivingLink } from './receiving-link.ts'
import type { UsbIds } from './usb-port.ts'
import { findUsbPort } from './usb-port.ts'

export type SerialLinkOptions = LineOptions & {
  /** A stable name (`/dev/serial/by-id/…`), or the ids of the USB device, whatever its current name. */
  path?: string | undefined
  usb?: UsbIds | undefined
  baudRate: number
  dataBits?: 7 | 8
  parity?: 'none' | 'odd' | 'even'
}

/** A device that accepts no bytes for this long counts as lost. */
const WRITE_MS = 5000

/** Without it a USB adapter buffers received bytes for 16 ms. Some lines do not support it: a refusal is harmless. */
const prompt = { rts: true, lowLatency: true }

type Opened = { port: SerialPort; path: string; node: string; mark: string | undefined }

/** A serial line, locked by this process. After a replug it finds the device on its new node. */
export class SerialLink extends ReceivingLink implements Link {
  readonly #options: SerialLinkOptions
  readonly #writing: Deadline
  #opened: Opened | undefined
  /** Ends the running write. */
  #endWrite: (failure: string | undefined) => void = () => undefined

  constructor(options: SerialLinkOptions) {
    super(options)
    this.#options = options
    this.#writing = new Deadline(options.clock, () => this.#endWrite('it accepts no bytes'))
  }

  get connected(): boolean {
    return this.#opened !== undefined
  }

  protected get how(): string {
    const { baudRate, dataBits = 8, parity = 'none' } = this.#options
    return `serial ${baudRate} ${dataBits}${parity.charAt(0).toUpperCase()}1`
  }

  protected async open(): Promise<void> {
    if (this.#opened) return
    const path = await this.#find()
    const { baudRate, dataBits = 8, parity = 'none' } = this.#options
    const port = new SerialPort({ path, baudRate, dataBits, parity, stopBits: 1, autoOpen: false })
    // The callbacks also report errors; without a listener an error event would end the process.
    port.on('error', () => undefined)
    const failure = await new Promise<Error | null | undefined>((resolve) => port.open(resolve))
    if (failure instanceof Error) throw new DeviceError('unavailable', 'none', await messageOf(path, failure))
    makePrompt(port.port)
    await new Promise<void>((resolve) => port.set(prompt, () => resolve()))
    const node = await realpath(path).catch(() => path)
    this.inbox.reset()
    this.#opened = { port, path, node, mark: await nodeMark(path) }
    port.on('data', (chunk: Buffer) => {
      if (!this.inbox.push(chunk)) void this.close()
    })
    port.on('close', () => {
      if (this.#opened?.port !== port) return
      this.#lost(port, 'the device was unplugged')
      this.tellLoss()
    })
  }

  protected async send(bytes: Uint8Array): Promise<void> {
    const opened = this.#opened
    if (!opened) throw new DeviceError('unavailable', 'none', 'the port is not open')
    await new Promise<void>((resolve, reject) => {
      const end = (failure: string | undefined) => {
        if (this.#endWrite === end) this.#writing.clear()
        if (failure === undefined) resolve()
        else reject(new DeviceError('unavailable', 'unknown', `the line broke: ${failure}`))
      }
      this.#endWrite = end
      opened.port.write(Buffer.from(bytes), (error) => end(error?.message))
      this.#writing.set(WRITE_MS)
    })
  }

  /** Detects a hang-up without an event: the stable name is missing or leads to a different node. */
  async check(): Promise<void> {
    const opened = this.#opened
    if (!opened) return
    const path = await this.#find().catch(() => undefined)
    const node = path === undefined ? undefined : await realpath(path).catch(() => undefined)
    if (node !== opened.node) await this.close()
  }

  /** Closes the line if its node was replaced: it then leads nowhere. */
  async look(): Promise<string | undefined> {
    const opened = this.#opened
    const path = opened?.path ?? (await this.#find().catch(() => undefined))
    const mark = path === undefined ? undefined : await nodeMark(path)
    if (opened !== undefined && mark !== opened.mark) await this.close()
    return mark
  }

  close(): Promise<void> {
    const port = this.#opened?.port
    // Readers and writers get their error at once.
    if (port) this.#lost(port, 'closed')
    return this.mutex.run(() => this.#shut(port ?? this.#opened?.port))
  }

  async #shut(port: SerialPort | undefined): Promise<void> {
    if (!port) return
    this.#lost(port, 'closed')
    // A port that hung up answers with an error, and is closed anyway.
    if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()))
  }

  #lost(port: SerialPort, cause: string): void {
    if (this.#opened?.port !== port) return
    this.#opened = undefined
    this.#endWrite(cause)
    this.#writing.close()
    this.inbox.fail(cause)
  }

  async #find(): Promise<string> {
    const { path, usb } = this.#options
    if (path !== undefined) return path
    const port = usb && (await findUsbPort(usb))
    if (port === undefined) throw new DeviceError('unavailable', 'none', 'no serial port with these USB ids')
    return port
  }
}

/** Names the program that uses the port, so that the technician can stop it. */
async function messageOf(path: string, failure: Error): Promise<string> {
  const { message } = failure
  const holder = /lock|busy/i.test(message) ? await holderOf(path) : undefined
  return holder === undefined ? fileFault(`${path}: ${message}`, failure) : `${path} is used by ${holder}: ${message}`
}
