import type { Clock } from '../base/clock.ts'
import type { Link } from './links/link.ts'

type Usb = { vendorId: string; productId: string; serialNumber?: string | undefined }
type SerialSettings = { path?: string | undefined; usb?: Usb | undefined; baudRate: number }
export type LineSettings = {
  serial?: SerialSettings | undefined
  tcp?: { host: string; port: number } | undefined
  usb?: Usb | undefined
}

/** Makes the line to a device without connecting it: TCP, the bulk endpoints of a USB device, or a serial port. */
export async function makeLink(
  { serial, tcp, usb }: LineSettings,
  bits: { dataBits?: 7 | 8; parity?: 'none' | 'odd' | 'even' },
  clock: Clock,
): Promise<Link> {
  if (tcp !== undefined) {
    const { TcpLink } = await import('./links/tcp.ts')
    return new TcpLink({ ...tcp, clock })
  }
  if (usb !== undefined) {
    const { UsbLink } = await import('./links/usb.ts')
    return new UsbLink({ ids: usb, clock })
  }
  const { SerialLink } = await import('./links/serial.ts')
  return new SerialLink({ baudRate: 9600, ...serial, ...bits, clock })
}
