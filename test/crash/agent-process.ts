import type { ChildProcess } from 'node:child_process'

export type Ended = { code: number | null; signal: string | null; errors: string }

/** A process of the agent, from start to exit. A wait for it has a limit from where it begins, and ends the process then. */
export type Daemon<Child = Pick<ChildProcess, 'kill' | 'pid'>> = {
  child: Child
  /** The address, once it serves; undefined when it ended before. */
  readonly ready: Promise<string | undefined>
  /** From the start of the process to the ready line; 0 without a ready line. */
  readyMs(): number
  readonly ended: Promise<Ended>
}

/**
 * What it wrote to stderr, without what is true of an agent of a busy machine: a sync waits for the processor, and a life
 * lasts until the missing merchant is reported.
 */
export function complaintsOf(errors: string): string {
  const isExpected = (line: string): boolean => /^\{"level":"warn",.*"code":"(disk_slow|merchant_missing)"/.test(line)
  return errors
    .split(/(?<=\n)/)
    .filter((line) => !isExpected(line))
    .join('')
}
