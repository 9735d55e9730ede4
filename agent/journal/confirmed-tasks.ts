import type { View } from './projections/view.ts'

/** A task for a person: the same id for the same task; `due` is a calendar date. */
type Task = { readonly id: string; readonly due: string }

/** The unconfirmed tasks, the most urgent first. */
export function openTasks<T extends Task>(view: Pick<View, 'confirmedTask'>, tasks: readonly T[]): T[] {
  return tasks
    .filter(({ id }) => !isConfirmed(view, id))
    .sort((left, right) => (left.due < right.due ? -1 : left.due > right.due ? 1 : 0))
}

/** True if a person confirmed it. */
export function isConfirmed(view: Pick<View, 'confirmedTask'>, id: string): boolean {
  return view.confirmedTask(confirmationOf(id)) !== undefined
}

/** The confirmed tasks whose id begins with that text, with the seq of the confirming event. */
export function confirmedTasks(view: Pick<View, 'firstOf'>, prefix: string): { id: string; seq: number }[] {
  return view.firstOf(confirmationOf(prefix)).map(({ op, seq }) => ({ id: op.slice(confirmationOf('').length), seq }))
}

/** The id under which the confirmation of a task is journalled. */
export function confirmationOf(id: string): string {
  return `confirmation_${id}`
}
