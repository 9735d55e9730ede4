import { stayAlive, systemClock, waitUntil } from '../../../base/clock.ts'
import type { TillRuleId } from '../../contract/till-rules.ts'
import type { DemoShift } from '../../laws/demo-shift.ts'
import { DemoError } from '../../laws/demo-shift.ts'
import { Director } from './director.ts'
import type { Exchange } from './exchange.ts'
import { isDone } from './exchange.ts'
import type { FaultName } from './faults.ts'
import type { Line } from './losing-proxy.ts'
import { LosingProxy } from './losing-proxy.ts'
import type { Report } from './report.ts'
import { reportOf } from './report.ts'
import { RuleBook } from './rule-book.ts'
import type { Screen } from './screen.ts'
import { Steps } from './screen.ts'
import { Stage } from './stage.ts'
import { TillProcess } from './till-process.ts'

export type RunOptions = {
  readonly law: string
  readonly timeZone: string
  readonly demo: DemoShift
  /** 0: a free one. */
  readonly port: number
  readonly seed: number
  readonly faults: readonly FaultName[]
  /** Starts the till. Without it a person does. */
  readonly command: string | undefined
  readonly attested: readonly TillRuleId[]
  readonly screen: Screen
  readonly stop: AbortSignal
  readonly limits?: Limits
}

/** Limits for a till that the run has started: without a request, and for all its starts. */
type Limits = { readonly silenceMs: number; readonly runMs: number }

const BODY_MAX_BYTES = 2 << 20
const LIMITS: Limits = { silenceMs: 60_000, runMs: 600_000 }
const RESTARTS_MAX = 20
/** For a till that ends itself after the close. */
const GRACE_MS = 3_000

/** One run: agent, proxy, rules, and the till if the run starts it. Throws {@link DemoError} if the agent does not start. */
export async function runConformance(options: RunOptions): Promise<Report> {
  const { port, demo, timeZone, stop } = options
  const listener = { host: 'localhost', port }
  const leave = stayAlive()
  let run: Run | undefined
  const proxy = new LosingProxy({
    serve: async (line) => (run === undefined ? line.drop() : run.serve(line)),
    bodyMaxBytes: BODY_MAX_BYTES,
  })
  try {
    const chosen = await proxy.listen(listener)
    const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `${host}:${chosen}`)
    const stage = await Stage.open(demo, timeZone, hosts, stop)
    try {
      proxy.redirectTo(stage.port)
      run = new Run(options, stage, `http://127.0.0.1:${chosen}`, () => proxy.closeIdle())
      return await run.play()
    } finally {
      await proxy.close()
      await stage.close()
    }
  } finally {
    await proxy.close()
    leave()
  }
}

class Run {
  readonly #director: Director
  readonly #options: RunOptions
  readonly #stage: Stage
  readonly #url: string
  readonly #book = new RuleBook()
  readonly #steps: Steps
  readonly #end = new AbortController()
  #till: TillProcess | undefined
  #userAgent: string | undefined
  #hasCounted = false
  #stillTalking = (): void => undefined

