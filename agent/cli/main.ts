import { leave } from '../../base/leave.ts'
import { keepIgnoring } from '../../base/stop-signals.ts'
import { visible } from '../../base/text.ts'
import { describeFailure, exitCodeOf } from '../failure.ts'

const EXIT_LIMIT_MS = 2000

// The signal asks the agent for its running work (main.ts). Without a listener it would end the process: an agent that
// has just started, or another command.
process.on('SIGUSR2', () => undefined)
keepIgnoring()

// `fiskal-edge journal tail | head` closes the pipe early, which is not a failure: the command continues and has its
// own exit code. A full disk is a failure, and is reported.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  process.stderr.write(`fiskal-edge: ${visible(describeFailure(error))}\n`)
  process.exit(1)
})
// The error can no longer be reported; the exit code remains that of the command.
process.stderr.on('error', () => undefined)

let isDone = false
// The event loop is empty and the command has not finished: it never will, which is a failure.
process.once('beforeExit', () => {
  if (isDone) return
  process.stderr.write('fiskal-edge: internal_error: the command did not finish; its work is not done\n')
  process.exitCode = 1
})

try {
  if (Number(process.versions.node.split('.')[0]) < 24) throw new Error(`Node 24 is needed, this is ${process.version}`)
  const { runProgram } = await import('./program.ts')
  await runProgram()
} catch (error) {
  process.stderr.write(`fiskal-edge: ${visible(describeFailure(error))}\n`)
  process.exitCode = exitCodeOf(error)
}
isDone = true
// Handles that a failure left open must not keep the process running.
setTimeout(() => leave(), EXIT_LIMIT_MS).unref()
