import type { TaskModule } from './serve.ts'
import { serveTask } from './serve.ts'

// The process of `runInChild`: its argument is the module of the task.
// biome-ignore lint/style/noRestrictedGlobals: the entry of a child process reads its own argument
serveTask(() => import(String(process.argv[2])) as Promise<TaskModule>)
