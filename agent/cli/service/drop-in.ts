import { isIP } from 'node:net'
import type { Config } from '../../agent-config.ts'
import { placesIn } from '../../agent-config.ts'
import { isLoopback } from '../../config/loopback.ts'
import { locationOf } from '../../config/targets.ts'
import type { HandedUnits } from './handed-files.ts'

/** Private networks (RFC 1918, RFC 4193) and link-local addresses: where tills of a shop are. */
const SHOP_NETWORKS = '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 link-local'
/** Of these the unit may write what it needs, never all. */
const OF_THE_SYSTEM = /^\/((boot|dev|etc|home|opt|proc|root|run|srv|sys|tmp|usr)?|var(\/(cache|lib|log|spool|tmp))?)$/
const DEFAULT_STATE = '/var/lib/fiskal-edge'

/**
 * What the unit must be told of a configuration: the files that are handed over, the addresses that are called, the folders
 * that are written outside the state directory. `mountPoints`: where disks are mounted now, or belong by /etc/fstab.
 */
export function dropIn(
  config: Config,
  file: string,
  handed: readonly HandedUnits[],
  mountPoints: readonly string[],
): string {
  const units = [...mounts(config), ...handed.flatMap(wanted)]
  return [
    `# Made from ${file} by "fiskal-edge service install", and made anew by it: own changes go to "systemctl edit fiskal-edge".`,
    '[Service]',
    ...new Set([...folders(config, mountPoints), ...addresses(config)]),
    ...(units.length > 0 ? ['[Unit]', ...units] : []),
    '',
  ].join('\n')
}

/** Names of units are neither quoted here nor are their backslashes doubled (systemd.unit(5)). */
function wanted({ path, service }: HandedUnits): string[] {
  return [`Wants=${path} ${service}`, `After=${service}`]
}

/**
 * Disks of a TSE and of the replay; they may be away, hence the minus. Of each its mount point: a folder below it would be
 * pinned in the unit's own mounts. The unit would go on writing to a stick that was pulled out, and not see another one.
 */
function folders(config: Config, mountPoints: readonly string[]): string[] {
  const devices = config.devices.flatMap((device) => ('path' in device ? [device.path] : []))
  const state = config.state === DEFAULT_STATE ? [] : [config.state]
  const places = placesIn(config).map(({ folder }) => folder)
  const outside = [...devices, ...places].map((path) => mountPointOf(path, mountPoints))
  return [...state, ...outside].map((path) => `ReadWritePaths=${word(`-${path}`)}`)
}

/** The innermost; the folder itself where none is mounted there, or one on which the system lives. */
function mountPointOf(path: string, mountPoints: readonly string[]): string {
  if (mountPoints.includes(path)) return path
  const above = mountPoints.filter((point) => path.startsWith(`${point}/`) && !OF_THE_SYSTEM.test(point))
  return above.sort((one, other) => other.length - one.length)[0] ?? path
}

/**
 * Where the disk of the state is not mounted yet, the folder below would be taken for a shop that has never sold, and
 * another journal begun in it. Of its own folders systemd knows that by itself.
 */
function mounts({ state }: Config): string[] {
  return state === DEFAULT_STATE ? [] : [`RequiresMountsFor=${word(state)}`]
}

/** The folders of a drop-in that its unit may write: whoever looks while a stick is out finds its mount point there alone. */
export function foldersIn(text: string): string[] {
  return [...text.matchAll(/^ReadWritePaths=("?)-(.*)\1$/gm)].map(([, quote, name = '']) => {
    const path = name.replaceAll('%%', '%')
    return quote === '"' ? path.replaceAll(/\\(["\\])/g, '$1') : path
  })
}

/** One word of a list: a blank would end it, and quotes and backslashes mean something (systemd.syntax(7)). */
function word(text: string): string {
  const quoted = /[\s"'\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text
  return literally(quoted)
}

/** systemd.unit(5), specifiers. */
function literally(text: string): string {
  return text.replaceAll('%', '%%')
}

function addresses(config: Config): string[] {
  const called = [...deviceHosts(config), ...targetHosts(config)].filter((host) => !isLoopback(host))
  const lines = called.map((host) => (isIP(host) === 0 ? undefined : `IPAddressAllow=${host}`))
  // The address of a name changes, and the filter knows numbers only: the network then stays open.
  if (lines.includes(undefined)) return ['IPAddressAllow=any']
  const listener = isLoopback(config.listen.host) ? [] : [`IPAddressAllow=${SHOP_NETWORKS}`]
  return [...listener, ...lines.filter((line) => line !== undefined)]
}

function deviceHosts(config: Config): string[] {
  return config.devices.flatMap((device) => [
    ...('tcp' in device && device.tcp !== undefined ? [device.tcp.host] : []),
    ...('http' in device ? [device.http.host] : []),
  ])
}

function targetHosts(config: Config): string[] {
  const urls = config.sync.targets.map(locationOf).flatMap((at) => ('folder' in at ? [] : at.addresses))
  return urls.map((url) => URL.parse(url)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? url)
}
