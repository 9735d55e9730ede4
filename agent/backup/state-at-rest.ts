import { setImmediate as later } from 'node:timers'
import type { Clock } from '../../base/clock.ts'
import { uuid } from '../../base/ids.ts'
import type { CheckpointSigner } from '../journal/checkpoint.ts'
import type { Renewal } from '../journal/event-facts.ts'
import { Journal } from '../journal/journal.ts'
import type { MachineMarks } from '../journal/machine-marks.ts'

type Parts = {
  clock: Clock
  random: (length: number) => Uint8Array
  fault: (point: string) => void
  /** Begins a new epoch with this reason. */
  renewal?: Renewal
  /** The marks of this machine, for that epoch. */
  machine?: MachineMarks | undefined
}

/**
 * Opens the journal of a stopped agent for writing, runs `work` and closes it. Throws the disk's own error: that of the
 * journal promises a restart of the agent, which a command does not do.
 */
export async function atRest<Result>(
  directory: string,
  signer: CheckpointSigner,
  { clock, random, fault, renewal, machine }: Parts,
  work: (journal: Journal) => Result | Promise<Result>,
): Promise<Result> {
  let broken: Error | undefined
  try {
    const journal = await Journal.open({
      directory,
      clock,
      signer,
      fault,
      ...(renewal !== undefined && { renewal }),
      bootId: uuid(random, 4),
      agentId: '',
      chainId: () => uuid(random, 7, clock.now()),
      machine,
      onFatal: (error) => {
        broken = error
      },
      defer: (drain) => void later(drain),
      refusal: () => undefined,
    })
    try {
      return await work(journal)
    } finally {
      await journal.close()
    }
  } catch (error) {
    throw broken ?? error
  }
}
