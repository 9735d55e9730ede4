import type { Renewal } from '../journal/event-facts.ts'
import type { Journal } from '../journal/journal.ts'
import type { Task } from '../laws/duty.ts'
import { AGENT_KINDS } from '../laws/duty-kind.ts'
import type { Instruction } from '../laws/instruction.ts'
import { instruction, verbatim } from '../laws/instruction.ts'
import type { Law } from '../laws/law.ts'

type Texts = Pick<Task, 'title' | 'instructions'>
type Laws = readonly Pick<Law<never>, 'lossInstructions'>[]

const CONFIRMED = instruction(
  'Confirm with --reason: what happened, how it was looked for (paper, sync target, TSE or printer), and the number and sum of the receipts that are missing. The audit report prints the reason.',
)

/** By the reason of an epoch before which events may be missing; undefined for another reason. */
function textsOf(reason: Renewal['reason'] | undefined, laws: Laws): Texts | undefined {
  const ofLaws = laws.flatMap(({ lossInstructions }) => lossInstructions.always)
  switch (reason) {
    case 'restore':
      return {
        title: 'Find out what was sold between the last backup and its restore',
        instructions: [
          ...laws.flatMap(({ lossInstructions: { afterRestore } }) => afterRestore ?? []),
          ...ofLaws,
          instruction(
            'Export the part of the journal that a sync target or a disk still has, and keep it with the books.',
          ),
          CONFIRMED,
        ],
      }
    case 'rollback':
      return {
        title: 'The disk was rolled back: find out what is missing',
        instructions: [
          instruction(
            'An older state is in use: a sync target, a TSE or the file of the journal shows it. If a target holds the lost events, export its journal and keep it with the books.',
          ),
          instruction(
            'Look for the cause: a snapshot of a virtual machine, a copied state directory. Move with fiskal-edge backup FILE --final and restore FILE.',
          ),
          ...ofLaws,
          CONFIRMED,
          instruction('Also name the paper of numbers that were given twice (fiskal-edge journal verify).'),
        ],
      }
    case 'fork':
      return {
        title: 'Two copies of this journal have sold: find the other one',
        instructions: [
          instruction(
            'A sync target holds other events than this disk: a disk was rolled back, or a second machine runs with a copy.',
          ),
          instruction('Stop the other machine; keep both disks; export the journal of both, and that of the target.'),
          ...ofLaws,
        ],
      }
    case 'operator':
    case 'reopened':
    case 'checkpoint_key_lost':
    case 'unsigned_head':
    case undefined:
      return undefined
    default:
      reason satisfies never
      // A newer program wrote it.
      return undefined
  }
}

/**
 * Tasks for a person because the journal continues without some earlier events; each stays until somebody confirms it.
 */
export function epochTasks(journal: Pick<Journal, 'chains' | 'view'>, laws: Laws): Task[] {
  return journal.chains.flatMap(({ epoch, base, opening }) => {
    const texts = textsOf(opening.reason as Renewal['reason'] | undefined, laws)
    if (texts === undefined) return []
    const due = journal.view.event(base + 1)?.at.slice(0, 10) ?? ''
    return [{ id: `epoch-${epoch}`, ...AGENT_KINDS.epoch, ...texts, due }]
  })
}

/** The state of each target, as `GET /v1/sync` has it. */
export type TargetStates = readonly Readonly<Record<string, unknown>>[]

/**
 * A target says that another copy of this journal continues in a newer epoch, with or without proof: the task quotes
 * it. It lasts until one of the two has stopped: the one that stays continues above the epoch of the other.
 */
export function replacedTasks(journal: Pick<Journal, 'epoch'>, targets: TargetStates, today: string): Task[] {
  return targets.flatMap(({ target, state, last_error }) => {
    const { code, message } = (last_error ?? {}) as { code?: unknown; message?: unknown }
    if (state !== 'stalled' || code !== 'stale_epoch') return []
    const title = `Target ${String(target)} says that another copy of this journal continues: find the other machine`
    const instructions = [verbatim(String(message)), ...REPLACED]
    return [
      { id: `replaced-${String(target)}-${journal.epoch}`, ...AGENT_KINDS.replaced, title, due: today, instructions },
    ]
  })
}

const REPLACED: readonly Instruction[] = [
  instruction(
    'Then two machines have one identity: an image, a copied disk or a restored backup. The agent id is in fiskal-edge doctor of both. Stop one of the two; keep both disks.',
  ),
  instruction(
    'If this machine stays: fiskal-edge journal epoch --above N, with the newer epoch that fiskal-edge doctor names, then fiskal-edge sync resume TARGET.',
  ),
  instruction(
    'If the other machine stays: stop the agent here. Events that only this journal has are exported with it (fiskal-edge export journal --out FILE); keep them with the books. Then move the state directory away (mv).',
  ),
]
