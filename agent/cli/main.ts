import { visibleLines } from '../../base/text.ts'
import { describeFailure, exitCodeOf } from '../failure.ts'

const EXIT_LIMIT_MS = 2000

// Asks the agent what it is at (main.ts). Unheard it would end the process: also one that has only begun, or another command.
process.on('SIGUSR2', () => undefined)

// `fiskal-edge journal tail | head` closes the pipe early: that is no failure, and no end either: what the command does
// goes on, and its exit code is its own. A disk without room is a failure, and is told.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  process.stderr.write(`fiskal-edge: ${visibleLines(describeFailure(error))}\n`)
  process.exit(1)
})
// Nobody is left to be told; the exit code is the command's own.
process.stderr.on('error', () => undefined)

let isDone = false
// Nothing is left to wait for: what was to come never will, and that is no success.
process.once('beforeExit', () => {
  if (isDone) return
  process.stderr.write(
    'fiskal-edge: internal_error: the command was not brought to its end; what it was to do is not done\n',
  )
  process.exitCode = 1
})

try {
  if (Number(process.versions.node.split('.')[0]) < 24) throw new Error(`Node 24 is needed, this is ${process.version}`)
  const { runProgram } = await import('./program.ts')
  await runProgram()
} catch (error) {
  process.stderr.write(`fiskal-edge: ${visibleLines(describeFailure(error))}\n`)
  process.exitCode = exitCodeOf(error)
}
isDone = true
// Whatever a failure left open must not hold the terminal.
setTimeout(() => process.exit(), EXIT_LIMIT_MS).unref()
