import { join, resolve } from 'node:path'
import { loadProgram } from '../forks/load-program.ts'
import { awaitClient, nextFork } from '../forks/next-fork.ts'
import '../tasks-here.ts'
import { playCommands } from './played-commands.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')

awaitClient()
await loadProgram()
await playCommands()
process.argv = [process.execPath, join(ROOT, 'bin', 'fiskal-edge.cjs'), ...(await nextFork())]
await import(join(ROOT, 'agent', 'cli', 'main.ts'))
