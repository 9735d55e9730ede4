import { join, resolve } from 'node:path'
import { loadProgram } from '../forks/load-program.ts'
import { nextFork } from '../forks/next-fork.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')

await loadProgram()
process.argv = [process.execPath, join(ROOT, 'bin', 'fiskal-edge.cjs'), ...(await nextFork())]
await import(join(ROOT, 'agent', 'cli', 'main.ts'))
