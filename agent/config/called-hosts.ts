import type { Config } from './config.ts'
import { locationOf } from './targets.ts'

/** The hosts of devices that are connected by a network. */
export function deviceHosts(config: Config): string[] {
  return config.devices.flatMap((device) => [
    ...('tcp' in device && device.tcp !== undefined ? [device.tcp.host] : []),
    ...('http' in device ? [device.http.host] : []),
  ])
}

/** The hosts of the sync targets, IPv6 without brackets. */
export function targetHosts(config: Config): string[] {
  const urls = config.sync.targets.map(locationOf).flatMap((at) => ('folder' in at ? [] : at.addresses))
  return urls.map((url) => URL.parse(url)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? url)
}
