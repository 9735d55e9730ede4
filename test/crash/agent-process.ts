import type { ChildProcess } from 'node:child_process'

export type Ended = { code: number | null; signal: string | null; errors: string }

/** A process of the agent, from start to exit. */
export type Daemon<Child = Pick<ChildProcess, 'kill' | 'pid'>> = {
  child: Child
  /** The address, once it serves; undefined when it ended before. */
  ready: Promise<string | undefined>
  /** From the start of the process to the ready line; 0 without a ready line. */
  readyMs(): number
  ended: Promise<Ended>
}
