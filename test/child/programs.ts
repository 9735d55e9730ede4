import { readFileSync } from 'node:fs'
import { getPriority } from 'node:os'

export type Task = { act: 'look' | 'die' | 'wait' | 'signals' }
export type Look = { environment: Record<string, string | undefined>; priority: number; oom: number; beganMs: number }

export async function work({ act }: Task): Promise<Look> {
  if (act === 'die') process.kill(process.pid, 'SIGKILL')
  if (act === 'signals')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) process.kill(process.pid, signal)
  else if (act !== 'look') await new Promise(() => undefined)
  return {
    environment: process.env,
    priority: getPriority(),
    oom: Number(readFileSync('/proc/self/oom_score_adj')),
    beganMs: performance.timeOrigin,
  }
}
