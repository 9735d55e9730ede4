import type { Clock } from '../../../base/clock.ts'
import { rfc3339 } from '../../../base/clock.ts'
import { FiskalError } from '../../errors.ts'
import { confirmationOf, openTasks } from '../../journal/confirmed-tasks.ts'
import type { ConfirmedTask } from '../../journal/documents/records.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Task } from '../../laws/duty.ts'
import type { LawRules } from '../../laws/law.ts'
import { closingEvents } from '../duty-records.ts'

/**
 * Journals that a person has done the task, or why it is not needed; a reason may follow later. Throws `not_found` for
 * a task that does not exist. The tasks are read within the commit: their facts are those that the event confirms.
 */
export function confirmTask(
  { journal, clock, laws }: { journal: Journal; clock: Pick<Clock, 'now'>; laws: readonly LawRules[] },
  tasks: () => readonly Task[],
  id: string,
  reason?: string,
): Promise<void> {
  return journal.record((view) => {
    const op = confirmationOf(id)
    const confirmed = view.confirmedTask(op)?.shown
    if (confirmed !== undefined && confirmed.reason === undefined && reason !== undefined)
      return [{ kind: 'duty.confirmed', op, body: { set: { reason } } }]
    const open = openTasks(view, tasks()).find((candidate) => candidate.id === id)
    const [early] = confirmed === undefined ? laws.flatMap((law) => law.earlyTask?.(view, id) ?? []) : []
    const task = open ?? early
    if (task === undefined) throw new FiskalError('not_found', `There is no open duty ${id}.`, { resource: 'duty', id })
    const { title, due, register_id, clock: mark, facts, unfinished } = task
    if (unfinished !== undefined) throw new FiskalError('unprocessable_entity', unfinished, { duty_id: id })
    const place = register_id === undefined ? {} : { register_id }
    const set = { duty: id, title, due, ...place, ...(reason !== undefined && { reason }) } satisfies ConfirmedTask
    const index = { kind: 'confirmation' as const }
    const body = { index, set, ...(mark !== undefined && { clock: mark }), ...(facts && { facts }) }
    const checked = closingEvents(view, task, 'confirmed', rfc3339(clock.now()))
    return [{ kind: 'duty.confirmed', op, body }, ...checked]
  })
}
