import { localDate, SHOP_ZONE } from '../../../base/clock.ts'
import type { Language } from '../../contract/receipt.ts'
import type { ListedDuty } from '../../till/reading/listed-duties.ts'
import type { Names } from '../../till/reading/shown-task.ts'
import { taskName } from '../../till/reading/shown-task.ts'
import type { Technician } from '../daemon/admin-client.ts'
import { member } from '../daemon/admin-client.ts'
import type { Finding } from './finding.ts'
import { caution, ok } from './finding.ts'

const SHOWN = 10

/** The duties that `duty list` shows: a trial fulfils nothing, so what was confirmed there is still to be done. */
export function needsPerson({ open, way, state, waits_for: waits }: ListedDuty): boolean {
  if (!open) return false
  return way === 'manual' || state === 'confirmed' || (waits !== null && isForPerson(waits.kind))
}

/** These end when a person acts. */
function isForPerson(kind: NonNullable<ListedDuty['waits_for']>['kind']): boolean {
  switch (kind) {
    case 'person':
    case 'credentials':
    case 'certified_unit':
      return true
    case 'duty':
    case 'merchant':
    case 'date':
      return false
  }
}

/** The duties, with their names on the status page as titles. */
export async function dutiesIn(language: Language, technician: Asked): Promise<readonly ListedDuty[]> {
  const duties = await technician.listDuties()
  if (language === 'en' || duties.length === 0) return duties
  const installation = await technician.installation()
  const shown = (list: string) => (id: string) => {
    const all = member(installation, list)
    const one = Array.isArray(all) ? all.find((each) => member(each, 'id') === id) : undefined
    return one === undefined ? undefined : { shown: one }
  }
  const names: Names = { register: shown('registers'), location: shown('locations') }
  return duties.map((duty) => ({ ...duty, title: taskName(names, duty, language) }))
}

type Asked = Pick<Technician, 'listDuties' | 'installation'>

/** The duties that wait for a person; an overdue one has a separate line. */
export async function taskFindings(technician: Asked, nowMs: number, language: Language = 'en'): Promise<Finding[]> {
  const today = localDate(nowMs, SHOP_ZONE)
  const tasks = (await dutiesIn(language, technician)).filter(needsPerson)
  if (tasks.length === 0) return [ok('duties', 'none is open')]
  const late = tasks
    .filter(({ due }) => due < today)
    .slice(0, SHOWN)
    .map(({ id, title, due }) =>
      caution(
        'duty',
        `${title}: was due ${due}`,
        `fiskal-edge duty list explains it, then: fiskal-edge duty confirm ${id}`,
      ),
    )
  const [next, ...others] = tasks.filter(({ due }) => due >= today)
  if (next === undefined) return late
  const open = `${others.length + 1} open, the next until ${next.due}: ${next.title}`
  return [...late, caution('duties', open, 'fiskal-edge duty list')]
}
