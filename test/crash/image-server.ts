import { loadProgram } from '../forks/load-program.ts'
import { awaitClient, nextFork } from '../forks/next-fork.ts'
import { startImage } from './started-image.ts'

awaitClient()
await loadProgram()
await startImage(await nextFork())
