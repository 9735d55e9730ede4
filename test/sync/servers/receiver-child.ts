import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { once } from '../../waits.ts'

export type ReceiverChild = { readonly url: string; kill(): Promise<void> }

/** A receiver in a separate process on a connection string or a file, to be killed; on a free port by default. */
export async function startReceiver(place: string, port = 0): Promise<ReceiverChild> {
  const script = join(import.meta.dirname, 'receiver-process.ts')
  const child: ChildProcess = spawn(process.execPath, [script, place, String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (child.stdout === null) throw new Error('the receiver has no output')
  const [url] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error('the receiver ended'))),
  ])
  return {
    url: String(url),
    kill: async () => {
      if (child.exitCode !== null) throw new Error(`the receiver ended by itself, with ${child.exitCode}`)
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}
