import type { Command } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { codeOf } from '../../base/thrown.ts'
import { listUsbDevices } from '../../drivers/links/usb-devices.ts'
import { MAKERS } from '../../drivers/tse-catalog.ts'
import type { Config, ConfigFile } from '../agent-config.ts'
import { readConfig } from '../agent-config.ts'
import { adminSocketPath } from '../config/admin-socket.ts'
import { ConfigError } from '../config/config.ts'
import { isLoopback } from '../config/loopback.ts'
import { supportLine } from '../config/support.ts'
import type { Language } from '../contract/receipt.ts'
import { describeFailure } from '../failure.ts'
import { LAW_WORDS } from '../laws/laws.ts'
import { Places } from '../state/places.ts'
import type { Common } from './arguments/options.ts'
import { commonCommand } from './arguments/options.ts'
import { checkAlerts } from './checks/alerts.ts'
import { accountFindings, checkAuthorities } from './checks/authorities.ts'
import { checkBackup, checkUnfinished, checkWritable } from './checks/backup.ts'
import { comparedPrinters } from './checks/compared-devices.ts'
import { agentFindings, deviceFindings } from './checks/devices.ts'
import type { Finding } from './checks/finding.ts'
import { failure, ok } from './checks/finding.ts'
import { checkHosts } from './checks/host-header.ts'
import { checkPackage } from './checks/package.ts'
import { checkPlaces, checkVolatility } from './checks/places.ts'
import { checkPlugged } from './checks/plugged.ts'
import { checkPort } from './checks/port.ts'
import { processName } from './checks/processes.ts'
import {
  checkLawKeys,
  checkLibraries,
  checkNativeModules,
  checkNode,
  checkRead,
  checkSecrets,
} from './checks/program.ts'
import { checkService } from './checks/service.ts'
import { showFinding } from './checks/shown-finding.ts'
import { checkSpace, checkState, isOfAnother, pipesIn } from './checks/state.ts'
import { taskFindings } from './checks/tasks.ts'
import { checkTimeSource } from './checks/time-source.ts'
import { checkTls } from './checks/tls.ts'
import { findDaemon, member } from './daemon/admin-client.ts'
import { asTechnician } from './daemon/technician.ts'
import { withStateTasks } from './owner/state-tasks.ts'
import type { Spoken } from './terminal/language.ts'
import { languageOf, languageOption, translated } from './terminal/language.ts'
import { print, printJson } from './terminal/output.ts'

export function doctorCommand(): Command {
  return commonCommand('doctor', 'check everything and say how to fix it; exit 1 only for ✖')
    .addOption(languageOption())
    .action(async (options: Common & Spoken) => {
      const language = languageOf(options)
      const findings = await examine(options.config, language)
      if (options.json) printJson({ ok: findings.every(({ state }) => state !== 'failure'), findings })
      else showFindings(findings, language)
      if (findings.some(({ state }) => state === 'failure')) process.exitCode = 1
    })
}

/** Repeats failures below the list: a terminal shows the last lines of a long one. */
function showFindings(findings: readonly Finding[], language: Language): void {
  for (const finding of findings) showFinding(finding, language)
  const last = findings.findLastIndex(({ state }) => state !== 'failure')
  const above = findings.slice(0, Math.max(0, last)).filter(({ state }) => state === 'failure')
  if (above.length > 0) print(translated('To fix:', language))
  for (const finding of above) showFinding(finding, language)
}

/** `language`: that of duties; the findings are English until they are shown. */
export async function examine(name: string | undefined, language: Language = 'en'): Promise<Finding[]> {
  const node = checkNode()
  let file: ConfigFile
  try {
    file = readConfig(name)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const remedy =
      error.code === 'permission_denied'
        ? 'sudo fiskal-edge doctor'
        : `correct that file; fiskal-edge config example LAW (${LAW_WORDS.join(', ')}) shows every key`
    return [node, ...error.problems.map((problem) => failure('configuration', `${error.file}: ${problem}`, remedy))]
  }
  const { config } = file
  // All other checks would guess: the agent's own port "taken", its journal "missing", its folder with a wrong owner.
  if (isOfAnother(config.state) || pipesIn(config.state).length > 0)
    return [node, ...checkNativeModules(config), ...checkState(config.state)]
  const nowMs = systemClock.now()
  const support = supportLine(config.support)
  const daemon = await attempt('daemon', async () => ({
    status: (await findDaemon(adminSocketPath(config.state)).catch(unlessSilent))?.status,
  }))
  const status = 'status' in daemon ? daemon.status : undefined
  const url = member(status, 'url')
  const working = await workingProcess(config.state)
  const silent = status === undefined ? working : undefined
  const looked = await lookInto(config, nowMs, member(status, 'targets'))
  // Devices and other programs take time: these two run while the other checks do.
  const timeSource = each('time source', async () => [await checkTimeSource()])
  const channels = each('alerts', () => checkAlerts(config))
  const authorities = each('FinanzOnline', () => checkAuthorities(config))
  const withAgent = each('devices', () => checkWithAgent(name, config, silent, nowMs, language))
  return [
    node,
    ...checkSecrets(file),
    ...checkLawKeys(config, nowMs),
    ...checkRead(config, status),
    ...checkNativeModules(config),
    ...checkLibraries(config),
    ...(await each('package', () => checkPackage())),
    ...(await each('service', () => checkService(config, file.file))),
    ...(await each('state', () => checkState(config.state))),
    ...(await each('state disk', () => checkVolatility(config.state))),
    ...looked.obstacles,
    ...(await each('disk space', () => [checkSpace(config.state)])),
    ...looked.speed,
    ...('check' in daemon ? [daemon] : agentFindings(daemon.status, language)),
    ...(await each('port', async () => [
      await checkPort('listen', config.listen, { url: typeof url === 'string' ? url : undefined, pid: working }),
    ])),
    checkHosts(config, isLoopback),
    ...(await each('tls', () => checkTls(config, nowMs))),
    ...(await timeSource),
    ...looked.journal,
    ...(await each('journal lock', () => journalLock(config.state))),
    ...looked.backup,
    ...(await each('place', () => checkPlaces(config, new Places(config.state)))),
    ...looked.sync,
    ...(await channels),
    ...(await authorities),
    ...(await each('plugged in', async () => checkPlugged(config, await listUsbDevices(MAKERS)))),
    ...(await withAgent),
    ...(support === undefined ? [] : [ok('support', support)]),
  ]
}

