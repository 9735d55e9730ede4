import type { ChildProcessByStdio } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Daemon, Ended } from './agent-process.ts'

/**
 * V8 must not have threads: a fork has only the one that called it. A life collects no garbage, which would copy the
 * pages that it shares with the server (a third of its CPU time, measured): its new space is empty and large enough.
 */
const FLAGS = ['--single-threaded', '--no-opt', '--expose-gc', '--no-minor-gc-task']
const NEW_SPACE = ['--min-semi-space-size=64', '--max-semi-space-size=64']
const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

class Life implements Daemon {
  readonly child: { pid?: number; kill(signal: NodeJS.Signals): boolean } = { kill: (signal) => this.#kill(signal) }
  readonly ready: Promise<string | undefined>
  readonly ended: Promise<Ended>
  #signal: NodeJS.Signals | undefined
  #isOver = false
  #readyMs = 0
  readonly #startedAt = performance.now()
  #serves: (url: string | undefined) => void = () => undefined
  #ends: (ended: Ended) => void = () => undefined

  constructor() {
    this.ready = new Promise((resolve) => {
      this.#serves = resolve
    })
    this.ended = new Promise((resolve) => {
      this.#ends = resolve
    })
  }

  readyMs(): number {
    return this.#readyMs
  }

  begin(pid: number): void {
    this.child.pid = pid
    if (this.#signal !== undefined) this.#kill(this.#signal)
  }

  serve(url: string): void {
    this.#readyMs = performance.now() - this.#startedAt
    this.#serves(url)
  }

  end(ended: Ended): void {
    this.#isOver = true
    this.#serves(undefined)
    this.#ends(ended)
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
 * A process that has loaded the agent and forks a life for each request. Loading takes ten times the CPU time of a life
 * that is killed after one step (measured). It ends with this process, its lives end with it.
 */
class LifeServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lives-'))
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #lives = new Map<number, Life>()
  #requests = 0
  #errors = ''

  constructor(env: NodeJS.ProcessEnv) {
    const addon = join(this.#folder, 'life-server.node')
    const [here, headers] = [import.meta.dirname, join(dirname(process.execPath), '..', 'include', 'node')]
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-I', headers, '-o', addon, join(here, 'life-server.c')])
    const args = [...FLAGS, ...NEW_SPACE, join(here, 'life-server.ts'), addon]
    this.#process = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    createInterface({ input: this.#process.stdout }).on('line', (text) => this.#take(text))
    this.#process.on('close', () => {
      for (const id of this.#lives.keys()) this.#end(id, { code: null, signal: null })
    })
    this.#process.unref()
  }

  start(args: readonly string[]): Daemon {
    const id = ++this.#requests
    const life = new Life()
    this.#lives.set(id, life)
    this.#process.stdin.write(`${id}\t${this.#errorsOf(id)}\t${JSON.stringify(args)}\n`)
    return life
  }

  /** What a life or the server says: `started PID ID`, `ready PID URL`, `exited PID CODE`, `killed PID SIGNAL`. */
  #take(text: string): void {
    const [word, pidText = '', value = ''] = text.split(' ')
    const pid = Number(pidText)
    const id =
      word === 'started' ? Number(value) : ([...this.#lives].find(([, life]) => life.child.pid === pid)?.[0] ?? 0)
    const life = this.#lives.get(id)
    if (life === undefined) return
    if (word === 'started') life.begin(pid)
    if (word === 'ready') life.serve(value)
    if (word === 'exited') this.#end(id, { code: Number(value), signal: null })
    if (word === 'killed') this.#end(id, { code: null, signal: SIGNALS.get(Number(value)) ?? value })
  }

  #end(id: number, how: Omit<Ended, 'errors'>): void {
    const life = this.#lives.get(id)
    this.#lives.delete(id)
    life?.end({ ...how, errors: `${this.#errorTextOf(id)}${this.#errors}` })
  }

  #errorsOf(id: number): string {
    return join(this.#folder, `errors-${id}`)
  }

  #errorTextOf(id: number): string {
    const file = this.#errorsOf(id)
    try {
      return readFileSync(file, 'utf8')
    } catch {
      return ''
    } finally {
      rmSync(file, { force: true })
    }
  }
}

let server: LifeServer | undefined

/** The same life in a fork. */
export function forkLife(args: readonly string[], env: NodeJS.ProcessEnv): Daemon {
  server ??= new LifeServer(env)
  return server.start(args)
}
