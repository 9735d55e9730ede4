import { Command } from 'commander'
import { rfc3339 } from '../clock.ts'
import type { Config, ConfigFile, DeviceConfig } from '../config.ts'
import { ConfigError, readConfig } from '../config.ts'
import { describeFailure } from '../failure.ts'
import { warningOf } from '../watch/warnings.ts'
import type { Technician } from './admin-client.ts'
import { findDaemon } from './admin-client.ts'
import { checkBackup } from './check-backup.ts'
import { checkReplay } from './check-replay.ts'
import { checkTls } from './check-tls.ts'
import type { Finding } from './checks.ts'
import {
  caution,
  checkHosts,
  checkLibraries,
  checkNativeModules,
  checkNode,
  checkPort,
  checkSecrets,
  checkSpace,
  checkState,
  checkSyncLatency,
  failure,
  ok,
} from './checks.ts'
import type { Common } from './options.ts'
import { configOption, jsonOption } from './options.ts'
import { adminSocketPath, asTechnician } from './technician.ts'
import { print, printJson, styled } from './terminal.ts'

const MARKS = { ok: styled('green', '✔'), warning: styled('yellow', '!'), failure: styled('red', '✖') } as const
const CHECK_WIDTH = 21
const TAIL_EVENTS = 1000
const DEVICE_LIMIT_MS = 1500
const TASKS_SHOWN = 10
/** Measured while it works. */
const OF_AGENT = new Set(['slow-disk', 'journal-damaged', 'clock-implausible'])

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('checks all that a technician would; exit 1 only for ✖')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Common) => {
      const findings = await examine(options.config)
      if (options.json) printJson({ ok: findings.every(({ state }) => state !== 'failure'), findings })
      else for (const finding of findings) show(finding)
      if (findings.some(({ state }) => state === 'failure')) process.exitCode = 1
    })
}

function show({ check, state, message, mend }: Finding): void {
  const advice = mend === undefined ? '' : styled('dim', ` → ${mend}`)
  print(`${MARKS[state]} ${check.padEnd(CHECK_WIDTH)} ${message}${advice}`)
}

export async function examine(name: string | undefined): Promise<Finding[]> {
  const node = checkNode()
  let file: ConfigFile
  try {
    file = readConfig(name)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [
      node,
      ...error.problems.map((problem) =>
        failure('configuration', problem, 'correct the file: fiskal-edge config example tse'),
      ),
    ]
  }
  const { config } = file
  const daemon = await attempt('daemon', async () => ({ status: (await findDaemon(adminSocketPath(config)))?.status }))
  const url = 'status' in daemon ? member(daemon.status, 'url') : undefined
  return [
    node,
    ...checkSecrets(file),
    ...checkNativeModules(config),
    ...checkLibraries(config),
    checkState(config.state),
    checkSpace(config.state),
    checkSyncLatency(config.state),
    ...('check' in daemon ? [daemon] : agentFindings(daemon.status)),
    await checkPort(config.listen, typeof url === 'string' ? url : undefined),
    checkHosts(config),
    ...checkTls(config),
    await checkJournal(config),
    checkBackup(config),
    ...(await replayFindings(config, 'status' in daemon ? daemon.status : undefined)),
    ...(await checkDevices(name, config)),
    ...(await checkTasks(name)),
  ]
}

/** What a check throws is a finding, not the end of the doctor. */
async function attempt<Result>(check: string, act: () => Promise<Result>): Promise<Result | Finding> {
  try {
    return await act()
  } catch (error) {
    return failure(check, describeFailure(error), 'see the message; the log of the agent may tell more')
  }
}

async function replayFindings(config: Config, status: unknown): Promise<Finding[]> {
  const findings = await attempt('sync', () => checkReplay(config, member(status, 'targets')))
  return Array.isArray(findings) ? findings : [findings as Finding]
}

