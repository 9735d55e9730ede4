import { isIP } from 'node:net'
import type { Config } from '../../agent-config.ts'
import { placesIn } from '../../agent-config.ts'
import { alertHosts, authorityHosts, deviceHosts, targetHosts } from '../../config/called-hosts.ts'
import { isLoopback } from '../../config/loopback.ts'
import type { HandedUnits } from './handed-files.ts'

/** Private networks (RFC 1918, RFC 4193) and link-local addresses, as the tills of a shop have. */
const SHOP_NETWORKS = '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 link-local'
/** Folders of the system. The unit may write single folders below them, never the whole folder. */
const OF_THE_SYSTEM = /^\/((boot|dev|etc|home|opt|proc|root|run|srv|sys|tmp|usr)?|var(\/(cache|lib|log|spool|tmp))?)$/
const DEFAULT_STATE = '/var/lib/fiskal-edge'

/**
 * The settings of the unit that depend on the configuration: credential files, addresses that the agent calls, and folders
 * that it writes outside the state directory. `mountPoints`: those in use now and those of /etc/fstab.
 */
export function dropIn(
  config: Config,
  file: string,
  handed: readonly HandedUnits[],
  mountPoints: readonly string[],
): string {
  const units = [...mounts(config), ...handed.flatMap(wanted)]
  return [
    `# Written from ${file} by "fiskal-edge service install", which overwrites it: use "systemctl edit fiskal-edge" for changes.`,
    '[Service]',
    ...new Set([...folders(config, mountPoints), ...addresses(config)]),
    ...(units.length > 0 ? ['[Unit]', ...units] : []),
    '',
  ].join('\n')
}

/** Unit names are not quoted, and their backslashes are not doubled (systemd.unit(5)). */
function wanted({ path, service }: HandedUnits): string[] {
  return [`Wants=${path} ${service}`, `After=${service}`]
}

/**
 * Folders on disks of TSEs, sync targets and backups. The minus permits that a disk is not connected. Each entry is the
 * mount point. A folder below it would be bound into the unit's mount namespace: the unit would continue to write to a
 * removed stick, and not find the next one.
 */
function folders(config: Config, mountPoints: readonly string[]): string[] {
  const devices = config.devices.flatMap((device) => ('path' in device ? [device.path] : []))
  const state = config.state === DEFAULT_STATE ? [] : [config.state]
  const places = placesIn(config).map(({ folder }) => folder)
  const outside = [...devices, ...places].map((path) => mountPointOf(path, mountPoints))
  return [...state, ...outside].map((path) => `ReadWritePaths=${word(`-${path}`)}`)
}

/** The innermost mount point above the path; the path itself if all of them belong to the system. */
function mountPointOf(path: string, mountPoints: readonly string[]): string {
  if (mountPoints.includes(path)) return path
  const above = mountPoints.filter((point) => path.startsWith(`${point}/`) && !OF_THE_SYSTEM.test(point))
  return above.sort((one, other) => other.length - one.length)[0] ?? path
}

/**
 * Without this the agent could start before the disk of the state is mounted, find an empty folder and begin another journal
 * in it. For the default state directory systemd does this itself (StateDirectory=).
 */
function mounts({ state }: Config): string[] {
  return state === DEFAULT_STATE ? [] : [`RequiresMountsFor=${word(state)}`]
}

/** The folders that the unit of a drop-in may write. While a stick is unplugged, its mount point is recorded only there. */
export function foldersIn(text: string): string[] {
  return [...text.matchAll(/^ReadWritePaths=("?)-(.*)\1$/gm)].map(([, quote, name = '']) => {
    const path = name.replaceAll('%%', '%')
    return quote === '"' ? path.replaceAll(/\\(["\\])/g, '$1') : path
  })
}

/** Quotes an item of a list: blanks separate items, and quotes and backslashes are special (systemd.syntax(7)). */
function word(text: string): string {
  const quoted = /[\s"'\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text
  return literally(quoted)
}

/** Escapes specifiers (systemd.unit(5)). */
function literally(text: string): string {
  return text.replaceAll('%', '%%')
}

function addresses(config: Config): string[] {
  const hosts = [deviceHosts, targetHosts, alertHosts, authorityHosts].flatMap((of) => of(config))
  const called = hosts.filter((host) => !isLoopback(host))
  const lines = called.map((host) => (isIP(host) === 0 ? undefined : `IPAddressAllow=${host}`))
  // The filter accepts IP addresses only, and the address of a host name may change: any address is then allowed.
  if (lines.includes(undefined)) return ['IPAddressAllow=any']
  const listener = isLoopback(config.listen.host) ? [] : [`IPAddressAllow=${SHOP_NETWORKS}`]
  return [...listener, ...lines.filter((line) => line !== undefined)]
}
