import type { LawKeys, NamedDevice, Problem } from '../../base/settings/law-settings.ts'
import { alertContradictions } from './alerts.ts'
import { authorityContradictions } from './authorities.ts'
import { isLoopback } from './loopback.ts'

type Checked = Parameters<typeof alertContradictions>[0] & {
  authorities?: Parameters<typeof authorityContradictions>[0]
  listen: { host: string }
  tls?: unknown
  devices: readonly NamedDevice[]
  sync: { targets: readonly { id: string }[] }
}

/** Errors that no single key shows: a LAN listener without TLS, an entry used twice, and those of the laws. */
export function contradictions(config: Checked, keys: LawKeys): Problem[] {
  const problems = [
    ...idsTwice(['devices'], config.devices),
    ...idsTwice(['sync', 'targets'], config.sync.targets),
    ...unitsTwice(config.devices),
    ...alertContradictions(config),
    ...authorityContradictions(config.authorities),
    ...ofLaws(config, keys),
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

function ofLaws(config: Checked, keys: LawKeys): Problem[] {
  return Object.entries(keys).flatMap(([key, { contradictions: contradictionsOf }]) => [
    ...(contradictionsOf?.(Reflect.get(config, key), config.devices) ?? []),
  ])
}

/** With two ids for one unit, each would count the documents of the other as its own. */
function unitsTwice(devices: readonly NamedDevice[]): Problem[] {
  const seen = new Map<string, string>()
  return devices.flatMap((device, index) => {
    const claim = placeOf(device)
    if (claim === undefined) return []
    const place = JSON.stringify(claim.place)
    const first = seen.get(place)
    if (first === undefined) {
      seen.set(place, device.id)
      return []
    }
    return [{ path: ['devices', index, claim.key], message: `already used by "${first}": one unit is one device` }]
  })
}

/**
 * The location of the unit, and the key that has it. Undefined for a card: it counts nothing, so two entries do no
 * harm.
 */
function placeOf(device: NamedDevice): { key: string; place: unknown[] } | undefined {
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
