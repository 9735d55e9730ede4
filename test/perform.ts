import type { SpawnOptions } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Ran } from './cli/command.ts'

type Performed = Pick<SpawnOptions, 'cwd' | 'env' | 'timeout' | 'killSignal'> & { readonly input?: Buffer | undefined }

/** Runs a command and waits for its exit. */
export async function perform(
  command: string,
  args: readonly string[],
  { input, ...options }: Performed = {},
): Promise<Ran & { bytes: Buffer }> {
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
  const parts: Buffer[] = []
  let err = ''
  child.stdout.on('data', (part: Buffer) => parts.push(part))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  const bytes = Buffer.concat(parts)
  return { code: code as number | null, out: bytes.toString('utf8'), err, bytes }
}
