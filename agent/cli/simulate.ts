import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { stayAlive, systemClock } from '../../base/clock.ts'
import { stopSignal, untilAborted } from '../../base/stop-signals.ts'
import { visible } from '../../base/text.ts'
import type { RunningSimulator, SimulatorChoice } from '../../drivers/running-simulator.ts'
import { SIMULATORS } from '../../drivers/simulators.ts'
import { describeFailure } from '../failure.ts'
import type { Lock } from '../journal/disk/lock.ts'
import { makeFolder } from '../state/state-directory.ts'
import { numberTo, UsageError } from './arguments/options.ts'
import { print, printJson, styled, untilUnread } from './terminal/output.ts'

type Options = {
  link?: string
  port?: number
  state?: string
  latency: number
  history: number
  slots: number
  vda?: string
  mild?: true
  fault: readonly string[]
  json?: boolean
}

const CHOICES: readonly SimulatorChoice[] = ['link', 'port', 'latency', 'history', 'slots', 'vda', 'mild']

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('a device or service that answers in its own bytes and fails on request, for developers of a till')
    .addArgument(
      new Argument('<driver>', 'the driver that is to talk to it, or the service').choices([...SIMULATORS.keys()]),
    )
    .addOption(new Option('--link <path>', 'serve on a pseudo-terminal with this name').conflicts('port'))
    .option('--port <n>', 'serve on this TCP port of the machine; 0: a free one', numberTo(65_535))
    .option('--state <folder>', 'folder of its memory across restarts (default: a new temporary folder)')
    .option('--latency <ms>', 'its own time for each act', numberTo(60_000), 0)
    .option(
      '--history <n>',
      'a TSE that has signed so many logs before, for archives of any size',
      numberTo(9_999_999),
      0,
    )
    .option('--slots <n>', 'number of TSEs in a ConnectBox (tse-diebold); a fault of one is 2:FAULT', slotsOf, 1)
    .option('--vda <folder>', 'certificates of a provider, DER: FinanzOnline takes the units of these alone')
    .option('--mild', 'FinanzOnline takes what it would refuse until its time')
    .option('--fault <fault>', 'NAME[=ARG]@ACT[#WHICH]; may be given again', collect, [])
    .option('--json', 'for machines: one JSON object when it is ready')
    .addHelpText(
      'after',
      '\nEach line of standard input is another fault; "clear" ends all of them. Ctrl-C ends the device.\nExample: fiskal-edge simulate rt-rch --link /tmp/printer --fault lost-answer@=T#2',
    )
    .action(simulate)
}

async function simulate(driver: string, options: Options, command: Command): Promise<void> {
  const { choices, open } = SIMULATORS.get(driver) ?? {}
  if (choices === undefined || open === undefined) throw new Error(`there is no simulator of ${driver}`)
  refuseOthers(driver, choices, command)
  const directory =
    options.state === undefined ? await mkdtemp(join(tmpdir(), 'fiskal-edge-device-')) : resolve(options.state)
  const lock = await lockMemory(directory)
  const leave = stayAlive()
  const stop = AbortSignal.any([stopSignal(), untilUnread()])
  const simulator = await open({
    directory,
    clock: systemClock,
    link: options.link === undefined ? undefined : resolve(options.link),
    port: options.port,
    latencyMs: options.latency,
    history: options.history,
    slots: options.slots,
    vda: options.vda === undefined ? undefined : resolve(options.vda),
    mild: options.mild === true,
    show: options.json === true ? () => undefined : showSlip,
  })
  try {
    for (const fault of options.fault) simulator.inject(fault)
    if (options.json === true) printJson({ ...shownBy(simulator, options.slots), state: directory, pid: process.pid })
    else showReady(driver, simulator, options.slots, directory)
    hearFaults(simulator)
    await untilAborted(stop)
  } finally {
    await simulator.close()
    lock.release()
    leave()
    process.stdin.destroy()
  }
}

/** Two simulators with one memory would sign and print under the same numbers. */
async function lockMemory(directory: string): Promise<Lock> {
  const { acquireLock, StateLockedError } = await import('../journal/disk/lock.ts')
  makeFolder(directory)
  try {
    return acquireLock(directory)
  } catch (error) {
    if (!(error instanceof StateLockedError)) throw error
    throw new UsageError(
      `Process ${error.pid ?? 'unknown'} is the device with its memory in ${directory}: end it, or name another folder.`,
    )
  }
}

/** Refuses an option that this device does not have. */
function refuseOthers(driver: string, taken: readonly SimulatorChoice[], command: Command): void {
  for (const name of CHOICES) {
    if (command.getOptionValueSource(name) !== 'cli' || taken.includes(name)) continue
    throw new UsageError(`${driver} takes no --${name}; it takes ${taken.map((each) => `--${each}`).join(', ')}.`)
  }
}

/** The end of standard input does not end the device: a service has no input. */
function hearFaults(simulator: RunningSimulator): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const fault = line.trim()
    try {
      if (fault === 'clear') simulator.clearFaults()
      else if (fault !== '') simulator.inject(fault)
    } catch (error) {
      process.stderr.write(`${visible(describeFailure(error))}\n`)
    }
  })
}

/** An entry for each slot. */
function devicesOf(device: object, slots: number): object[] {
  if (slots === 1) return [{ id: 'device-1', ...device }]
  return Array.from({ length: slots }, (_, index) => ({ id: `device-${index + 1}`, ...device, slot: index + 1 }))
}

/** A service has members; a device has its entry in agent.json. */
function shownBy(simulator: RunningSimulator, slots: number): object {
  if ('service' in simulator) return simulator.service
  const devices = devicesOf(simulator.device, slots)
  return { device: devices[0], devices }
}

function showReady(driver: string, simulator: RunningSimulator, slots: number, directory: string): void {
  print(`${driver} is ready, its memory in ${directory}`)
  const entries: [string, unknown][] =
    'service' in simulator ? Object.entries(simulator.service) : [['devices', devicesOf(simulator.device, slots)]]
  for (const [name, value] of entries) print(`${styled('dim', `"${name}":`)} ${JSON.stringify(value)}`)
}

function showSlip(lines: readonly string[]): void {
  if (lines.length === 0) return
  print()
  for (const line of lines) print(`  ${styled('dim', '│')} ${line}`)
}

function collect(fault: string, before: readonly string[]): readonly string[] {
  return [...before, fault]
}

function slotsOf(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 10) return Number(text)
  throw new InvalidArgumentError('a number from 1 to 10 was expected')
}
