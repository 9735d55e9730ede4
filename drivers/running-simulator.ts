import type { Clock } from '../base/clock.ts'

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
  /** For FinanzOnline: a folder with the certificates of a provider (VDA), DER. */
  vda?: string | undefined
  /** For FinanzOnline: takes what the service refuses until its time. */
  mild?: boolean
  /** Called with the lines that a printer prints. */
  show: (lines: readonly string[]) => void
}

/** The entry of `devices` in agent.json for a simulator; of a service, what its section needs. */
type Reached = { device: Readonly<Record<string, unknown>> } | { service: Readonly<Record<string, string>> }

/** A simulator that runs next to an agent, for developers of tills. */
export type RunningSimulator = Reached & {
  /** `NAME[=ARG]@ACT[#WHICH]`. Throws `refused`. */
  inject(fault: string): void
  clearFaults(): void
  close(): Promise<void>
}

/** The options of `fiskal-edge simulate` that a simulator may support. */
export type SimulatorChoice = 'link' | 'port' | 'latency' | 'history' | 'slots' | 'vda' | 'mild'

/** The options that it supports, and its start function. */
export type Simulator = {
  readonly choices: readonly SimulatorChoice[]
  readonly open: (options: SimulateOptions) => Promise<RunningSimulator>
}

type Faulty = { inject(fault: string): void; clearFaults(): void }
type Pluggable = Faulty & { plugIn(): Promise<void> }
type Closable = Faulty & { close(): Promise<void> }

/** A TSE unplugged by a fault is plugged in when the faults are cleared. */
export function pluggable(
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

export function running(simulator: Closable, device: Readonly<Record<string, unknown>>): RunningSimulator {
  return {
    device,
    inject: (fault) => simulator.inject(fault),
    clearFaults: () => simulator.clearFaults(),
    close: () => simulator.close(),
  }
}
