import { setImmediate as later } from 'node:timers'
import type { Clock } from '../../drivers/ports/clock.ts'
import { uuid } from '../ids.ts'
import type { CheckpointSigner } from '../journal/checkpoint.ts'
import type { Members } from '../journal/events.ts'
import { Journal } from '../journal/journal.ts'

type Parts = { clock: Clock; random: (length: number) => Uint8Array; fault: (point: string) => void }

/** A resting journal, opened to be written to by no agent; with `renewal` as a new epoch that says why. */
export function openResting(
  directory: string,
  signer: CheckpointSigner,
  { clock, random, fault }: Parts,
  renewal?: Members,
): Promise<Journal> {
  return Journal.open({
    ...{ directory, clock, signer, fault },
    ...(renewal !== undefined && { renewal }),
    bootId: uuid(random, 4),
    agentId: '',
    chainId: () => uuid(random, 7, clock.now()),
    onFatal: (error) => {
      throw error
    },
    defer: (drain) => void later(drain),
    refusal: () => undefined,
  })
}
