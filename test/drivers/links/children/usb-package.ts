import type { Socket } from 'node:net'
import { createConnection } from 'node:net'
import type { PipeDevice } from '../../../../drivers/links/usb-pipe.ts'
import type { UsbStandIn } from '../usb-stand-in.ts'

/**
 * In place of the package `usb`, in its child process: a device whose endpoints lead to a TCP port, in packets as the bus
 * has them. Refusals have the package's own texts (nusb 0.2.7). It shows nothing of timing or of the kernel.
 */
const settings = JSON.parse(process.env['USB_STAND_IN'] ?? '{}') as UsbStandIn

class StandInDevice implements PipeDevice {
  readonly bus = '001'
  readonly address = settings.address
  readonly configuration = { interfaces: settings.interfaces }
  #socket: Socket | undefined
  #hasDriver = settings.hasDriver === true
  #claimed: number | undefined
  #alternate = 0
  readonly #packets: Buffer[] = []
  #end: string | undefined
  #wake: () => void = () => undefined

  async open(): Promise<void> {
    if (settings.refusal !== undefined) throw new Error(`open error: ${settings.refusal}`)
  }

  async detachKernelDriver(): Promise<void> {
    if (!this.#hasDriver) throw new Error('detachKernelDriver error: no kernel driver attached (errno 61)')
    this.#hasDriver = false
  }

  async claimInterface(interfaceNumber: number): Promise<void> {
    if (this.#hasDriver || settings.isClaimed === true)
      throw new Error('claimInterface error: interface is busy (errno 16)')
    this.#claimed = interfaceNumber
    const socket = createConnection({ port: settings.port, host: '127.0.0.1', noDelay: true })
    socket.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += PACKET) this.#packets.push(bytes.subarray(at, at + PACKET))
      this.#wake()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#end = 'Disconnected'
      this.#wake()
    })
    this.#socket = socket
    if (settings.isGone === true) this.#end = 'Disconnected'
  }

  async selectAlternateInterface(_interfaceNumber: number, alternateSetting: number): Promise<void> {
    this.#alternate = alternateSetting
  }

  /** As a host controller: ends with a short packet, or when the buffer is full. */
  async transferIn(endpointNumber: number, length: number): Promise<{ data: DataView }> {
    this.#demand(endpointNumber, 'in')
    const taken: Buffer[] = []
    for (;;) {
      const packet = this.#packets.shift()
      if (packet !== undefined) {
        taken.push(packet)
        const all = Buffer.concat(taken)
        if (packet.length < PACKET || all.length >= length) return { data: new DataView(new Uint8Array(all).buffer) }
      } else if (this.#end !== undefined) throw new Error(`transferIn error: ${this.#end}`)
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  async transferOut(endpointNumber: number, bytes: Uint8Array): Promise<{ bytesWritten: number }> {
    this.#demand(endpointNumber, 'out')
    if (settings.isStuck === true) return new Promise(() => undefined)
    if (settings.crashes === true) process.kill(process.pid, 'SIGKILL')
    if (this.#end !== undefined) throw new Error(`transferOut error: ${this.#end}`)
    if (settings.takesAtMost !== undefined) return { bytesWritten: Math.min(bytes.length, settings.takesAtMost) }
    await new Promise<void>((resolve) => this.#socket?.write(bytes, () => resolve()))
    return { bytesWritten: bytes.length }
  }

  /** Endpoints of a claimed interface alone are open, in the setting that was selected. */
  #demand(endpointNumber: number, direction: 'in' | 'out'): void {
    const claimed = settings.interfaces.find(({ interfaceNumber }) => interfaceNumber === this.#claimed)
    const current = claimed?.alternates.find(({ alternateSetting }) => alternateSetting === this.#alternate)
    const isOpen = current?.endpoints.some(
      (end) => end.endpointNumber === endpointNumber && end.direction === direction,
    )
    if (isOpen !== true) throw new Error('transfer error: endpoint not found')
  }
}

const PACKET = 64

export const usb = { getDevices: async (): Promise<StandInDevice[]> => [new StandInDevice()] }
