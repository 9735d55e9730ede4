import type { ChildProcess } from 'node:child_process'
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Job, LoadResult } from './load.ts'
import type { Law } from './requests.ts'

/** A server in a separate process. */
export type Server = {
  url: string
  pid: number
  /** From the start of the process to its line "ready". */
  readyMs: number
  stop(): Promise<void>
}

const READY_LIMIT_MS = 120_000
const STOP_LIMIT_MS = 30_000

/** With these the floors take the least memory. Our agent has those of `bin/fiskal-edge.cjs` alone. */
const SMALL_HEAP = ['--max-old-space-size=64', '--max-semi-space-size=1']
const SMALL_MALLOC = { MALLOC_ARENA_MAX: '1' }
const root = fileURLToPath(new URL('../../', import.meta.url))
const environment = {
  ...process.env,
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'fiskal-edge'),
}

export const AUSTRIAN_DEVICES = [{ id: 'card-1', driver: 'card-simulator' }]

export const TSE_DEVICES = [{ id: 'tse-1', driver: 'tse-simulator', latencyMs: 0 }]

/** Starts the agent as a user does, with one TSE simulator by default. Makes the folder if it is missing. */
export async function startAgent(folder: string, devices: readonly object[] = TSE_DEVICES): Promise<Server> {
  const config = join(folder, 'agent.json')
  await writeFile(config, JSON.stringify({ version: 1, state: 'state', listen: { port: 0 }, devices }))
  return start([join(root, 'bin', 'fiskal-edge.cjs'), 'run', '--config', config], folder)
}

/** `law`: Austria signs only the completion. */
export function startMinimalAgent(folder: string, law: Law = 'tse'): Promise<Server> {
  const options = ['--file', join(folder, 'minimal.db'), '--law', law]
  return start([...SMALL_HEAP, script('minimal-agent.ts'), ...options], folder, SMALL_MALLOC)
}

export function startBareServer(kind: 'http' | 'express', folder: string): Promise<Server> {
  return start([script('bare-server.ts'), '--kind', kind], folder, SMALL_MALLOC)
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

async function start(args: readonly string[], folder: string, more: NodeJS.ProcessEnv = {}): Promise<Server> {
  const log = join(folder, 'log.ndjson')
  const started = performance.now()
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', openSync(log, 'a')],
    env: { ...environment, ...more },
    cwd: folder,
  })
  const url = await readyLine(child, log)
  return { url, pid: child.pid ?? 0, readyMs: performance.now() - started, stop: () => stop(child) }
}

function readyLine(child: ChildProcess, log: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready after ${READY_LIMIT_MS} ms`)), READY_LIMIT_MS)
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const url = /ready at (http:\/\/\S+)/.exec(text)?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`ended with ${code} before it was ready: ${readFileSync(log, 'utf8').slice(-2000)}`))
    })
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
  child.kill('SIGTERM')
  await ended
  clearTimeout(timer)
}

/** The load generator in a separate process. */
export type Load = { run(job: Job): Promise<LoadResult>; stop(): Promise<void> }

export function startLoad(): Load {
  const child = fork(script('load.ts'), { stdio: 'inherit', serialization: 'advanced' })
  return {
    run: async (job) => {
      const answered = once(child, 'message')
      child.send(job)
      const [answer] = (await answered) as [LoadResult | { error: string }]
      if ('error' in answer) throw new Error(answer.error)
      return answer
    },
    stop: () => stop(child),
  }
}

/** MB (10^6 bytes) of a process: anonymous, proportional and resident set (proc(5), smaps_rollup). */
export function memoryOf(pid: number): { anonymous: number; pss: number; rss: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const megabytes = (name: string): number => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1]
    return (Number(kibibytes) * 1024) / 1e6
  }
  return { anonymous: megabytes('Anonymous'), pss: megabytes('Pss'), rss: megabytes('Rss') }
}

const TICK_MS = 10

/** CPU time of a process so far, ms: utime and stime of proc(5), in ticks of 10 ms. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may contain any character; after it utime and stime are the 12th and 13th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Bytes that a process has written to the disk so far, pages of its files: write_bytes of proc_pid_io(5). */
export function writtenBytesOf(pid: number): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])
}

const QUIET_LIMIT_MS = 900_000
const QUIET_CHECK_MS = 200

/** Waits until a process has no children left: the agent verifies its journal in one after each start. */
export async function untilAlone(pid: number): Promise<void> {
  const started = performance.now()
  while (readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).length > 0) {
    if (performance.now() - started > QUIET_LIMIT_MS) throw new Error(`process ${pid} still has children`)
    await pause(QUIET_CHECK_MS)
  }
}
