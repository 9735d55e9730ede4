import type { Link } from './link.ts'
import type { LineOptions } from './receiving-link.ts'
import type { LinkSettings } from './settings.ts'

/** Makes the link to a device without connecting it: TCP, the bulk endpoints of a USB device, or a serial port. */
export async function makeLink(
  { serial, tcp, usb }: LinkSettings,
  bits: { dataBits?: 7 | 8; parity?: 'none' | 'odd' | 'even' },
  { clock, recorder }: LineOptions,
): Promise<Link> {
  if (recorder?.plays !== undefined) {
    const { PlayedLink } = await import('./played-link.ts')
    return new PlayedLink({ clock, recorder }, recorder.plays)
  }
  if (tcp !== undefined) {
    const { TcpLink } = await import('./tcp.ts')
    return new TcpLink({ ...tcp, clock, recorder })
  }
  if (usb !== undefined) {
    const { UsbLink } = await import('./usb.ts')
    return new UsbLink({ ids: usb, clock, recorder })
  }
  const { SerialLink } = await import('./serial.ts')
  return new SerialLink({ baudRate: 9600, ...serial, ...bits, clock, recorder })
}
