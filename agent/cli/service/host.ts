import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError, codeOf } from '../../../base/thrown.ts'
import type { System } from './files.ts'
import { at, OWN_UNITS, readable, UNIT } from './files.ts'
import type { HandedUnits } from './handed-files.ts'
import { COPIES } from './handed-files.ts'

const COMMAND_LIMIT_MS = 90_000
const HANDING = 'fiskal-edge-secret@*'

/** The machine did not do what the installer requested. */
export class ServiceError extends CodedError {
  override readonly name = 'ServiceError'
}

/** True if systemd runs this machine: not in a chroot, in most containers or for another root folder. */
export function isLive(system: System): boolean {
  return system.root === '/' && existsSync('/run/systemd/system')
}

/** `out`: standard output if the command succeeded. `failure`: the last message of it or of the program that it runs. */
type Ended = { out?: string; isMissing: boolean; failure: string }

function runCommand(command: string, args: readonly string[], limitMs: number): Ended {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: limitMs })
  const lines = (stderr ?? '').trim().split('\n')
  const reason = lines.findLast((line) => line.startsWith('fiskal-edge:')) ?? lines.at(-1) ?? ''
  const failure = `${command} ${args.join(' ')}: ${reason || error?.message || `status ${status}`}`
  return { ...(status === 0 && { out: stdout }), isMissing: codeOf(error) === 'ENOENT', failure }
}

/** Standard output of a systemd command; undefined if it is not installed. Throws {@link ServiceError}. */
function run(command: string, ...args: readonly string[]): string | undefined {
  const { out, isMissing, failure } = runCommand(command, args, COMMAND_LIMIT_MS)
  if (out === undefined && !isMissing) throw new ServiceError('service_failed', failure)
  return out
}

/** Creates users, folders and device rules, as the installation of a package does. Returns the remaining steps. */
export function makeReady(system: System): string[] {
  const root = system.root === '/' ? [] : [`--root=${system.root}`]
  const remainingSteps: string[] = []
  const steps: readonly (readonly [string, ...string[]])[] = [
    ['systemd-sysusers', ...root, 'fiskal-edge.conf'],
    ['systemd-tmpfiles', ...root, '--create', 'fiskal-edge.conf'],
  ]
  for (const [command, ...args] of steps) {
    if (run(command, ...args) === undefined && !hasUser(system))
      remainingSteps.push(
        `${command} is not installed (apt-get install systemd): make the user fiskal-edge and its folders by hand`,
      )
  }
  nameDevices(system)
  return remainingSteps
}

/** Makes systemd read its units: only after all of them are written. */
export function reload(system: System): void {
  if (isLive(system)) run('systemctl', 'daemon-reload')
}

/** Connected devices get their group and name too; a container may have udev's command and no udev. */
export function nameDevices(system: System): void {
  if (!isLive(system) || !existsSync('/run/udev/control')) return
  run('udevadm', 'control', '--reload')
  run('udevadm', 'trigger', '--action=change', '--subsystem-match=tty', '--subsystem-match=usb')
}

/** The package creates it if systemd's tools are missing. */
function hasUser(system: System): boolean {
  return readable(at(system, '/etc/passwd'))?.includes('\nfiskal-edge:') ?? false
}

export function enable(system: System): void {
  run('systemctl', ...(system.root === '/' ? [] : [`--root=${system.root}`]), 'enable', '--quiet', UNIT)
}

/** Starts or restarts the service, and waits until it reports that it is ready. */
export function restart(): void {
  try {
    run('systemctl', 'restart', UNIT)
  } catch {
    const status = show('StatusText')
    throw new ServiceError(
      'service_failed',
      `${UNIT} does not start${status === '' ? '' : ` (${status})`}: journalctl -u ${UNIT} -n 20 shows why`,
    )
  }
}

/**
 * Stops the units for files that the configuration no longer names, and removes their copies. The others stay: the
 * running agent may need them until its restart.
 */
export function endOthers(wanted: readonly HandedUnits[]): void {
  const instances = new Set(wanted.map(({ path }) => path.replace(/\.path$/, '')))
  const others = (kind: 'path' | 'service', ...options: readonly string[]): string[] =>
    (run('systemctl', 'list-units', ...options, '--plain', '--no-legend', `${HANDING}.${kind}`) ?? '')
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '')
      .filter((unit) => unit !== '' && !instances.has(unit.replace(/\.(path|service)$/, '')))
  const paths = others('path', '--all')
  if (paths.length > 0) run('systemctl', 'stop', '--', ...paths)
  // One that copies now would bring its copy back. The stop of one that has just ended fails: it is no longer loaded.
  const copying = others('service')
  if (copying.length > 0) runCommand('systemctl', ['stop', '--', ...copying], COMMAND_LIMIT_MS)
  const copies = new Set(wanted.map(({ copy }) => copy))
  const entries = existsSync(COPIES) ? readdirSync(COPIES, { withFileTypes: true }) : []
  // The folder belongs to another user: root only unlinks in it and follows nothing.
  for (const entry of entries) if (!entry.isDirectory() && !copies.has(entry.name)) unlinkSync(join(COPIES, entry.name))
}

export function disable(system: System): void {
  if (isLive(system)) run('systemctl', 'disable', '--now', '--quiet', UNIT)
  else if (existsSync(at(system, OWN_UNITS))) {
    run('systemctl', `--root=${system.root}`, 'disable', '--quiet', UNIT)
  }
}

/** A property of the unit; '' if it has no value. */
export function show(property: string): string {
  try {
    return (run('systemctl', 'show', UNIT, '--property', property, '--value') ?? '').trim()
  } catch {
    return ''
  }
}
