import { z } from 'zod'
import { strict } from '../../base/settings/strict.ts'
import { host, port, words } from '../../base/settings/values.ts'

const usbId = z.string().regex(/^0x[0-9A-Fa-f]{1,4}$/, 'a hexadecimal id such as "0x1a86"')

/** A USB device by its ids, without a serial line. */
export const usb = strict({ vendorId: usbId, productId: usbId, serialNumber: words.optional() })

/** `usual`: the port of the device if none is given. */
export function tcp(usual?: number) {
  return strict({ host, port: usual === undefined ? port : port.default(usual) })
}

/** A serial line by its path, or by the identity of its USB adapter. */
export function serial(file: z.ZodType<string>, baudRate: number) {
  return strict({
    path: file.optional(),
    usb: usb.optional(),
    baudRate: z.int().min(300).max(4_000_000).default(baudRate),
  }).refine((line) => (line.path === undefined) !== (line.usb === undefined), 'give either "path" or "usb"')
}

/** How an entry of `devices` says where its device is: one of the three. */
export type LinkSettings = {
  serial?: z.output<ReturnType<typeof serial>> | undefined
  tcp?: z.output<ReturnType<typeof tcp>> | undefined
  usb?: z.output<typeof usb> | undefined
}
