import type { SpawnOptions } from 'node:child_process'
import { spawn } from 'node:child_process'
import type { Ran } from './cli/command.ts'
import { once } from './waits.ts'

type Performed = Pick<SpawnOptions, 'cwd' | 'env' | 'timeout'> & { readonly input?: Buffer | undefined }

/** Runs a command and waits for its exit, at most for the limit of a wait or for `timeout`. */
export async function perform(
  command: string,
  args: readonly string[],
  { input, timeout, ...options }: Performed = {},
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
  const [code] = await once(child, 'close', timeout)
  const bytes = Buffer.concat(parts)
  return { code: code as number | null, out: bytes.toString('utf8'), err, bytes }
}
