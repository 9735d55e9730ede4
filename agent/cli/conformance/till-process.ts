import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pause, systemClock } from '../../../base/clock.ts'
import { codeOf } from '../../../base/thrown.ts'

/** A process that no one waits for stays in its group for a moment. */
const LOOK_MS = 20
const LOOKS = 100

export type TillEnd = { readonly code: number | null; readonly wasKilled: boolean }

/** The command of the till, in the caller's folder and in a separate process group. */
export class TillProcess {
  readonly ended: Promise<TillEnd>
  readonly #child: ChildProcess
  #wasKilled = false

  /** Its output goes to standard error: standard output has the report alone. */
  constructor(command: string, env: Readonly<Record<string, string>>) {
    this.#child = spawn('sh', ['-c', command], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 2, 2],
      detached: true,
    })
    this.ended = once(this.#child, 'exit').then(([code]) => ({
      code: code as number | null,
      wasKilled: this.#wasKilled,
    }))
  }

  /** The whole group, as a power cut would. */
  async kill(): Promise<void> {
    this.#wasKilled = true
    await this.sweep()
    await this.ended
  }

  /** Ends the rest of the group: a child of `sh` may outlive it. */
  async sweep(): Promise<void> {
    for (let looks = 0; this.#signal() && looks < LOOKS; looks++) await pause(systemClock, LOOK_MS)
  }

  /** False if no process is left. */
  #signal(): boolean {
    const { pid } = this.#child
    if (pid === undefined) return false
    try {
      return process.kill(-pid, 'SIGKILL')
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error
      return false
    }
  }
}
