import { Serial } from '../../base/serial.ts'
import type { NativeCalls, NativeNews, NativeReply, NativeRequest } from './protocol.ts'
import { NativeFault } from './protocol.ts'

/** The child's side of NativeCalls: one function per method. */
export type NativeHandlers<Calls extends NativeCalls> = {
  [Method in keyof Calls]: (args: Calls[Method]['args']) => Calls[Method]['result'] | Promise<Calls[Method]['result']>
}

/**
 * Turns this process into the child of a NativeProcess: answers one request at a time, in the order of arrival. It ends
 * only when the parent has ended: Ctrl-C and systemd signal the whole group, but the running act must finish and the
 * parent decides when to end it. Returns the function that reports unsolicited news to the parent.
 */
export function serve<Calls extends NativeCalls, News = never>(handlers: NativeHandlers<Calls>): (news: News) => void {
  // biome-ignore lint/style/noRestrictedGlobals: the entry of a child process speaks through its own process object
  const own = process
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) own.on(signal, () => undefined)
  // SIGKILL, because exit() waits for threads that may hang inside the module.
  own.on('disconnect', () => own.kill(own.pid, 'SIGKILL'))
  const reply = (message: NativeReply | NativeNews) => own.send?.(message)
  const serial = new Serial()
  own.on('message', (request: NativeRequest) => {
    void serial.run(async () => reply(await answer(handlers, request)))
  })
  reply({ id: 0, result: undefined })
  return (news) => reply({ news })
}

async function answer<Calls extends NativeCalls>(
  handlers: NativeHandlers<Calls>,
  request: NativeRequest,
): Promise<NativeReply> {
  const { id, method, args } = request
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined
  if (!handler) return { id, fault: { code: 'UNKNOWN_METHOD', message: `no method ${method}` } }
  try {
    return { id, result: await handler(args) }
  } catch (error) {
    if (error instanceof NativeFault) return { id, fault: { code: error.code, message: error.message } }
    // The text of an unexpected error may quote its arguments, a PIN among them.
    return { id, fault: { code: 'UNEXPECTED', message: `${method}: ${error instanceof Error ? error.name : 'error'}` } }
  }
}
