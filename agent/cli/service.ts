import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Command } from 'commander'
import type { Config } from '../agent-config.ts'
import { readConfig } from '../agent-config.ts'
import { jsonOption } from './arguments/options.ts'
import { emptiedPlaces } from './checks/places.ts'
import { exampleConfig } from './config/example.ts'
import { mountPointsOf, removeMountUnits, writeMountUnits } from './service/drives.ts'
import { dropIn } from './service/drop-in.ts'
import type { System } from './service/files.ts'
import { at, CONFIG, DROP_IN, installedUnit, isPackaged, put, removeFiles, UNIT, writeFiles } from './service/files.ts'
import type { HandedUnits } from './service/handed-files.ts'
import { handedUnits, wayIn, writeInstanceDropIns } from './service/handed-files.ts'
import {
  disable,
  enable,
  endOthers,
  isLive,
  makeReady,
  nameDevices,
  reload,
  restart,
  ServiceError,
  show,
} from './service/host.ts'
import { demandPlace } from './service/place.ts'
import { writeUsbRules } from './service/usb-rules.ts'
import { print, printJson, printMembers } from './terminal/output.ts'

type Options = { root: string; start?: boolean; enable?: boolean; json?: boolean }

export function serviceCommand(): Command {
  const command = (name: string, description: string): Command =>
    new Command(name)
      .description(description)
      .option('--root <dir>', 'another system: files and users under this folder, nothing is started', '/')
  const install = command(
    'install',
    `the systemd unit, user, rules for devices, and what ${CONFIG} asks of them (root)`,
  )
    .option('--no-start', 'installs and enables only')
    .option('--no-enable', 'do not change whether it starts with the machine')
    .action((options: Options) => installService(options))
  const uninstall = command(
    'uninstall',
    'stops the service and removes what install wrote; keeps state and configuration (root)',
  ).action((options: Options) => uninstallService(options))
  const status = command('status', 'whether it is installed and runs; exit 1 where it does not')
    .addOption(jsonOption())
    .action((options: Options) => showService(options))
  return new Command('service')
    .description('the agent as a systemd service')
    .addCommand(install)
    .addCommand(uninstall)
    .addCommand(status)
}

async function installService({ root, start, enable: isEnabled }: Options): Promise<void> {
  const system = { root }
  demandRoot(system)
  if (system.root === '/') demandPlace()
  // systemd, udev and the service read the file, whatever root's umask is (027 on a hardened machine).
  process.umask(0o022)
  const written = writeFiles(system)
  if (!existsSync(at(system, CONFIG))) {
    put(system, CONFIG, `${exampleConfig('kassensichv')}\n`)
    written.push(`${CONFIG} (TSE simulator, NOT CERTIFIED: edit it, then "fiskal-edge service install" again)`)
  }
  const remainingSteps = makeReady(system)
  const { config } = readConfig(at(system, CONFIG))
  const emptied = await emptiedPlaces(config)
  // An update of the package starts a shop as it is.
  if (emptied.length > 0 && start !== false) throw new ServiceError('state_volatile', emptied.join('; '))
  remainingSteps.push(...emptied)
  const handed = handedUnits(config, wayIn(system))
  written.push(...writeDropIns(system, config, handed))
  const rules = writeUsbRules(system, config)
  if (rules.length > 0) nameDevices(system)
  const drives = writeMountUnits(system, config)
  written.push(...rules, ...drives.written)
  remainingSteps.push(...drives.remainingSteps)
  reload(system)
  if (isEnabled !== false) enable(system)
  for (const place of written) print(`wrote ${place}`)
  for (const sentence of remainingSteps) print(`left to do: ${sentence}`)
  if (!isLive(system)) {
    print('systemd does not run here: nothing was started.')
    return
  }
  endOthers(handed)
  if (start === false) return
  restart()
  print(`${UNIT}: ${show('StatusText')}`)
}

function writeDropIns(system: System, config: Config, handed: readonly HandedUnits[]): string[] {
  put(system, DROP_IN, dropIn(config, CONFIG, handed, mountPointsOf(system)))
  writeInstanceDropIns(system, handed)
  giveState(system, config.state)
  return [DROP_IN]
}

/** For a state directory that systemd does not create. */
function giveState(system: System, state: string): void {
  const folder = at(system, state)
  const usual = statSync(at(system, '/var/lib/fiskal-edge'), { throwIfNoEntry: false })
  if (usual === undefined || state === '/var/lib/fiskal-edge') return
  if (!existsSync(folder)) {
    // The folders above stay open, so that the service can enter.
    mkdirSync(dirname(folder), { recursive: true })
    mkdirSync(folder, { mode: 0o700 })
    chownSync(folder, usual.uid, usual.gid)
    chmodSync(folder, 0o700)
  }
}

function uninstallService({ root }: Options): void {
  const system = { root }
  demandRoot(system)
  const packaged = isPackaged(system)
  if (installedUnit(system) !== undefined) disable(system)
  writeInstanceDropIns(system, [])
  for (const place of [...removeFiles(system), ...removeMountUnits(system)]) print(`removed ${place}`)
  reload(system)
  if (isLive(system)) endOthers([])
  print(`Kept: the journal and its keys in /var/lib/fiskal-edge, ${dirname(CONFIG)}, the user fiskal-edge.`)
  if (packaged) print('The program itself: apt-get remove fiskal-edge')
}

function showService({ root, json }: Options): void {
  const system = { root }
  const unit = installedUnit(system)
  const live = isLive(system) && unit !== undefined
  // lstat, because the target of a link in another system does not exist on this machine.
  const link = lstatSync(at(system, `/etc/systemd/system/multi-user.target.wants/${UNIT}`), { throwIfNoEntry: false })
  const answer = {
    installed: unit !== undefined,
    unit: unit?.path ?? null,
    enabled: live ? show('UnitFileState') === 'enabled' : link !== undefined,
    state: live ? show('ActiveState') : 'unknown',
    status: live ? show('StatusText') : null,
    pid: live ? Number(show('MainPID')) : null,
    since: live ? show('ActiveEnterTimestamp') : null,
    restarts: live ? Number(show('NRestarts')) : null,
  }
  if (json) printJson(answer)
  else printMembers(answer)
  if (answer.state !== 'active') process.exitCode = 1
}

function demandRoot(system: System): void {
  if (system.root === '/' && process.getuid?.() !== 0)
    throw new ServiceError('permission_denied', 'a service is installed by root: repeat with sudo')
}
