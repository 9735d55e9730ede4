import type { Clock } from '../../base/clock.ts'
import { localDate, SHOP_ZONE } from '../../base/clock.ts'
import type { ClockKeeper } from '../devices/clock-keeper.ts'
import type { Duty, Task } from '../laws/duty.ts'
import type { InParts, Law } from '../laws/law.ts'
import type { TargetStates } from '../sync/epoch-tasks.ts'
import { epochTasks, replacedTasks } from '../sync/epoch-tasks.ts'
import type { UnresolvedOutcomes } from '../till/recording/unresolved-outcomes.ts'
import { clockTasks } from '../till/technician/clock-task.ts'
import { machineTasks } from '../till/technician/machine-task.ts'
import { unresolvedTasks } from '../till/technician/unresolved-tasks.ts'
import type { Laws } from './laws.ts'
import type { Storage } from './storage.ts'

type TaskSources = Pick<Storage, 'journal' | 'machineChange'> & {
  clockKeeper: ClockKeeper
  unresolved: UnresolvedOutcomes
  clock: Clock
  targets: () => TargetStates
}

/** The duties of the laws and of the agent, confirmed or not, one by one. */
export function* allDuties(
  laws: Pick<Laws, 'duties'>,
  list: readonly Law<never>[],
  sources: TaskSources,
): InParts<Duty> {
  yield* laws.duties()
  for (const task of ownTasks(list, sources)) yield { task }
}

/** The tasks that no law defines. */
function ownTasks(list: readonly Law<never>[], sources: TaskSources): Task[] {
  const { journal, machineChange, clockKeeper, unresolved, clock, targets } = sources
  const today = localDate(clock.now(), SHOP_ZONE)
  return [
    ...machineTasks(machineChange, today),
    ...epochTasks(journal, list),
    ...replacedTasks(journal, targets(), today),
    ...clockTasks(clockKeeper, clock),
    ...unresolvedTasks(unresolved.all(), clock.now()),
  ]
}
