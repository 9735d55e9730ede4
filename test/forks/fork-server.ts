import type { ChildProcessByStdio } from 'node:child_process'
import { spawn } from 'node:child_process'
import type { FSWatcher } from 'node:fs'
import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Daemon, Ended } from '../crash/agent-process.ts'
import { execFileSync, within } from '../waits.ts'

/**
 * V8 must not have threads: a fork has only the one that called it. A short one collects no garbage, which would copy the
 * pages that it shares with the server (a third of its CPU time, measured): its new space is empty and large enough.
 */
const FLAGS = ['--single-threaded', '--expose-gc', '--no-minor-gc-task']
const NEW_SPACE = ['--min-semi-space-size=64', '--max-semi-space-size=64']
const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

type ForkEnded = Ended & { output: string }
/** The texts of its files, so far. */
type Written = Pick<ForkEnded, 'output' | 'errors'>

/** A process that was forked; `ready` when it says so. */
export class Fork implements Daemon {
  readonly child: { pid?: number; kill(signal: NodeJS.Signals): boolean } = { kill: (signal) => this.#kill(signal) }
  readonly #what: string
  readonly #served: Promise<string | undefined>
  readonly #over: Promise<ForkEnded>
  readonly #files: Written
  #written: Written | undefined
  #signal: NodeJS.Signals | undefined
  #isOver = false
  #readyMs = 0
  readonly #startedAt = performance.now()
  #serves: (url: string | undefined) => void = () => undefined
  #ends: (ended: ForkEnded) => void = () => undefined

  constructor(what: string, files: Written) {
    this.#what = what
    this.#files = files
    this.#served = new Promise((resolve) => {
      this.#serves = resolve
    })
    this.#over = new Promise((resolve) => {
      this.#ends = resolve
    })
  }

  get ready(): Promise<string | undefined> {
    return this.#within('the ready line', this.#served)
  }

  get ended(): Promise<ForkEnded> {
    return this.#within('the end', this.#over)
  }

  readyMs(): number {
    return this.#readyMs
  }

  written(): Written {
    return this.#written ?? { output: taken(this.#files.output), errors: taken(this.#files.errors) }
  }

  /** The first match in its output; undefined if it ends without one. */
  async printed(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    let watcher: FSWatcher | undefined
    const match = new Promise<RegExpExecArray>((resolve) => {
      const look = (): void => {
        const found = pattern.exec(this.written().output)
        if (found !== null) resolve(found)
      }
      watcher = watch(this.#files.output, look)
      look()
    })
    const ended = this.#over.then(({ output }) => pattern.exec(output) ?? undefined)
    const printed = Promise.race([match, ended]).finally(() => watcher?.close())
    return this.#within(`the line ${pattern}`, printed)
  }

  #within<T>(part: string, wait: Promise<T>): Promise<T> {
    const name = `${part} of fork ${this.child.pid} (${this.#what})`
    return within(name, wait, () => this.#kill('SIGKILL'))
  }

  begin(pid: number): void {
    this.child.pid = pid
    if (this.#signal !== undefined) this.#kill(this.#signal)
  }

  serve(url: string): void {
    this.#readyMs = performance.now() - this.#startedAt
    this.#serves(url)
  }

  /** `more`: what the server wrote. */
  end(how: Pick<Ended, 'code' | 'signal'>, more: string): void {
    this.#isOver = true
    const { output, errors } = this.written()
    this.#written = { output, errors: errors + more }
    for (const file of Object.values(this.#files)) rmSync(file, { force: true })
    this.#serves(undefined)
    this.#ends({ ...how, ...this.#written })
  }

  #kill(signal: NodeJS.Signals): boolean {
    if (this.#isOver) return false
    this.#signal = signal
    try {
      return this.child.pid === undefined || process.kill(this.child.pid, signal)
    } catch {
      // Its end is not read yet.
      return false
    }
  }
}

type ForkServerOptions = {
  /** The program of the server; it calls nextFork. */
  entry: string
  /** V8's. */
  flags?: readonly string[]
  env: NodeJS.ProcessEnv
  /** The forks write to files; otherwise they may tell the server that they are ready. */
  keepsOutput: boolean
}

/**
 * A process that has loaded the agent and forks for each request. Loading takes ten times the CPU time of a life that is
 * killed after one step (measured). It ends with this process, its forks end with it.
 */
export class ForkServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'forks-'))
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #forks = new Map<number, Fork>()
  readonly #keepsOutput: boolean
  #requests = 0
  #errors = ''

  constructor({ entry, flags = [], env, keepsOutput }: ForkServerOptions) {
    this.#keepsOutput = keepsOutput
    const addon = join(this.#folder, 'fork.node')
    const headers = join(dirname(process.execPath), '..', 'include', 'node')
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-I', headers, '-o', addon, join(import.meta.dirname, 'fork.c')])
    const args = [...FLAGS, ...NEW_SPACE, ...flags, entry, addon]
    this.#process = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    createInterface({ input: this.#process.stdout }).on('line', (text) => this.#take(text))
    this.#process.on('close', () => {
      for (const id of this.#forks.keys()) this.#end(id, { code: null, signal: null })
    })
    this.#process.unref()
  }

  start(args: readonly string[]): Fork {
    const id = ++this.#requests
    const [output, errors] = [join(this.#folder, `output-${id}`), join(this.#folder, `errors-${id}`)]
    const fork = new Fork(args.join(' '), { output, errors })
    this.#forks.set(id, fork)
    // It can be watched.
    writeFileSync(output, '')
    this.#process.stdin.write(`${id}\t${this.#keepsOutput ? output : ''}\t${errors}\t${JSON.stringify(args)}\n`)
    return fork
  }

  /** Its forks end, too. */
  close(): void {
    this.#process.stdin.end()
  }

  /** What a fork or the server says: `started PID ID`, `ready PID URL`, `exited PID CODE`, `killed PID SIGNAL`. */
  #take(text: string): void {
    const [word, pidText = '', value = ''] = text.split(' ')
    const pid = Number(pidText)
    const id =
      word === 'started' ? Number(value) : ([...this.#forks].find(([, fork]) => fork.child.pid === pid)?.[0] ?? 0)
    const fork = this.#forks.get(id)
    if (fork === undefined) return
    if (word === 'started') fork.begin(pid)
    if (word === 'ready') fork.serve(value)
    if (word === 'exited') this.#end(id, { code: Number(value), signal: null })
    if (word === 'killed') this.#end(id, { code: null, signal: SIGNALS.get(Number(value)) ?? value })
  }

  #end(id: number, how: Pick<Ended, 'code' | 'signal'>): void {
    const fork = this.#forks.get(id)
    this.#forks.delete(id)
    fork?.end(how, this.#errors)
  }
}

function taken(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