/** The end of the chain, read beside a running daemon. */
function checkJournal({ state }: Config): Promise<Finding> {
  return attempt('journal', async () => {
    const { JournalMissingError, lastEvents } = await import('../journal/reader.ts')
    const { verifyJournal } = await import('../journal/verify.ts')
    try {
      const from = [...lastEvents(state, TAIL_EVENTS)][0]?.seq ?? 1
      const report = await verifyJournal(state, { from, projections: false, file: false })
      if (report.valid) return ok('journal', `chain holds from seq ${report.firstSeq} to ${report.lastSeq}`)
      return failure(
        'journal',
        `broken at seq ${report.findings[0]?.seq}`,
        'fiskal-edge journal verify names all that is wrong',
      )
    } catch (error) {
      if (error instanceof JournalMissingError) return ok('journal', 'none yet: made at the first start')
      throw error
    }
  })
}

async function checkDevices(name: string | undefined, config: Config): Promise<Finding[]> {
  if (config.devices.length === 0)
    return [caution('devices', 'none is configured', 'add one to "devices": without it nothing is signed')]
  const findings = await attempt('devices', () =>
    asTechnician(name, (technician) => deviceFindings(technician, config)),
  )
  return Array.isArray(findings) ? findings : [findings as Finding]
}

async function deviceFindings(technician: Technician, config: Config): Promise<Finding[]> {
  const ids = new Set((await technician.devices()).map((device) => String(member(device, 'id'))))
  await Promise.all([...ids].map((id) => askDevice(technician, id)))
  const devices = await technician.devices()
  return [...devices.map(deviceFinding), ...config.devices.filter(({ id }) => !ids.has(id)).map(unknown)]
}

/** What the law asks of a human and nobody has confirmed; a task that is past its day stands by itself. */
async function checkTasks(name: string | undefined): Promise<Finding[]> {
  const findings = await attempt('tasks', () =>
    asTechnician(name, (technician) => taskFindings(technician, rfc3339(Date.now()).slice(0, 10))),
  )
  return Array.isArray(findings) ? findings : [findings as Finding]
}

async function taskFindings(technician: Technician, today: string): Promise<Finding[]> {
  const tasks = await technician.listTasks()
  if (tasks.length === 0) return [ok('tasks', 'none is open')]
  const isLate = (task: unknown): boolean => String(member(task, 'due')) < today
  const late = tasks
    .filter(isLate)
    .slice(0, TASKS_SHOWN)
    .map((task) =>
      caution(
        'task',
        `${member(task, 'title')}: was due ${member(task, 'due')}`,
        `fiskal-edge task list tells how, then: fiskal-edge task confirm ${member(task, 'id')}`,
      ),
    )
  const open = tasks.filter((task) => !isLate(task))
  const next = `${open.length} open, the next until ${member(open[0], 'due')}: ${member(open[0], 'title')}`
  return open.length === 0 ? late : [...late, caution('tasks', next, 'fiskal-edge task list')]
}

/** The configuration was changed since the agent started. */
function unknown({ id, driver }: DeviceConfig): Finding {
  return failure(id, `${driver} is not known to the running agent`, 'start it anew: it reads its configuration then')
}

/** The device is asked now; what it answers shows in the list after. */
async function askDevice(technician: Technician, id: string): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, DEVICE_LIMIT_MS).unref())
  await Promise.race([technician.deviceAct(id, 'status').catch(() => undefined), late])
}

function deviceFinding(device: unknown): Finding {
  const check = String(member(device, 'id'))
  const state = member(device, 'state')
  const warnings = member(device, 'warnings')
  const rows: readonly unknown[] = Array.isArray(warnings) ? warnings : []
  const message = [`${member(device, 'driver')} is ${state}`, ...rows.map((row) => member(row, 'message'))].join('; ')
  if (state === 'ready' && rows.length === 0) return ok(check, message)
  const mends = new Set(rows.map((row) => warningOf(String(member(row, 'code'))).mend))
  const mend = [...mends, `fiskal-edge device status ${check}`].join(' Then: ')
  return state === 'ready' || state === 'degraded' ? caution(check, message, mend) : failure(check, message, mend)
}

/** What only the running agent knows: the others have lines of their own. */
function agentFindings(status: unknown): Finding[] {
  const warnings = member(member(status, 'details'), 'warnings')
  const own: readonly unknown[] = Array.isArray(warnings) ? warnings : []
  return own
    .filter((warning) => OF_AGENT.has(String(member(warning, 'code'))))
    .map((warning) => {
      const { code, what, mend, severity } = warningOf(String(member(warning, 'code')))
      return severity === 'alarm' ? failure(code, what, mend) : caution(code, what, mend)
    })
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
