import { loadProgram } from '../forks/load-program.ts'
import { nextFork } from '../forks/next-fork.ts'
import { startImage } from './started-image.ts'

await loadProgram()
await startImage(await nextFork())
