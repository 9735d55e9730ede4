import { rmSync } from 'node:fs'
import type { Config } from '../../agent-config.ts'
import type { System } from './files.ts'
import { at, put, USB_RULES } from './files.ts'

/** The udev rules that let the service open devices without a serial line; undefined if none is configured. */
function usbRules(config: Config): string | undefined {
  const rules = config.devices.flatMap((device) => {
    if (!('usb' in device) || device.usb === undefined) return []
    const { vendorId, productId } = device.usb
    const ids = `ATTR{idVendor}=="${digits(vendorId)}", ATTR{idProduct}=="${digits(productId)}"`
    return `ACTION!="remove", SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ${ids}, GROUP="dialout", MODE="0660", TEST=="power/control", ATTR{power/control}="on"`
  })
  if (rules.length === 0) return undefined
  return ['# Made by "fiskal-edge service install" for the USB devices without a serial line.', ...rules, ''].join('\n')
}

/** The form in sysfs: four digits, lower case. */
function digits(id: string): string {
  return Number.parseInt(id, 16).toString(16).padStart(4, '0')
}

/** Returns the written paths. */
export function writeUsbRules(system: System, config: Config): string[] {
  const text = usbRules(config)
  if (text === undefined) {
    rmSync(at(system, USB_RULES), { force: true })
    return []
  }
  put(system, USB_RULES, text)
  return [USB_RULES]
}
