import { readdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'

const LINES_MAX = 512

/** A serial line of a USB device: `/dev/ttyUSB0`, and the path of its device in sysfs. */
export type UsbLine = { tty: string; place: string }

/** Serial lines of USB devices, by their names (Linux sysfs); empty without USB. */
export async function usbLines(sysfs: string): Promise<readonly UsbLine[]> {
  const folder = join(sysfs, 'class', 'tty')
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^tty(USB|ACM)\d+$/.test(name)).sort()
  const lines: UsbLine[] = []
  for (const name of names.slice(0, LINES_MAX)) {
    const place = await realpath(join(folder, name, 'device')).catch(() => undefined)
    if (place !== undefined) lines.push({ tty: `/dev/${name}`, place })
  }
  return lines
}

/** An attribute of a device; undefined if the kernel does not have it. */
export async function attribute(device: string, name: string): Promise<string | undefined> {
  const text = (await readFile(join(device, name), 'utf8').catch(() => '')).trim()
  return text === '' ? undefined : text
}
