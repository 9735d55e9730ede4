import { localDate, rfc3339, SHOP_ZONE } from '../../../base/clock.ts'
import type { Task } from '../../laws/duty.ts'
import { AGENT_KINDS } from '../../laws/duty-kind.ts'
import { instruction } from '../../laws/instruction.ts'
import type { UnresolvedOutcome } from '../recording/unresolved-outcomes.ts'

const AFTER_MS = 86_400_000

/** A device that has not explained an act for a day will probably not do so without help. */
export function unresolvedTasks(outcomes: readonly UnresolvedOutcome[], nowMs: number): Task[] {
  return outcomes
    .filter(({ sinceMs }) => nowMs - sinceMs >= AFTER_MS)
    .map(({ intent, device, op, act, sinceMs, words }) => ({
      id: `outcome-${intent}`,
      ...AGENT_KINDS.outcome,
      title: `Find out why device ${device} does not report the outcome of ${act}${op === '' ? '' : ` of ${op}`}`,
      due: localDate(sinceMs + AFTER_MS, SHOP_ZONE),
      device_id: device,
      instructions: [
        instruction(
          'The agent has asked the device since {}. Its last words: {}.',
          rfc3339(sinceMs),
          words ?? instruction('none since the last start'),
        ),
        instruction('Ask the manufacturer of the device what this message means; the agent continues to ask.'),
        instruction(
          'A TSE that is replaced for that reason: fiskal-edge device archive {}, then fiskal-edge device retire {} --reason TEXT.',
          device,
          device,
        ),
      ],
    }))
}
