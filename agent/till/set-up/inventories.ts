import { localDate, parseRfc3339, SHOP_ZONE } from '../../../base/clock.ts'
import type { UpdateInventory } from '../../contract/inventory.ts'
import { dayToCome, endsBeforeUse, inventoryAfter } from '../../contract/inventory.ts'
import type { Register, UpdateRegister } from '../../contract/register.ts'
import { unprocessable } from '../../errors.ts'
import type { Members } from '../../journal/events.ts'
import type { TillParts } from '../parts.ts'

type Clocked = Pick<TillParts, 'clock'>

/** Facts about the till, which no closing of an open session waits for. Throws `unprocessable_entity`. */
export function changedInventory(
  parts: Clocked,
  { inventory: before, fiscalizedAt }: Register,
  { inventory: change }: UpdateRegister,
): Members {
  if (change === undefined) return {}
  refuseDaysToCome(parts, change)
  const inventory = inventoryAfter(before, change)
  const namesDays = change.first_used_on !== undefined || change.ended_on !== undefined
  if (namesDays && endsBeforeUse(inventory, dayOf(fiscalizedAt)))
    throw unprocessable(`The end on ${inventory.ended_on} is before the first day of use.`, '/inventory/ended_on')
  return { inventory }
}

/** A notice has only days that were: a planned one may change. Throws `unprocessable_entity`. */
export function refuseDaysToCome({ clock }: Clocked, days: UpdateInventory): void {
  const today = localDate(clock.now(), SHOP_ZONE)
  const name = dayToCome(days, today)
  if (name !== undefined)
    throw unprocessable(
      `${name} ${days[name]} is a day to come: today is ${today}. Send it on that day.`,
      `/inventory/${name}`,
    )
}

function dayOf(stamp: string | null): string | undefined {
  const ms = parseRfc3339(stamp ?? '')
  return ms === undefined ? undefined : localDate(ms, SHOP_ZONE)
}