  constructor(options: RunOptions, stage: Stage, url: string, closeIdle: () => void) {
    this.#options = options
    this.#stage = stage
    this.#url = url
    this.#steps = new Steps(options.screen)
    this.#director = new Director({
      book: this.#book,
      stage,
      faults: options.faults,
      killTill: (left) => this.#killTill(left),
      asked: (exchange) => this.#asked(exchange),
      answered: (exchange) => this.#answered(exchange),
      closeIdle,
    })
  }

  /** An agent that does not start again ends the run. */
  async serve(line: Line): Promise<void> {
    try {
      await this.#director.serve(line)
    } catch (error) {
      if (error instanceof DemoError) this.#end.abort(error)
      throw error
    }
  }

  async play(): Promise<Report> {
    const { screen, stop, command, law, seed, faults } = this.#options
    screen.say(`address       ${this.#url}`)
    screen.say(`register key  ${this.#stage.registerKey}`)
    screen.say(`law, seed     ${law}, ${seed}`)
    stop.addEventListener('abort', () => this.#end.abort(), { once: true })
    if (stop.aborted) this.#end.abort()
    if (command === undefined) await this.#wait()
    else await this.#runTill(command)
    if (this.#end.signal.reason instanceof DemoError) throw this.#end.signal.reason
    // A till that Ctrl-C has interrupted has not failed; a person ends the work with it.
    if (!stop.aborted || command === undefined) this.#book.over()
    const said = await this.#said()
    return reportOf({ law, seed, till: this.#userAgent, book: this.#book, faults, said })
  }

  async #wait(): Promise<void> {
    this.#steps.next(undefined, false)
    await waitUntil(systemClock, 2 ** 31 - 1, () => () => undefined, this.#end.signal)
  }

  async #runTill(command: string): Promise<void> {
    const cancelLimit = systemClock.after(this.#limits.runMs, () => this.#end.abort())
    const env = { FISKAL_EDGE_URL: this.#url, FISKAL_EDGE_REGISTER_KEY: this.#stage.registerKey }
    const { screen } = this.#options
    let restarts = 0
    let isToRun = true
    while (isToRun) {
      const till = new TillProcess(command, env)
      this.#till = till
      const end = await this.#endOf(till)
      await till.sweep()
      if (end?.wasKilled === true) continue
      if (end !== undefined && end.code !== 0) screen.say(`The till ended with ${end.code ?? 'a signal'}.`)
      isToRun = end?.code === 0 && !this.#isSeen() && restarts++ < RESTARTS_MAX
    }
    cancelLimit()
  }

  /** Undefined if the run ended the till for good: silence, the limit of the run, Ctrl-C, or all was seen. */
  async #endOf(till: TillProcess): Promise<Awaited<TillProcess['ended']> | undefined> {
    const { silenceMs } = this.#limits
    const { screen } = this.#options
    let cancel = (): void => undefined
    const listen = (): void => {
      cancel()
      cancel = systemClock.after(silenceMs, () => {
        screen.say(`The till sent no request for ${silenceMs / 1000} s.`)
        this.#end.abort()
      })
    }
    listen()
    this.#stillTalking = listen
    const { signal } = this.#end
    await waitUntil(
      systemClock,
      this.#limits.runMs,
      (end) => {
        void till.ended.then(end, end)
        return () => undefined
      },
      signal,
    )
    cancel()
    if (!signal.aborted) return await till.ended
    await till.kill()
    return undefined
  }

  async #killTill(left: Promise<void>): Promise<void> {
    if (this.#till !== undefined) return await this.#till.kill()
    this.#options.screen.say('next: End the till now, as a power cut would, and start it again.')
    await left
  }

  #asked({ userAgent }: Exchange): void {
    this.#userAgent ??= userAgent
    this.#stillTalking()
  }

  #answered({ act, answer }: Exchange): void {
    if (act.kind !== 'create') return
    this.#hasCounted ||= act.type === 'session_cash_count'
    if (!isDone(answer)) return
    if (this.#options.command === undefined) this.#steps.next(act.type, this.#isShown())
    if (act.type === 'session_close' && this.#isSeen()) systemClock.after(GRACE_MS, () => this.#end.abort())
  }

  /** Each fault was met, and has ended. */
  #isShown(): boolean {
    const faults = this.#book.baskets
      .all()
      .flatMap(({ fault, isPast }) => (fault === undefined ? [] : [{ fault, isPast }]))
    return this.#director.waiting.length === 0 && faults.every(({ fault, isPast }) => fault.isOver || isPast)
  }

  get #limits(): Limits {
    return this.#options.limits ?? LIMITS
  }

  #isSeen(): boolean {
    return this.#hasCounted && this.#isShown()
  }

  /** The attested rules, and the answers of the person at the screen. */
  async #said(): Promise<ReadonlyMap<TillRuleId, boolean>> {
    const { attested, screen } = this.#options
    const said = new Map(attested.map((id) => [id, true]))
    for (const id of ['T-9', 'T-11'] as const) {
      const [evidence] = this.#book.notes.of(id, 'asked')
      if (evidence === undefined || said.has(id) || !screen.hasPerson) continue
      said.set(id, await screen.isTrue(`${id}: ${evidence.note}`))
    }
    return said
  }
}
