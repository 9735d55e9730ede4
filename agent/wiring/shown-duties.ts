import type { Json } from '../../base/canonical.ts'
import type { View } from '../journal/projections/view.ts'
import { withSteps } from '../till/reading/duty-steps.ts'
import type { ListedDuty } from '../till/reading/listed-duties.ts'
import { shownTask } from '../till/reading/shown-task.ts'

/** The list of the page is short: the whole one is read by a command. */
const SHOWN_MAX = 20
/** The newest answer is among so many steps: a request follows an answer. */
const STEPS_READ = 3

/** The duties to authorities for the page: those that need a person first, then by due date. */
export function shownDuties(view: View, list: readonly ListedDuty[]): Json {
  const ofAuthorities = list.filter(({ authority }) => authority !== null)
  const open = ofAuthorities.filter((duty) => duty.open)
  const urgent = open.filter(isForPerson)
  const shown = [...urgent, ...open.filter((duty) => !isForPerson(duty))].slice(0, SHOWN_MAX)
  return {
    duties: shown.map((duty) => row(view, duty)),
    more: open.length - shown.length,
    done: ofAuthorities.filter((duty) => !duty.open && duty.state === 'confirmed').length,
  }
}

/** True if an answer, or a missing one, asks for a person; not for the many duties that a person does anyway. */
function isForPerson({ way, state, waits_for: waits }: ListedDuty): boolean {
  if (state === 'refused' || state === 'unclear') return true
  return way === 'automatic' && (waits?.kind === 'person' || waits?.kind === 'credentials')
}

function row(view: View, duty: ListedDuty): Json {
  const { id, due, authority, state, way, waits_for: waits } = duty
  return {
    ...{ ...shownTask(view, duty), id, due, authority, state, is_automatic: way === 'automatic' },
    ...{ waits_for: waits?.kind ?? null, answer: lastAnswer(view, duty) },
  }
}

function lastAnswer(view: View, duty: ListedDuty): Json {
  if (duty.way === 'manual') return null
  const step = withSteps(view, duty, STEPS_READ).steps.findLast(({ what }) => what === 'answered' || what === 'asked')
  if (step === undefined) return null
  const { at, rc, message, status, lost } = step
  return { at, rc: rc === null ? null : [...rc], message, status, lost }
}
