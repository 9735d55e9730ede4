import { spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { execFileSync, once } from '../waits.ts'

/**
 * V8 must not have threads: a fork has only the one that called it. A short one collects no garbage, which would copy the
 * pages that it shares with the template (a third of its CPU time, measured): its new space is empty and large enough.
 */
const FLAGS = ['--single-threaded', '--expose-gc', '--no-minor-gc-task']
const NEW_SPACE = ['--min-semi-space-size=64', '--max-semi-space-size=64']

export type TemplateOptions = {
  /** Its program: calls `awaitClient`, loads what the forks need, and then calls `nextFork`. */
  entry: string
  /** V8's. */
  flags?: readonly string[]
  env: NodeJS.ProcessEnv
}

/** A template that listens. `errors`: what it and its forks write to standard error before they have a file. */
export type Template = { socket: string; errors: string }

/**
 * Starts a process that loads the agent when it is first asked, and is forked for each client. It ends with this
 * process, its forks end with it.
 */
export async function startTemplate({ entry, flags = [], env }: TemplateOptions): Promise<Template> {
  const folder = newFolder()
  const [socket, errors] = [join(folder, 'socket'), join(folder, 'errors')]
  addon ??= builtAddon()
  const args = [...FLAGS, ...NEW_SPACE, ...flags, entry, addon, socket]
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', openSync(errors, 'a')] })
  child.unref()
  const said = child.stdout as Readable
  await once(said, 'readable')
  if (said.read() === null) throw new Error(readFileSync(errors, 'utf8'))
  said.destroy()
  return { socket, errors }
}

let addon: string | undefined

function builtAddon(): string {
  const file = join(newFolder(), 'fork.node')
  const headers = join(dirname(process.execPath), '..', 'include', 'node')
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-I', headers, '-o', file, join(import.meta.dirname, 'fork.c')])
  return file
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'forks-'))
}
