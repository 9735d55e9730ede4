import { isLoopback } from './loopback.ts'

type Named = { id: string; driver: string }
type Problem = { path: (string | number)[]; message: string }

/** Errors across keys: a network listener without TLS, values used twice, fallbacks that are not cards of this file. */
export function contradictions(config: {
  listen: { host: string }
  tls?: unknown
  devices: readonly Named[]
  sync: { targets: readonly { id: string }[] }
  rksv: { fallbacks: Readonly<Record<string, readonly string[]>> }
}): Problem[] {
  const problems = [
    ...idsTwice(['devices'], config.devices),
    ...idsTwice(['sync', 'targets'], config.sync.targets),
    ...unitsTwice(config.devices),
    ...wrongFallbacks(config.rksv.fallbacks, config.devices),
  ]
  if (isLoopback(config.listen.host) || config.tls !== undefined) return problems
  return [{ path: ['tls'], message: 'required, because "listen.host" is not a loopback address' }, ...problems]
}

function idsTwice(list: readonly string[], entries: readonly { id: string }[]): Problem[] {
  const isSecond = ({ id }: { id: string }, index: number) => entries.findIndex((other) => other.id === id) < index
  return entries.flatMap((entry, index) =>
    isSecond(entry, index) ? [{ path: [...list, index, 'id'], message: 'used twice' }] : [],
  )
}

function wrongFallbacks(fallbacks: Readonly<Record<string, readonly string[]>>, devices: readonly Named[]): Problem[] {
  return Object.entries(fallbacks).flatMap(([first, others]) => {
    const words = [first, ...others].flatMap((name) => {
      const device = devices.find(({ id }) => id === name)
      if (device === undefined) return [`there is no device "${name}"`]
      return device.driver.startsWith('card-') ? [] : [`"${name}" is not a signature card`]
    })
    if (others.includes(first)) words.push('a card cannot stand in for itself')
    return words.map((message) => ({ path: ['rksv', 'fallbacks', first], message }))
  })
}

/** With two ids for one unit, each would count the documents of the other as its own. */
function unitsTwice(devices: readonly Named[]): Problem[] {
  const seen = new Map<string, string>()
  return devices.flatMap((device, index) => {
    const found = placeOf(device)
    if (found === undefined) return []
    const place = JSON.stringify(found.place)
    const first = seen.get(place)
    if (first === undefined) {
      seen.set(place, device.id)
      return []
    }
    return [{ path: ['devices', index, found.key], message: `already used by "${first}": one unit is one device` }]
  })
}

/**
 * The location of the unit, and the key that has it. Undefined for a card: it counts nothing, so two entries do no
 * harm.
 */
function placeOf(device: Named): { key: string; place: unknown[] } | undefined {
  const { serial, usb, tcp, http, path, slot, deviceId, module, token, key } = device as Place
  if (device.driver === 'tse-pkcs11') return { key: 'token', place: [module, token, key] }
  const net = tcp ?? http
  const lineOf = (end: unknown[], line: string) => {
    // Several units on one line.
    if (slot !== undefined) return { key: 'slot', place: [...end, slot] }
    return deviceId === undefined ? { key: line, place: end } : { key: 'deviceId', place: [...end, deviceId] }
  }
  if (net !== undefined) return lineOf([net.host.toLowerCase(), net.port], tcp ? 'tcp' : 'http')
  if (serial !== undefined) return lineOf([serial.path ?? serial.usb], 'serial')
  if (usb !== undefined) return { key: 'usb', place: [usb] }
  return path === undefined ? undefined : { key: 'path', place: [path] }
}

type Net = { host: string; port: number }
type Place = {
  serial?: { path?: string; usb?: unknown }
  usb?: unknown
  tcp?: Net
  http?: Net
  path?: string
  slot?: number
  deviceId?: string
  module?: string
  token?: string
  key?: string
}
