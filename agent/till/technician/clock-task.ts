import type { Clock } from '../../../base/clock.ts'
import { localDate, PLAUSIBLE_MS, rfc3339, SHOP_ZONE } from '../../../base/clock.ts'
import { CLOCK_TASK } from '../../journal/event-table.ts'
import type { Task } from '../../laws/law.ts'

/** While a time is on record that has not come yet: a person may know which of the two is wrong, and knows that 1970 is. */
export function clockTasks(timeToCome: number | undefined, clock: Pick<Clock, 'now'>): Task[] {
  if (timeToCome === undefined || clock.now() < PLAUSIBLE_MS) return []
  const [now, then] = [rfc3339(clock.now()), rfc3339(timeToCome)]
  const id = `${CLOCK_TASK}${then.replaceAll(/\D/g, '')}`
  return [
    {
      id,
      title: `Is the clock of this machine right? It says ${now}, and the journal has events of ${then}`,
      due: localDate(clock.now(), SHOP_ZONE),
      instructions: [
        'Where it is wrong: set the time (timedatectl), and check the battery of the mainboard; nothing is to be confirmed then.',
        'Where it is right, and ran ahead before: confirm this, and the times of new events count again.',
      ],
      clock: 'right',
      facts: { from: then, to: now, by: id },
    },
  ]
}
