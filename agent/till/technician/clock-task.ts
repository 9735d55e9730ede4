import type { Clock } from '../../../base/clock.ts'
import { localDate, PLAUSIBLE_MS, rfc3339, SHOP_ZONE } from '../../../base/clock.ts'
import { CLOCK_TASK } from '../../journal/event-table.ts'
import type { Task } from '../../laws/duty.ts'
import { AGENT_KINDS } from '../../laws/duty-kind.ts'
import type { Instruction } from '../../laws/instruction.ts'
import { instruction } from '../../laws/instruction.ts'

type ClockFacts = { readonly timeToCome: number | undefined; readonly passedEnd: number | undefined }

/**
 * While the journal has events in the future, or the certificate of a TSE has ended by this clock: a person knows whether
 * they or the clock are wrong.
 */
export function clockTasks({ timeToCome, passedEnd }: ClockFacts, clock: Pick<Clock, 'now'>): Task[] {
  const thenMs = timeToCome ?? passedEnd
  if (thenMs === undefined || clock.now() < PLAUSIBLE_MS) return []
  const [now, then] = [rfc3339(clock.now()), rfc3339(thenMs)]
  const [contradiction, right]: [string, Instruction] =
    timeToCome === undefined
      ? [
          `the certificate of a TSE ended at ${then}`,
          instruction('If it is right: confirm this duty, and replace the TSE, whose signatures no longer count.'),
        ]
      : [
          `the journal has events of ${then}`,
          instruction(
            'If it is right and ran ahead before: confirm this duty, and the times of new events count again.',
          ),
        ]
  const id = `${CLOCK_TASK}${then.replaceAll(/\D/g, '')}`
  return [
    {
      id,
      ...AGENT_KINDS.clock,
      title: `Is the clock of this machine right? It says ${now}, and ${contradiction}`,
      due: localDate(clock.now(), SHOP_ZONE),
      instructions: [
        instruction(
          'If it is wrong: set the time (timedatectl) and check the battery of the mainboard; do not confirm this duty.',
        ),
        right,
      ],
      clock: 'right',
      facts: { from: then, to: now, by: id },
    },
  ]
}
