import type { Clock } from '../../../base/clock.ts'
import { during } from '../../../base/lifetime.ts'
import type { Trouble } from '../../devices/usable.ts'
import type { Act } from '../../journal/events.ts'
import type { Outcome } from '../../laws/law.ts'

/** The outcome for a document without a law of this agent: its act cannot be executed. */
export const NO_LAW: Outcome = {
  kind: 'unknown',
  code: 'unavailable',
  message: 'No law of this agent knows the document.',
}
export const NOT_SIGNED: Trouble = {
  code: 'not_signed',
  message: 'The device had not signed when the receipt went out.',
}

export type ActWatch = {
  clock: Clock
  /**
   * Called for every act on a device with its duration, including the queue; `failure` is the code of a device error.
   */
  onAct?: (device: string, act: string, seconds: number, failure: string | undefined) => void
}

/** Executes an act, registers it while it runs, and reports its duration. */
export async function performed(
  { device, name }: Act,
  { clock, onAct }: ActWatch,
  perform: () => Promise<Outcome>,
): Promise<Outcome> {
  const began = clock.mono()
  const outcome = await during('act', () => ({ name: `${device}: ${name}` }), perform)
  const failure = outcome.kind === 'failed' || outcome.kind === 'unknown' ? outcome.code : undefined
  onAct?.(device, name, Number(clock.mono() - began) / 1e9, failure)
  return outcome
}
