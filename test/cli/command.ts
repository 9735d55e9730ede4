import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll } from 'vitest'
import { emptyReserve } from '../empty-reserve.ts'
import { onLastingDisk } from '../lasting-disk.ts'
import { DEMO_LIMIT_MS, once, within } from '../waits.ts'
import type { Ran } from './command-here.ts'
import { commandHere } from './command-here.ts'
import { forkCommand } from './forked-command.ts'

export const ROOT = resolve(import.meta.dirname, '..', '..')
export const BIN = join(ROOT, 'bin', 'fiskal-edge.cjs')

export type { Ran }

/** Commands that serve, and those that become other users or change what others of the process use. */
const FORKED: readonly string[] = ['run', 'demo', 'receiver', 'simulate', 'conformance', 'service', 'update']

const folders: string[] = []
/** A state directory reserves 64 MB. */
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Removed after the tests of the file. */
export function removedLater(folder: string): string {
  folders.push(folder)
  return folder
}

/** A separate till that is not started: state in a temporary folder, a free port. */
export function ownConfig(
  devices: readonly object[] = [{ id: 'tse-1', driver: 'tse-simulator' }],
  more: object = {},
): string {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'cli-')))
  const file = join(folder, 'agent.json')
  writeFileSync(file, JSON.stringify({ version: 1, state: 'state', listen: { port: 0 }, devices, ...more }))
  return file
}

/** The same for an agent about to start, in an existing state directory. */
export function ownTill(devices?: readonly object[], more?: object): string {
  const config = ownConfig(devices, more)
  emptyReserve(join(dirname(config), 'state'))
  return config
}

/** Runs `fiskal-edge` and waits for its end: in this process, if the command serves no one. */
export async function fiskalEdge(...args: string[]): Promise<Ran> {
  return FORKED.includes(args[0] ?? '') ? await forkedEdge(...args) : await commandHere(args)
}

/** The same in a process of its own: a fork. */
export async function forkedEdge(...args: string[]): Promise<Ran> {
  const { code, output, errors } = await forkCommand(args).ended
  return { code, out: output, err: errors }
}

/** Plays a demo and waits for its exit. */
export async function playDemo(...args: string[]): Promise<Ran> {
  const { code, output, errors } = await forkCommand(['demo', '--exit', ...args]).endedWithin(DEMO_LIMIT_MS)
  return { code, out: output, err: errors }
}

/** The same by a clock that says `utc`, `YYYY-MM-DD hh:mm:ss`. */
export function fiskalEdgeAt(utc: string, ...args: string[]): Promise<Ran> {
  const libraries = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketime.so.1'))
  const library = libraries.find((path) => statSync(path, { throwIfNoEntry: false }) !== undefined)
  return run(args, { ...onLastingDisk(), LD_PRELOAD: library, FAKETIME: utc, TZ: 'UTC' })
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const texts = collect(child)
  const [code] = await once(child, 'close')
  return { code: code as number | null, ...texts() }
}

export type Daemon<Child = Pick<ChildProcess, 'kill' | 'pid'>> = {
  child: Child
  url: string
  pid: number
  log: () => string
  /** A wait for it has a limit from where it begins, and ends the process then. */
  readonly ended: Promise<Ran>
}

const READY = /ready at (\S+) \((?:state .*, )?pid (\d+)\)/

/** Starts the daemon by a command and waits until it prints its address. */
export async function startDaemon(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = onLastingDisk(),
  limitMs?: number,
): Promise<Daemon<ChildProcess>> {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const texts = collect(child)
  const closed = new Promise<Ran>((resolve) => child.once('close', (code) => resolve({ code, ...texts() })))
  const printed = new Promise<RegExpExecArray>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const match = READY.exec(texts().out)
      if (match !== null) resolve(match)
    })
    void closed.then(({ out, err }) => reject(new Error(`ended before it was ready: ${out}${err}`)))
  })
  const kill = (): boolean => child.kill('SIGKILL')
  const found = await within(`the ready line of ${child.spawnargs.join(' ')}`, printed, kill, limitMs)
  const [, url = '', pid] = found
  return {
    child,
    url,
    pid: Number(pid),
    log: () => texts().out + texts().err,
    get ended() {
      return within(`the end of ${child.spawnargs.join(' ')}`, closed, kill)
    },
  }
}

/** As it is shipped: with its options, environment and heap. */
export function runShippedDaemon(config: string): Promise<Daemon<ChildProcess>> {
  return startDaemon(process.execPath, [BIN, 'run', '--config', config])
}

/** In a fork, as a command: for tests of what an agent does, and not of its start. */
export function runDaemon(config: string): Promise<Daemon> {
  return serveInFork('run', '--config', config)
}

async function serveInFork(...args: readonly string[]): Promise<Daemon> {
  const fork = forkCommand(args)
  const log = (): string => Object.values(fork.written()).join('')
  const found = await fork.printed(READY)
  if (found === undefined) throw new Error(`ended before it was ready: ${log()}`)
  return {
    child: fork.child,
    url: String(found[1]),
    pid: Number(found[2]),
    log,
    get ended() {
      return fork.ended.then(({ code, output, errors }) => ({ code, out: output, err: errors }))
    },
  }
}

/** The reference receiver on a separate store and a free port. */
export async function runReceiver(folder: string, more: object = {}): Promise<Daemon & { config: string }> {
  const config = join(folder, 'receiver.json')
  writeFileSync(config, JSON.stringify({ version: 1, listen: { port: 0 }, ...more }))
  const daemon = await serveInFork('receiver', 'run', '--config', config)
  return Object.assign(daemon, { config })
}

/** One bit in the middle of a file. */
export function flipByte(file: string): void {
  const bytes = readFileSync(file)
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

function collect(child: ChildProcess): () => { out: string; err: string } {
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  return () => ({ out, err })
}
