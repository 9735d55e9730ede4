import { DeviceError } from '../errors.ts'
import { NativeProcess } from '../native/native-process.ts'
import { NativeFault } from '../native/protocol.ts'
import type { Link } from './link.ts'
import type { LineOptions } from './receiving-link.ts'
import { ReceivingLink } from './receiving-link.ts'
import type { UsbAddress, UsbCalls, UsbNews } from './usb-calls.ts'
import type { UsbIds } from './usb-port.ts'
import { findUsbFolder, usbAddress } from './usb-port.ts'

export type UsbLinkOptions = LineOptions & { ids: UsbIds; sysfs?: string }

const START_MS = 5000
const OPEN_MS = 3000
/** A device that accepts no bytes for this long counts as lost. */
const WRITE_MS = 5000

type Opened = { folder: string; mark: string }

/**
 * A USB device without a tty, by its ids: the package `usb` in its own process, which closing kills. Plugs are detected
 * in sysfs, which needs neither udev nor a netlink socket.
 */
export class UsbLink extends ReceivingLink implements Link {
  readonly #options: UsbLinkOptions
  readonly #process: NativeProcess<UsbCalls, UsbNews>
  #opened: Opened | undefined
  protected readonly how = 'usb'

  constructor(options: UsbLinkOptions) {
    super(options)
    this.#options = options
    this.#process = new NativeProcess<UsbCalls, UsbNews>({
      entry: new URL('./usb-child.ts', import.meta.url),
      name: nameOf(options.ids),
      clock: options.clock,
      onNews: (news) => this.#hear(news),
      onEnd: (cause) => this.#lost(`its process ${cause}`),
    })
  }

  get connected(): boolean {
    return this.#opened !== undefined
  }

  protected async open(): Promise<void> {
    if (this.#opened) return
    const { ids, sysfs } = this.#options
    const folder = await findUsbFolder(ids, sysfs)
    const address = folder === undefined ? undefined : await usbAddress(folder)
    if (folder === undefined || address === undefined) {
      throw new DeviceError('unavailable', 'none', `${nameOf(ids)} is not plugged in`)
    }
    this.inbox.reset()
    try {
      await this.#process.start(START_MS)
      await this.#process.call('open', address, { deadlineMs: OPEN_MS, effect: 'none' })
    } catch (error) {
      await this.#process.stop()
      throw refused(nameOf(ids), address, error)
    }
    // It may have been lost since it answered.
    if (!this.#process.running) throw new DeviceError('unavailable', 'none', `${nameOf(ids)} was unplugged`)
    this.#opened = { folder, mark: markOf(address) }
  }

  protected async send(bytes: Uint8Array): Promise<void> {
    const { ids } = this.#options
    const opened = this.#opened
    if (!opened) throw new DeviceError('unavailable', 'none', `${nameOf(ids)} is not open`)
    try {
      await this.#process.call('write', { bytes }, { deadlineMs: WRITE_MS, effect: 'unknown' })
    } catch (error) {
      const cause = error instanceof Error ? error.message : 'unknown cause'
      if (this.#opened === opened) this.#lost(cause)
      throw new DeviceError('unavailable', 'unknown', `the line broke: ${cause}`, faultCode(error))
    }
  }

  async check(): Promise<void> {
    await this.look()
  }

  /** Closes the line of an unplugged device, which leads nowhere. */
  async look(): Promise<string | undefined> {
    const opened = this.#opened
    const { ids, sysfs } = this.#options
    const folder = opened?.folder ?? (await findUsbFolder(ids, sysfs))
    const address = folder === undefined ? undefined : await usbAddress(folder)
    const mark = address && markOf(address)
    if (opened !== undefined && mark !== opened.mark && this.#opened === opened) await this.close()
    return mark
  }

  close(): Promise<void> {
    // A caller that reads gets its error at once.
    this.#drop('closed')
    return this.mutex.run(async () => {
      this.#drop('closed')
      await this.#process.stop()
    })
  }

  #hear(news: UsbNews): void {
    if ('lost' in news) this.#lost(news.lost)
    else if (!this.inbox.push(Buffer.from(news.bytes))) this.#lost('it sends more than can be read')
  }

  /** The line closed, and the agent did not close it. */
  #lost(cause: string): void {
    if (!this.#drop(cause)) {
      // During the opening, which then finds no process.
      void this.#process.stop()
      return
    }
    void this.mutex.run(() => this.#process.stop())
    this.tellLoss()
  }

  #drop(cause: string): boolean {
    if (!this.#opened) return false
    this.#opened = undefined
    this.inbox.fail(cause)
    return true
  }
}

function nameOf({ vendorId, productId, serialNumber }: UsbIds): string {
  return `USB device ${vendorId}:${productId}${serialNumber === undefined ? '' : ` (serial ${serialNumber})`}`
}

function markOf({ bus, address }: UsbAddress): string {
  return `${bus}:${address}`
}

function faultCode(error: unknown): string | undefined {
  return error instanceof NativeFault ? error.code : undefined
}

/** Remedies for a technician, by the code of the refusal. */
const REMEDIES: Readonly<Record<string, string>> = {
  USB_ACCESS_DENIED: 'run "fiskal-edge service install", which opens it to the service (udev rules)',
  USB_BUSY: 'stop the program that uses it (CUPS, for example)',
  USB_NO_PIPE: 'set the printer to its serial emulation (virtual COM) and use "serial"',
}

function refused(name: string, { bus, address }: UsbAddress, error: unknown): DeviceError {
  if (error instanceof DeviceError) return new DeviceError('unavailable', 'none', error.message, error.deviceCode)
  const code = faultCode(error)
  const cause = error instanceof Error ? error.message : 'unknown cause'
  const remedy = REMEDIES[code ?? '']
  const place = `bus ${bus}, device ${address}`
  const text = `${cause}${code ? ` (${code})` : ''}${remedy ? `: ${remedy}` : ''}`
  return new DeviceError('unavailable', 'none', `${name} (${place}): ${text}`, code)
}
