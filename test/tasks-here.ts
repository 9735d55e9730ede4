import { runTasksBy, taskHere } from '../base/child/run.ts'

/**
 * From now on the tasks of `runInChild` run in this process. That proves nothing of abort, memory and orphans: tests of
 * these, and one of each program, call `runTasksBy()`.
 */
runTasksBy(taskHere)
