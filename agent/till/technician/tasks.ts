import { FiskalError } from '../../errors.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Duty } from '../../regimes/regime.ts'

/** Those that nobody has confirmed yet, the most urgent first. */
export function openTasks<T extends Duty>(view: View, tasks: readonly T[]): T[] {
  return tasks
    .filter(({ id }) => !isConfirmed(view, id))
    .sort((left, right) => (left.due < right.due ? -1 : left.due > right.due ? 1 : 0))
}

/** True where a human said that it is done. */
function isConfirmed(view: Pick<View, 'members'>, id: string): boolean {
  return view.members(eventId(id)) !== undefined
}

/** The confirmed tasks whose id begins so, with the seq of the event that says it. */
export function confirmedTasks(view: Pick<View, 'firstOf'>, prefix: string): { id: string; seq: number }[] {
  return view.firstOf(eventId(prefix)).map(({ op, seq }) => ({ id: op.slice(eventId('').length), seq }))
}

/**
 * Journals that a human has done it, and why nothing more is to be done; a reason may follow later. Throws `not_found` for what
 * is not to be done.
 */
export function confirmTask(journal: Journal, tasks: readonly Duty[], id: string, reason?: string): Promise<void> {
  return journal.record((view) => {
    const op = eventId(id)
    const confirmed = view.members(op)
    if (confirmed !== undefined && confirmed['reason'] === undefined && reason !== undefined)
      return [{ kind: 'task.confirmed', op, body: { set: { reason } } }]
    const task = openTasks(view, tasks).find((candidate) => candidate.id === id)
    if (task === undefined) throw new FiskalError('not_found', `There is no open task ${id}.`, { resource: 'task', id })
    const { title, due, clock, note } = task
    const set = { task: id, title, due, ...(reason !== undefined && { reason }) }
    const body = { set, ...(clock !== undefined && { clock }), ...(note && { note }) }
    return [{ kind: 'task.confirmed', op, body }]
  })
}

function eventId(id: string): string {
  return `task_${id}`
}