/** The process that uses the state; undefined also if the native module of the lock is missing. */
async function workingProcess(state: string): Promise<number | undefined> {
  try {
    const { lockHolder } = await import('../journal/disk/lock.ts')
    return lockHolder(state)
  } catch {
    return undefined
  }
}

/** The native module of the journal may be missing; another check reports that. */
async function journalLock(state: string): Promise<readonly Finding[]> {
  const { checkJournalLock } = await import('./checks/journal-lock.ts')
  return checkJournalLock(state)
}

/** A process that does not answer is reported with its number. */
function unlessSilent(error: unknown): undefined {
  if (codeOf(error) !== 'timeout') throw error
}

type Looked = Readonly<Record<'obstacles' | 'speed' | 'journal' | 'backup' | 'sync', readonly Finding[]>>

/** The owner reads the content of the files in the state directory. */
async function lookInto(config: Config, nowMs: number, targets: unknown): Promise<Looked> {
  const looked = await attempt('state', () =>
    withStateTasks(config.state, async (tasks): Promise<Looked> => {
      const backup = async (): Promise<Finding[]> => {
        const [last, unfinishedBackups] = [await tasks.lastBackup(), await tasks.unfinishedBackups()]
        const writable = checkWritable(config, last, await tasks.backupFolderFault(config.backup.folder))
        return [...writable, checkBackup(config, last, nowMs), ...checkUnfinished(unfinishedBackups, nowMs)]
      }
      return {
        obstacles: [],
        speed: [await tasks.checkDiskSpeed()],
        journal: [
          ...(await each('journal', () => tasks.checkJournal(nowMs))),
          ...(await each('proof', () => tasks.checkProof())),
          ...(await each('sessions', () => tasks.checkSessions(nowMs))),
        ],
        backup: await each('backup', backup),
        sync: await each('sync', () => tasks.checkSync(config, targets)),
      }
    }),
  )
  return 'check' in looked ? { obstacles: [looked], speed: [], journal: [], backup: [], sync: [] } : looked
}

/** A failed check is a finding; the doctor continues. */
async function attempt<Result>(check: string, act: () => Promise<Result>): Promise<Result | Finding> {
  try {
    return await act()
  } catch (error) {
    return failure(check, describeFailure(error), 'see the message and the log of the agent')
  }
}

async function each(
  check: string,
  act: () => readonly Finding[] | Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const findings = await attempt(check, async () => act())
  return 'check' in findings ? [findings] : findings
}

/** Checks that need the agent: the running one, otherwise one that is opened here for a moment. */
async function checkWithAgent(
  name: string | undefined,
  config: Config,
  silent: number | undefined,
  nowMs: number,
  language: Language,
): Promise<Finding[]> {
  if (silent !== undefined) {
    return [
      failure(
        'daemon',
        `process ${silent} (${processName(silent)}) works in ${config.state} and does not answer`,
        'it starts, stops or hangs: wait a moment, then systemctl restart fiskal-edge, or end that process',
      ),
    ]
  }
  return asTechnician(name, async (technician) => [
    ...(await deviceFindings(technician, config, language)),
    ...(await comparedPrinters(technician, printersIn(config))),
    ...(await accountFindings(technician, config)),
    ...(await taskFindings(technician, nowMs, language)),
  ])
}

function printersIn({ devices }: Config): string[] {
  return devices.filter(({ driver }) => driver.startsWith('rt-')).map(({ id }) => id)
}
