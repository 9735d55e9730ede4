import { runTasksHere } from './child/tasks-here.ts'

// The files of one process share it.
runTasksHere()
