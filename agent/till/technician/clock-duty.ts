import type { Clock } from '../../../drivers/ports/clock.ts'
import { localDate, rfc3339, SHOP_ZONE } from '../../clock.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Duty } from '../../regimes/regime.ts'

/** While the journal holds a time that has not come yet: only a person knows which of the two is wrong. */
export function clockDuties({ timeToCome }: Pick<Journal, 'timeToCome'>, clock: Pick<Clock, 'now'>): Duty[] {
  if (timeToCome === undefined) return []
  const [now, then] = [rfc3339(clock.now()), rfc3339(timeToCome)]
  return [
    {
      id: `clock-${then.replaceAll(/\D/g, '')}`,
      title: `Is the clock of this machine right? It says ${now}, and the journal has events of ${then}`,
      due: localDate(clock.now(), SHOP_ZONE),
      instructions: [
        'Where it is wrong: set the time (timedatectl), and check the battery of the mainboard; nothing is to be confirmed then.',
        'Where it is right, and ran ahead before: confirm this, and the times of new events count again.',
      ],
      clock: 'right',
    },
  ]
}
