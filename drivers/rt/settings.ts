import { z } from 'zod'
import { withoutZeros } from '../../base/money.ts'
import { departmentKey, milliseconds } from '../../base/settings/values.ts'
import { serial, tcp, usb } from '../links/settings.ts'

/** Key → department of the printer (RT protocol manuals: departments are programmed by the installer). */
const DEPARTMENTS = { '0.22': 1, '0.10': 2, '0.05': 3, '0.04': 4, N1: 5, N2: 6, N3: 7, N4: 8, N5: 9, N6: 10 }

export const departments = z
  .record(departmentKey, z.int().min(1).max(99))
  .check(({ value, issues }) => {
    const names = new Map<string, string>()
    for (const name of Object.keys(value)) {
      const [kind = '', ...code] = name.split('/')
      const key = [withoutZeros(kind), ...code].join('/')
      const first = names.get(key)
      const message = `is the same department as "${first}": name it once`
      if (first !== undefined) issues.push({ code: 'custom', path: [name], message, input: value })
      names.set(key, name)
    }
  })
  .default(DEPARTMENTS)

/** Limits of a printer that answers once. Each driver accepts only those that it uses: another would have no effect. */
export const answered = {
  replyMs: milliseconds.default(5000),
  printMs: milliseconds.default(30_000),
  longMs: milliseconds.default(180_000),
}
/** Limits of a printer that acknowledges first. */
export const acknowledged = { ackMs: milliseconds.default(1000), ...answered }

type Lines = { serial?: unknown; tcp?: unknown; usb?: unknown }

/** Three ways lead to a printer with a line: {@link withOneLine} demands that one is given. */
export function lines(file: z.ZodType<string>, baudRate: number) {
  return { serial: serial(file, baudRate).optional(), tcp: tcp(23).optional(), usb: usb.optional() }
}

export function withOneLine<Entry extends z.ZodType<Lines>>(entry: Entry): Entry {
  return entry.refine(hasOneLine, 'give one of "serial", "tcp" and "usb"')
}

function hasOneLine(device: Lines): boolean {
  return [device.serial, device.tcp, device.usb].filter((line) => line !== undefined).length === 1
}

/** Fits `#REF ` and twelve characters, which identify a document whose reply was lost; lengths have two digits. */
export const textMax = z.int().min(17).max(99).optional()
export const count = z.int().min(0).max(99)
export const pause = milliseconds.optional()

type LineEntry<Timeouts> = {
  departments: Readonly<Record<string, number>>
  timeouts: Timeouts
  profile?: Readonly<Record<string, unknown>> | undefined
}

/** The arguments of a driver that its entry has; a member of the profile that it omits keeps the value of the driver. */
export function driverSettings<Timeouts>({ departments, timeouts, profile = {} }: LineEntry<Timeouts>) {
  const changed = Object.entries(profile).filter(([, value]) => value !== undefined)
  return { departments, timeouts, profile: Object.fromEntries(changed) }
}
