import type { Failure } from '../../base/child/serve.ts'
import { serveCalls } from '../../base/child/serve.ts'
import { Mutex } from '../../base/mutex.ts'
import type { NativeCalls } from './protocol.ts'
import { NativeFault } from './protocol.ts'

/** The child's side of NativeCalls: one function per method. */
export type NativeHandlers<Calls extends NativeCalls> = {
  [Method in keyof Calls]: (args: Calls[Method]['args']) => Calls[Method]['result'] | Promise<Calls[Method]['result']>
}

/**
 * Turns this process into the child of a NativeProcess: answers one request at a time, in the order of arrival. It ends
 * only when the parent has ended: the running act must finish. Returns the function that reports unsolicited news to
 * the parent.
 */
export function serve<Calls extends NativeCalls, News = never>(handlers: NativeHandlers<Calls>): (news: News) => void {
  const mutex = new Mutex()
  const oneByOne = (handler: NativeHandlers<Calls>[string]) => (args: never) => mutex.run(async () => handler(args))
  const acts = Object.entries(handlers).map(([method, handler]) => [method, oneByOne(handler)])
  return serveCalls({
    acts: { ready: () => undefined, ...Object.fromEntries(acts) },
    // SIGKILL, because exit() waits for threads that may hang inside the module.
    left: (own) => own.kill(own.pid, 'SIGKILL'),
    failureOf,
  })
}

function failureOf(error: unknown, method: string): Failure {
  const name = error instanceof Error ? error.name : 'error'
  if (error instanceof NativeFault) return { name, message: error.message, code: error.code }
  // The text of an unexpected error may quote its arguments, a PIN among them.
  return { name, message: `${method}: ${name}`, code: 'UNEXPECTED' }
}
