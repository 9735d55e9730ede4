import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { MemoryRecord } from './rt/simulated-memory.ts'

export type SimulateOptions = {
  /** Folder of its memory, kept across restarts. */
  directory: string
  clock: Clock
  /** Serve on a pseudo-terminal (or file) with this name… */
  link: string | undefined
  /** …or on this port of the machine; 0 takes a free one. */
  port: number | undefined
  /** The device's own time for each act. */
  latencyMs: number
  /** For TSEs: number of earlier logs, for an archive as large as after years of trade. */
  history?: number
  /** For a ConnectBox: number of its TSEs. */
  slots?: number
  /** Called with the lines that a printer prints. */
  show: (lines: readonly string[]) => void
}

/** A device simulator that runs next to an agent, for developers of tills. */
export type RunningSimulator = {
  /** The entry of `devices` in agent.json for this simulator. */
  device: Readonly<Record<string, unknown>>
  /** `NAME[=ARG]@ACT[#WHICH]`. Throws `refused`. */
  inject(fault: string): void
  clearFaults(): void
  close(): Promise<void>
}

/** The options of `fiskal-edge simulate` that a device may support. */
export type SimulatorChoice = 'link' | 'port' | 'latency' | 'history' | 'slots'

type OpenSimulator = (options: SimulateOptions) => Promise<RunningSimulator>

/** The options that it supports, and its start function. */
type Simulator = { choices: readonly SimulatorChoice[]; open: OpenSimulator }

/** By the name of the driver. A family is loaded only on demand. */
export const SIMULATORS: Readonly<Record<string, Simulator>> = {
  'rt-rch': {
    choices: ['link', 'port', 'latency'],
    open: async ({ directory, clock, latencyMs, show, ...line }) => {
      const { RchSimulator } = await import('./rt-rch/simulator.ts')
      const serial = await serialOf(directory, '72IV6')
      const onRecord = await shownBy(show)
      const options = { directory, clock, serial, printMs: latencyMs, onRecord }
      return onLine(new RchSimulator(options), 'rt-rch', directory, line)
    },
  },
  'rt-custom': {
    choices: ['link', 'port'],
    open: async ({ directory, clock, show, ...line }) => {
      const { CustomSimulator } = await import('./rt-custom/simulator.ts')
      const serial = await serialOf(directory, '2CISF')
      const onRecord = await shownBy(show)
      return onLine(new CustomSimulator({ directory, clock, serial, onRecord }), 'rt-custom', directory, line)
    },
  },
  'rt-epson': {
    choices: ['port'],
    open: async ({ directory, clock, show, port = 0 }) => {
      const { EpsonSimulator } = await import('./rt-epson/simulator.ts')
      const onRecord = await shownBy(show)
      const simulator = new EpsonSimulator({ directory, clock, onRecord })
      simulator.open()
      const http = { host: '127.0.0.1', port: await simulator.serve(port) }
      return running(simulator, { driver: 'rt-epson', http })
    },
  },
  'tse-cryptovision': {
    choices: ['link', 'latency', 'history'],
    open: async ({ directory, clock, latencyMs, history, link: mount = join(directory, 'media') }) => {
      const { CryptovisionSimulator } = await import('./tse-cryptovision/simulator.ts')
      const card = new CryptovisionSimulator({ directory, mount, clock, latencyMs, history })
      await card.plugIn()
      return pluggable(card, { driver: 'tse-cryptovision', path: mount }, () => card.pullOut())
    },
  },
  'tse-diebold': {
    choices: ['link', 'port', 'latency', 'history', 'slots'],
    open: async ({ directory, clock, latencyMs, history, slots = 1, link = join(directory, 'line'), port }) => {
      const { DieboldSimulator } = await import('./tse-diebold/simulator.ts')
      const pins = { admin: '12345', timeAdmin: '54321' }
      const unit = new DieboldSimulator({ directory, clock, latencyMs, history, slots, pins })
      const files = {
        adminPinFile: await written(directory, 'admin-pin', pins.admin),
        timeAdminPinFile: await written(directory, 'time-admin-pin', pins.timeAdmin),
      }
      if (port === undefined) await unit.servePty(link)
      const line =
        port === undefined
          ? { serial: { path: link } }
          : { tcp: { host: '127.0.0.1', port: await unit.serveTcp(port) } }
      return pluggable(unit, { driver: 'tse-diebold', ...line, ...files }, () => unit.close())
    },
  },
  'tse-epson': {
    choices: ['port', 'latency', 'history'],
    open: async ({ directory, clock, latencyMs, history, port = 0 }) => {
      const { EpsonSimulator } = await import('./tse-epson/simulator.ts')
      const host = new EpsonSimulator({ directory, clock, latencyMs, history })
      const tcp = { host: '127.0.0.1', port: await host.serveTcp(port) }
      return pluggable(host, { driver: 'tse-epson', tcp }, () => host.close())
    },
  },
  'tse-swissbit': {
    choices: ['link', 'latency', 'history'],
    open: async ({ directory, clock, latencyMs, history, link: mount = join(directory, 'media') }) => {
      const { SwissbitSimulator } = await import('./tse-swissbit/simulator.ts')
      const { compileStub } = await import('./tse-swissbit/stub-library.ts')
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const library = await compileStub(directory)
      const unit = new SwissbitSimulator({ directory, mount, clock, latencyMs, history })
      await unit.plugIn()
      return pluggable(unit, { driver: 'tse-swissbit', path: mount, library }, () => unit.pullOut())
    },
  },
}

async function serialOf(directory: string, family: string): Promise<string> {
  const { simulatedSerial } = await import('./rt/simulated-serial.ts')
  return simulatedSerial(directory, family)
}

/** The printed lines of a record. */
async function shownBy(show: SimulateOptions['show']): Promise<(record: MemoryRecord) => void> {
  const { shownLines } = await import('./rt/simulated-paper.ts')
  return (record) => show(shownLines(record))
}

type Faulty = { inject(fault: string): void; clearFaults(): void }
type Pluggable = Faulty & { plugIn(): Promise<void> }
type Closable = Faulty & { close(): Promise<void> }
type OnLine = Closable & {
  open(): void
  serveTcp(port: number): Promise<number>
  servePty(link: string): Promise<void>
}

/** A TSE unplugged by a fault is plugged in when the faults are cleared. */
function pluggable(
  unit: Pluggable,
  device: Readonly<Record<string, unknown>>,
  close: () => Promise<void>,
): RunningSimulator {
  return {
    device,
    inject: (fault) => unit.inject(fault),
    clearFaults: () => {
      unit.clearFaults()
      void unit.plugIn().catch(() => undefined)
    },
    close,
  }
}

async function written(directory: string, name: string, pin: string): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, name)
  await writeFile(path, pin, { mode: 0o600 })
  return path
}

/** On a TCP port if one is given, else on a pseudo-terminal. */
async function onLine(
  simulator: OnLine,
  driver: string,
  directory: string,
  { link = join(directory, 'line'), port }: { link: string | undefined; port: number | undefined },
): Promise<RunningSimulator> {
  simulator.open()
  if (port !== undefined) {
    const tcp = { host: '127.0.0.1', port: await simulator.serveTcp(port) }
    return running(simulator, { driver, tcp })
  }
  await simulator.servePty(link)
  return running(simulator, { driver, serial: { path: link } })
}

function running(simulator: Closable, device: Readonly<Record<string, unknown>>): RunningSimulator {
  return {
    device,
    inject: (fault) => simulator.inject(fault),
    clearFaults: () => simulator.clearFaults(),
    close: () => simulator.close(),
  }
}
