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
  return urls.map(hostOf)
}

/** The hosts of the channels for alerts. */
export function alertHosts({ webhooks, alerts }: Config): string[] {
  return [...(alerts.mail === undefined ? [] : [alerts.mail.host]), ...webhooks.map(({ url }) => hostOf(url))]
}

/** The hosts of the tax offices' services, and of the proxy to them. */
export function authorityHosts({ authorities }: Config): string[] {
  const urls = [authorities?.finanzonline?.url, authorities?.proxy?.url]
  return urls.flatMap((url) => (url === undefined ? [] : [hostOf(url)]))
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? url
}
