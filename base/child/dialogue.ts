import type { ChildProcess, ForkOptions } from 'node:child_process'
import { fork } from 'node:child_process'
import type { Call, Reply } from './serve.ts'

export type DialogueOptions = ForkOptions & {
  /** Calls `serveCalls`. */
  entry: URL
  args?: readonly string[]
  /** The technician's word for the process. */
  name: string
  /** Called once, for whatever reason the process can no longer be called. */
  onEnd?: (cause: Error) => void
  onNews?: (news: unknown) => void
}

/** The process ended before it answered. */
export class ChildEndedError extends Error {
  override readonly name = 'ChildEndedError'
  readonly code = 'child_ended'
  /** `SIGKILL`, `code 1`. */
  readonly by: string

  constructor(name: string, signal: string | null, exitCode: number | null) {
    super(`The ${name} ended early (${signal ?? `exit code ${exitCode}`}).`)
    this.by = signal ?? `code ${exitCode}`
  }
}

/** The error that a function threw in the child, with its name, code and details. */
export class ThrownInChild extends Error {
  declare readonly code: string
}

type Waiting = { resolve(answer: unknown): void; reject(error: Error): void }

/** A child process that answers calls of its functions. Nothing restarts it. */
export class Dialogue {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  readonly #onEnd: DialogueOptions['onEnd']
  readonly #exited: Promise<void>
  #lastId = 0
  #end: Error | undefined

  /** Throws rare errors of the system; the others reject the calls. */
  constructor({ entry, args = [], name, onEnd, onNews, ...options }: DialogueOptions) {
    this.#name = name
    this.#onEnd = onEnd
    const child = fork(entry, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], ...options })
    this.#child = child
    child.on('message', (reply: Reply) => {
      if (!('news' in reply)) this.#settle(reply)
      else if (this.#end === undefined) onNews?.(reply.news)
    })
    let failure: Error | undefined
    this.#exited = new Promise((resolve) => {
      // Not `once`: a process that could not be started emits further errors, and an unhandled one ends the agent.
      child.on('error', (error) => {
        failure ??= error
        // Such a process does not emit `exit`.
        if (child.pid === undefined) resolve(this.#ended(error))
      })
      child.once('exit', (code, signal) => resolve(this.#ended(failure ?? new ChildEndedError(name, signal, code))))
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Calls that wait for their answers. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Throws ThrownInChild; without an answer the error that `onEnd` gets. */
  ask(act: string, ...args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end)
      const call: Call = { id: ++this.#lastId, act, args }
      // A child that could not be started for lack of descriptors has no channel; its error follows.
      if (this.#child.connected) this.#child.send(call, (error) => error && this.#child.kill('SIGKILL'))
      this.#waiting.set(call.id, { resolve, reject })
    })
  }

  /** Does not keep the agent alive. */
  unref(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }

  /** The child ends itself. Resolves when it has exited. */
  leave(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    this.#ended(new ChildEndedError(this.#name, 'disconnected', null))
    return this.#exited
  }

  /** Rejects the waiting calls at once. Resolves when the process has exited: in a call of the kernel it may linger. */
  kill(cause: Error = new ChildEndedError(this.#name, 'SIGKILL', null)): Promise<void> {
    this.#child.kill('SIGKILL')
    this.#ended(cause)
    return this.#exited
  }

  #settle(reply: Exclude<Reply, { news: unknown }>): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('failure' in reply) waiting?.reject(Object.assign(new ThrownInChild(), reply.failure))
    else waiting?.resolve(reply.answer)
  }

  #ended(cause: Error): void {
    if (this.#end !== undefined) return
    this.#end = cause
    for (const { reject } of this.#waiting.values()) reject(cause)
    this.#waiting.clear()
    this.#onEnd?.(cause)
  }
}
