import type { FSWatcher } from 'node:fs'
import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createConnection } from 'node:net'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Daemon, Ended } from '../crash/agent-process.ts'
import { within } from '../waits.ts'
import type { Template } from './template.ts'

/** The processes that fork for this one. */
export const servedBy = new Set<number>()

/** What a fork gets in addition to the environment of its template: a token store, for instance. */
export type Asked = { args: readonly string[]; environment: NodeJS.ProcessEnv }

const FORMER = new Set(Object.keys(process.env))

/** Since this process has loaded this module. */
function addedVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !FORMER.has(name)))
}

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
    return this.endedWithin()
  }

  endedWithin(limitMs?: number): Promise<ForkEnded> {
    return this.#within('the end', this.#over, limitMs)
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

  #within<T>(part: string, wait: Promise<T>, limitMs?: number): Promise<T> {
    const name = `${part} of fork ${this.child.pid} (${this.#what})`
    return within(name, wait, () => this.#kill('SIGKILL'), limitMs)
  }

  begin(pid: number): void {
    this.child.pid = pid
    if (this.#signal !== undefined) this.#kill(this.#signal)
  }

  serve(url: string): void {
    this.#readyMs = performance.now() - this.#startedAt
    this.#serves(url)
  }

  /** `more`: what the template wrote. */
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

/**
 * Forks of a template that has loaded the agent. Loading takes ten times the CPU time of a life that is killed after one
 * step (measured). They end with this process.
 */
export class ForkServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'forked-'))
  readonly #connection: Promise<Socket>
  readonly #forks = new Map<number, Fork>()
  readonly #keepsOutput: boolean
  #requests = 0

  /** `keepsOutput`: the forks write to files; otherwise they may say that they are ready. */
  constructor(template: Template | Promise<Template>, keepsOutput: boolean) {
    this.#keepsOutput = keepsOutput
    this.#connection = Promise.resolve(template).then(({ socket, errors }) => this.#connected(socket, errors))
  }

  #connected(path: string, errors: string): Socket {
    const socket = createConnection(path).unref()
    createInterface({ input: socket }).on('line', (text) => this.#take(text))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      for (const id of this.#forks.keys()) this.#end(id, { code: null, signal: null }, taken(errors))
    })
    return socket
  }

  start(args: readonly string[]): Fork {
    const id = ++this.#requests
    const [output, errors] = [join(this.#folder, `output-${id}`), join(this.#folder, `errors-${id}`)]
    const fork = new Fork(args.join(' '), { output, errors })
    this.#forks.set(id, fork)
    // It can be watched.
    writeFileSync(output, '')
    const asked: Asked = { args, environment: addedVariables() }
    const request = `${id}\t${this.#keepsOutput ? output : ''}\t${errors}\t${JSON.stringify(asked)}\n`
    void this.#connection.then((socket) => socket.write(request))
    return fork
  }

  /** Its forks end, too. */
  close(): void {
    void this.#connection.then((socket) => socket.end())
  }

  /** What a fork or its parent says: `serving PID`, `started PID ID`, `ready PID URL`, `exited PID CODE`, `killed PID SIGNAL`. */
  #take(text: string): void {
    const [word, pidText = '', value = ''] = text.split(' ')
    const pid = Number(pidText)
    if (word === 'serving') servedBy.add(pid)
    const id =
      word === 'started' ? Number(value) : ([...this.#forks].find(([, fork]) => fork.child.pid === pid)?.[0] ?? 0)
    const fork = this.#forks.get(id)
    if (fork === undefined) return
    if (word === 'started') fork.begin(pid)
    if (word === 'ready') fork.serve(value)
    if (word === 'exited') this.#end(id, { code: Number(value), signal: null })
    if (word === 'killed') this.#end(id, { code: null, signal: SIGNALS.get(Number(value)) ?? value })
  }

  #end(id: number, how: Pick<Ended, 'code' | 'signal'>, more = ''): void {
    const fork = this.#forks.get(id)
    this.#forks.delete(id)
    fork?.end(how, more)
  }
}

function taken(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
