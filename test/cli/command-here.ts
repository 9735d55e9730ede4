import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { Writable } from 'node:stream'
import { program } from '../../agent/cli/program.ts'
import { describeFailure, exitCodeOf } from '../../agent/failure.ts'
import { runTasksBy, taskHere } from '../../base/child/run.ts'
import { Mutex } from '../../base/mutex.ts'
import { visible } from '../../base/text.ts'
import { within } from '../waits.ts'

export type Ran = { code: number | null; out: string; err: string }

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'beforeExit', 'exit'] as const

/** What a command that would end its process throws in its place. */
class ProcessEnded extends Error {
  readonly code: number | string | null | undefined

  constructor(code: number | string | null | undefined) {
    super(`process.exit(${code})`)
    this.code = code
  }
}

/** A process has its output, its exit code and its priority once. */
const turn = new Mutex()

/**
 * Runs `fiskal-edge` in this process, for a fourth of the CPU time of a fork (measured). What a command changes of its
 * process is put back; one that would become another user needs a process.
 */
export function commandHere(args: readonly string[]): Promise<Ran> {
  return turn.run(() => within(`the end of fiskal-edge ${args.join(' ')}`, alone(args)))
}

async function alone(args: readonly string[]): Promise<Ran> {
  const restore = kept()
  const [out, err] = [captured('stdout'), captured('stderr')]
  try {
    await ended(args)
    return { code: Number(process.exitCode ?? 0), out: out.text(), err: err.text() }
  } finally {
    out.end()
    err.end()
    restore()
  }
}

/** As `agent/cli/main.ts`. */
async function ended(args: readonly string[]): Promise<void> {
  process.exitCode = undefined
  try {
    await (await program(args[0])).parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof ProcessEnded) {
      process.exitCode = error.code
      return
    }
    process.stderr.write(`fiskal-edge: ${visible(describeFailure(error))}\n`)
    process.exitCode = exitCodeOf(error)
  }
}

/** What a process has once, and commands change; the function puts it back. */
function kept(): () => void {
  const { exit, exitCode, setuid, seteuid } = process
  const { setPriority } = os
  const environment = { ...process.env }
  const umask = process.umask()
  const runner = runTasksBy(taskHere)
  const listeners = SIGNALS.map((signal) => [signal, process.rawListeners(signal)] as const)
  process.exit = (code) => {
    throw new ProcessEnded(code ?? process.exitCode)
  }
  Object.assign(process, { setuid: refuseUser, seteuid: refuseUser })
  // The lowest ends never on a busy machine.
  os.setPriority = () => undefined
  syncBuiltinESMExports()
  return () => {
    Object.assign(process, { exit, exitCode, setuid, seteuid })
    os.setPriority = setPriority
    syncBuiltinESMExports()
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
    Object.assign(process.env, environment)
    process.umask(umask)
    runTasksBy(runner)
    for (const [signal, before] of listeners)
      for (const listener of process.rawListeners(signal))
        if (!before.includes(listener)) process.off(signal, listener as () => void)
  }
}

function refuseUser(): never {
  throw new Error('a command that becomes another user needs a process of its own: forkedEdge')
}

function captured(name: 'stdout' | 'stderr'): { text(): string; end(): void } {
  const own = Object.getOwnPropertyDescriptor(process, name)
  const chunks: Buffer[] = []
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk)
      done()
    },
  })
  Object.defineProperty(process, name, { value: stream, configurable: true })
  return {
    text: () => Buffer.concat(chunks).toString('utf8'),
    end: () => {
      if (own !== undefined) Object.defineProperty(process, name, own)
    },
  }
}
