import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openFiles } from './process-state.ts'

/** The process's use of its machine. */
export type ProcessFigures = {
  residentBytes: number
  heapUsedBytes: number
  externalBytes: number
  cpuSeconds: number
  /** Milliseconds since 1970. */
  startedAtMs: number
  openFiles: number | undefined
  /** Delay of the event loop since the last look; undefined at the first. */
  loopLagSeconds: { p50: number; p99: number; max: number } | undefined
}

const RESOLUTION_MS = 20

let delay: ReturnType<typeof monitorEventLoopDelay> | undefined

/** The lag of the event loop is measured from the first look on: an agent that is not monitored does not pay for it. */
export function processFigures(): ProcessFigures {
  const { rss, heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return {
    residentBytes: rss,
    heapUsedBytes: heapUsed,
    externalBytes: external,
    cpuSeconds: (user + system) / 1e6,
    startedAtMs: performance.timeOrigin,
    openFiles: openFiles(),
    loopLagSeconds: loopLag(),
  }
}

function loopLag(): ProcessFigures['loopLagSeconds'] {
  if (delay === undefined) {
    delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    delay.enable()
    return undefined
  }
  // The histogram holds the whole time between two ticks of its timer.
  const late = (ns: number): number => Math.max(0, ns / 1e9 - RESOLUTION_MS / 1000)
  const lag = { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) }
  delay.reset()
  return lag
}
