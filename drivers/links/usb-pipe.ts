import { NativeFault } from '../native/protocol.ts'
import type { UsbAddress } from './usb-calls.ts'

type Endpoint = { endpointNumber: number; direction: string; type: string; packetSize: number }
type Alternate = {
  alternateSetting: number
  interfaceClass: number
  interfaceProtocol: number
  endpoints: readonly Endpoint[]
}

/** The used parts of a device of the package `usb` 3. */
export type PipeDevice = {
  readonly bus: string
  readonly address: number
  readonly configuration?:
    | { interfaces: readonly { interfaceNumber: number; alternates: readonly Alternate[] }[] }
    | undefined
  open(): Promise<void>
  detachKernelDriver(interfaceNumber: number): Promise<void>
  claimInterface(interfaceNumber: number): Promise<void>
  selectAlternateInterface(interfaceNumber: number, alternateSetting: number): Promise<void>
  transferIn(endpointNumber: number, length: number, timeoutMs: number): Promise<{ data?: DataView | undefined }>
  transferOut(endpointNumber: number, bytes: Uint8Array, timeoutMs: number): Promise<{ bytesWritten: number }>
}

type Ends = { interfaceNumber: number; alternateSetting: number; in: Endpoint; out: Endpoint }

const PRINTER_CLASS = 7
const VENDOR_CLASS = 255
/** Printer class: 1 sends no bytes, 3 and 4 wrap them (IEEE 1284.4, IPP over USB). */
const BIDIRECTIONAL = 2
/**
 * A transfer that times out loses the bytes that it received, so none has a timeout. The parent's deadline kills the
 * process.
 */
const NEVER_MS = 0xff_ff_ff_ff

/** A pipe of bytes to a device: the bulk endpoints of its printer interface, else of a vendor-specific one. */
export class UsbPipe {
  readonly #device: PipeDevice
  readonly #ends: Ends

  private constructor(device: PipeDevice, ends: Ends) {
    this.#device = device
    this.#ends = ends
  }

  /** Throws NativeFault. */
  static async open(devices: readonly PipeDevice[], { bus, address }: UsbAddress): Promise<UsbPipe> {
    const device = devices.find((other) => Number(other.bus) === bus && other.address === address)
    if (device === undefined) throw new NativeFault('USB_NOT_FOUND', 'the device was unplugged')
    await explained(() => device.open())
    const ends = await explained(async () => endsOf(device))
    if (ends === undefined) {
      throw new NativeFault('USB_NO_PIPE', 'no printer or vendor interface with bulk endpoints in both directions')
    }
    const { interfaceNumber, alternateSetting } = ends
    // It refuses if no driver of the kernel (usblp) has the interface.
    await device.detachKernelDriver(interfaceNumber).catch(() => undefined)
    await explained(() => device.claimInterface(interfaceNumber))
    if (alternateSetting !== 0) {
      await explained(() => device.selectAlternateInterface(interfaceNumber, alternateSetting))
    }
    return new UsbPipe(device, ends)
  }

  /** Throws NativeFault; part of the bytes may have left. */
  async write(bytes: Uint8Array): Promise<void> {
    const { endpointNumber } = this.#ends.out
    const { bytesWritten } = await explained(() => this.#device.transferOut(endpointNumber, bytes, NEVER_MS))
    if (bytesWritten !== bytes.length) {
      throw new NativeFault('USB_FAILED', `the device took ${bytesWritten} of ${bytes.length} bytes`)
    }
  }

  /** The next packet. One packet a transfer: a longer one would wait for more if a reply ends with a full packet. */
  async read(): Promise<Uint8Array> {
    const { endpointNumber, packetSize } = this.#ends.in
    const { data } = await explained(() => this.#device.transferIn(endpointNumber, packetSize, NEVER_MS))
    return data === undefined ? new Uint8Array() : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  }
}

function endsOf({ configuration }: PipeDevice): Ends | undefined {
  const candidates = (configuration?.interfaces ?? []).flatMap(({ interfaceNumber, alternates }) =>
    alternates.flatMap((alternate) => {
      const end = (direction: string) =>
        alternate.endpoints.find((endpoint) => endpoint.type === 'bulk' && endpoint.direction === direction)
      const [into, out] = [end('in'), end('out')]
      if (!speaksBytes(alternate) || into === undefined || out === undefined) return []
      const { alternateSetting, interfaceClass } = alternate
      return [{ interfaceClass, interfaceNumber, alternateSetting, in: into, out }]
    }),
  )
  return candidates.find(({ interfaceClass }) => interfaceClass === PRINTER_CLASS) ?? candidates[0]
}

/** Excludes disks and network cards, which have bulk endpoints too. */
function speaksBytes({ interfaceClass, interfaceProtocol }: Alternate): boolean {
  if (interfaceClass === PRINTER_CLASS) return interfaceProtocol === BIDIRECTIONAL
  return interfaceClass === VENDOR_CLASS
}

const CODES: readonly (readonly [RegExp, string])[] = [
  [/permission|denied|errno 13\b/i, 'USB_ACCESS_DENIED'],
  [/busy|errno 16\b/i, 'USB_BUSY'],
]

/** Errors of the package can be distinguished by their text only. */
async function explained<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown cause'
    const code = CODES.find(([pattern]) => pattern.test(message))?.[1]
    throw new NativeFault(code ?? 'USB_FAILED', message)
  }
}
