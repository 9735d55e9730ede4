import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Asked, Given } from '../crash/answer-log.ts'
import { AnswerLog } from '../crash/answer-log.ts'
import { brokenInvariants } from '../crash/invariants.ts'
import type { Seeded } from '../crash/seeded.ts'
import { seeded } from '../crash/seeded.ts'
import type { Line } from '../crash/till.ts'
import { Till } from '../crash/till.ts'
import { fastFolder } from '../fast-folder.ts'
import { today } from '../today.ts'
import { ALERT_POINTS, AlertLine } from './alert-line.ts'
import { AustrianSite } from './austrian-site.ts'
import { brokenAlerts } from './broken-alerts.ts'
import { call } from './calls.ts'
import { Chaos } from './chaos.ts'
import { FaultyDisk } from './faulty-disk.ts'
import { GermanSite } from './german-site.ts'
import { ItalianSite } from './italian-site.ts'
import { Lives } from './lives.ts'
import { repeatable } from './repeatable.ts'
import type { Site } from './site.ts'
import { StepDocuments } from './step-documents.ts'
import { Technician } from './technician.ts'
import { quiet, VirtualClock } from './virtual-clock.ts'

export const SHOPS = ['tse', 'diebold', 'epson', 'rksv', 'rch', 'custom', 'fpmate'] as const
export type Shop = (typeof SHOPS)[number]

export type Run = {
  seed: number
  ops: number
  /** The law and the devices; Germany by default. */
  shop?: Shop
  /** Of Germany: everything that the API offers is done, not sales alone. */
  busy?: boolean
  /** The disk fails as well, and kills are power cuts. */
  disk?: boolean
  /** Alerts leave by a channel that fails as well, and the agent is killed around each message. */
  alerts?: boolean
  /** Italy: the printer dies for longer, and a technician opens and closes its emergency register. */
  emergency?: boolean
  /** Only the devices and the channel fail. */
  onlyDevices?: boolean
}
export type RunReport = {
  /** Why the run failed, in words; empty when it did not. */
  failures: string[]
  trace: string[]
  /** The trace, every answer and every event, without what each run makes itself: the same in each run of a seed. */
  lines: readonly string[]
  /** The kinds of the events with which a step made their document: each was what the stored events make. */
  stepKinds: readonly string[]
  /** SHA-256 over these lines. */
  hash: string
  answers: number
  lives: number
  elapsedMs: number
}

const ANSWER_LIMIT_MS = 15_000
/** After the last fault everything must be through. */
const HEAL_LIMIT_MS = 300_000
/** The longest pause between two attempts, and the last one. */
const ALERTS_LIMIT_MS = 75 * 60_000
const SAFETY_LIMIT_MS = 24 * 3_600_000

/** One run of the whole till in one process and virtual time: first with faults, then healed and drained. */
export async function simulate(run: Run): Promise<RunReport> {
  const folder = mkdtempSync(join(fastFolder(), 'simulation-'))
  const world = new World(run, folder)
  try {
    return await world.run()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

class World {
  readonly clock = new VirtualClock()
  readonly trace: string[] = []
  readonly failures: string[] = []
  readonly log = new AnswerLog()
  readonly #answers: string[] = []
  readonly #stepDocuments = new StepDocuments()
  readonly #ops: number
  readonly #site: Site
  readonly #folder: string
  readonly #random: Seeded
  readonly #chaos: Chaos
  readonly #lives: Lives
  readonly #alertLine: AlertLine | undefined
  readonly #disk: boolean
  #acts = 0

  constructor(
    {
      seed,
      ops,
      shop = 'tse',
      busy = false,
      disk = false,
      alerts = false,
      emergency = false,
      onlyDevices = false,
    }: Run,
    folder: string,
  ) {
    this.#ops = ops
    this.#site = siteOf(shop, folder, this.clock, { busy, seed, emergency })
    this.clock.jump(this.#site.startMs)
    this.#folder = folder
    this.#random = seeded(seed)
    const ids = this.#random.fork()
    this.#disk = disk
    this.#alertLine = alerts ? new AlertLine(this.clock, seeded(~seed)) : undefined
    const faultyDisk = disk ? FaultyDisk.load() : undefined
    faultyDisk?.watch(folder)
    const note = (text: string): void => this.#note(text)
    this.#chaos = new Chaos({
      disk: faultyDisk,
      random: this.#random.fork(),
      clock: this.clock,
      site: this.#site,
      points: alerts ? ALERT_POINTS : [],
      onlyDevices,
      note,
      kill: () => this.#lives.kill(),
      restart: () => this.#lives.restart(),
    })
    this.#lives = new Lives({
      machine: {
        directory: folder,
        clock: this.clock,
        random: ids,
        site: this.#site,
        sealed: new Map(),
        keySeed: String(seed),
        onAppend: (head, events) => this.#stepDocuments.note(head, events),
        ...(this.#alertLine !== undefined && { alertLine: this.#alertLine }),
        ...(faultyDisk !== undefined && { onLogSettled: () => faultyDisk.settled() }),
      },
      chaos: this.#chaos,
      disk: faultyDisk,
      note,
      fail: (text) => this.#fail(text),
    })
  }

  /** A technician for the emergency register of a printer. */
  #technicianOf({ emergency }: Site): Technician | undefined {
    if (emergency === undefined) return undefined
    const { clock } = this
    const note = (text: string): void => this.#note(text)
    const life = () => this.#lives.current
    return new Technician({ ...emergency, clock, note, life, random: this.#random.fork() })
  }

  async run(): Promise<RunReport> {
    await this.#await(this.#site.prepare?.() ?? Promise.resolve())
    const begun = this.#lives.begin()
    const tills = this.#work()
    let done = false
    void tills
      .catch((error: unknown) => this.#fail(`${error}`))
      .finally(() => {
        done = true
      })
    await begun
    this.#chaos.begin()
    this.#alertLine?.begin()
    const technician = this.#technicianOf(this.#site)
    technician?.begin()
    await this.#stepUntil(() => (done || this.#over) && !this.#lives.isStopping, SAFETY_LIMIT_MS)
    this.#note('healed')
    this.#chaos.end()
    this.#alertLine?.heal()
    technician?.heal()
    if (this.#lives.current === undefined) await this.#lives.begin()
    const limitMs = this.clock.elapsedMs + HEAL_LIMIT_MS
    await this.#stepUntil(() => done && this.#settled && technician?.isOpen !== true, limitMs)
    await this.#drain(limitMs)
    return this.#report()
  }

  get #over(): boolean {
    return this.#acts >= this.#ops || this.failures.length > 0
  }

  get #settled(): boolean {
    if (this.failures.length > 0) return true
    const { current } = this.#lives
    return current?.serving === true && current.journal.view.openIntents().length === 0
  }

  async #stepUntil(reached: () => boolean, limitMs: number): Promise<void> {
    while (!reached()) {
      if (this.clock.elapsedMs > limitMs) {
        this.#fail('not through in time')
        return
      }
      if (!(await this.clock.step())) {
        if (!reached()) this.#fail('nothing is left that could happen')
        return
      }
    }
  }

  async #work(): Promise<void> {
    const till = (name: string): Till =>
      new Till(name, {
        random: this.#random.fork(),
        log: this.log,
        line: this.#line(this.#random.fork()),
        repeats: 0.1,
        over: () => this.#over,
      })
    const registers = await this.#site.openShop(till('office'))
    await Promise.all(registers.map((register, index) => this.#sell(till(`till${index + 1}`), register)))
  }

  async #sell(till: Till, register: string): Promise<void> {
    for (let works = 0; !this.#over && works < this.#ops; works++) await this.#site.work(till, register)
  }

  #line(random: Seeded): Line {
    return {
      send: (asked) => this.#send(asked),
      wait: () => this.clock.sleep(50 + random.next() * 2_000),
      think: () => this.clock.sleep(random.next() * 1_000),
      today: () => today(this.clock),
    }
  }

  async #send(asked: Asked): Promise<Given | undefined> {
    const life = this.#lives.current
    if (life?.serving !== true) return undefined
    this.#acts += 1
    const given = await new Promise<Given | undefined>((resolve) => {
      this.clock.after(ANSWER_LIMIT_MS, () => resolve(undefined))
      call(life.application, asked).then(
        (answer) => {
          // An answer of a dead process never leaves it.
          if (life.alive) resolve(answer)
        },
        (error: unknown) => {
          if (life.alive) this.#fail(`${asked.path} ${asked.key}: ${error instanceof Error ? error.stack : error}`)
        },
      )
    })
    if (given !== undefined) this.#answers.push(`${asked.key} ${given.status} ${given.body}`)
    this.#note(`${asked.key} ${asked.path} → ${given === undefined ? 'no answer' : outline(given)}`)
    return given
  }

  /** Nothing stays begun; then everything is compared and closed, and the checker reads the files. */
  async #drain(limitMs: number): Promise<void> {
    for (let open = await this.#unfinished(); open.length > 0; open = await this.#unfinished()) {
      if (this.failures.length === 0 && this.clock.elapsedMs > limitMs) this.#fail(`${open} stay open`)
      if (this.failures.length > 0) break
      await this.#await(this.clock.sleep(1_000))
    }
    // Before the proof, during whose real reads and writes virtual time advances at random.
    if (this.#alertLine !== undefined && this.failures.length === 0) await this.#drainAlerts(this.#alertLine)
    const { current } = this.#lives
    if (current !== undefined && this.failures.length === 0) {
      const sheets = (device: string) => current.emergency(device).sheets()
      const remains = { folder: this.#folder, files: current.files, answers: this.log, sheets }
      this.failures.push(...(await this.#await(this.#site.prove(remains))))
    }
    this.#lives.endAll()
    await this.#site.close()
    await quiet()
  }

  /** What the channel refused is sent again until nothing waits. */
  async #drainAlerts(line: AlertLine): Promise<void> {
    const limitMs = this.clock.elapsedMs + ALERTS_LIMIT_MS
    const waiting = (): number => this.#lives.current?.alerts?.waiting() ?? 1
    // The journal takes the record of a message a moment after the channel has taken the message.
    const broken = (): string[] => brokenAlerts(this.#folder, line, !this.#disk)
    const isDone = (): boolean => waiting() === 0 && broken().length === 0
    while (!isDone() && this.clock.elapsedMs < limitMs) await this.#await(this.clock.sleep(1_000))
    if (waiting() > 0) this.#fail(`${waiting()} messages about alerts still wait`)
    this.failures.push(...broken())
    this.#note(`${line.received.size} messages about alerts`)
  }

  #unfinished(): Promise<readonly unknown[]> {
    return this.#await(this.#site.unfinished())
  }

  /** Advances time until the promise is settled. */
  async #await<T>(promise: Promise<T>): Promise<T> {
    let done = false
    const settled = promise.finally(() => {
      done = true
    })
    while (!done && (await this.clock.step()));
    return settled
  }

  async #report(): Promise<RunReport> {
    const broken = await brokenInvariants({
      state: this.#folder,
      device: this.#site.device,
      answers: this.log,
      settled: this.failures.length === 0,
      thorough: true,
    })
    const lines = this.#lines()
    return {
      failures: [...this.failures, ...broken, ...this.#stepDocuments.different(this.#folder)],
      stepKinds: this.#stepDocuments.kinds,
      trace: this.trace,
      lines,
      hash: createHash('sha256').update(lines.join('\n')).digest('hex'),
      answers: this.log.held.length,
      lives: this.#lives.count,
      elapsedMs: this.clock.elapsedMs,
    }
  }

  #lines(): string[] {
    const db = new Database(join(this.#folder, 'journal.db'), { readonly: true })
    const events = db
      .prepare<[], string>("SELECT concat_ws(' ', seq, kind, op, at, mono, body) FROM event ORDER BY seq")
      .pluck()
      .all()
    db.close()
    return [...this.trace, ...this.#answers, ...events].map(repeatable)
  }

  #note(text: string): void {
    this.trace.push(`${this.clock.elapsedMs.toFixed(3)} ${text}`)
  }

  #fail(text: string): void {
    this.#note(`FAILED: ${text}`)
    this.failures.push(text)
  }
}

function siteOf(
  shop: Shop,
  folder: string,
  clock: VirtualClock,
  { busy, seed, emergency }: { busy: boolean; seed: number; emergency: boolean },
): Site {
  if (shop === 'tse') return new GermanSite(folder, clock, { busy })
  if (shop === 'diebold' || shop === 'epson') return new GermanSite(folder, clock, { busy, vendor: shop })
  return shop === 'rksv' ? new AustrianSite(folder, clock, seed) : new ItalianSite(folder, clock, shop, emergency)
}

/** The part of an answer that is the same in every run of a seed: no signature, no key. */
function outline({ status, body }: Given): string {
  const { id, status: state, fiscal, code, message } = JSON.parse(body) as Record<string, unknown>
  if (status >= 300) return `${status} ${code} ${message}`
  const { state: signed } = (fiscal ?? {}) as { state?: string }
  return `${status} ${id} ${state} ${signed ?? ''}`
}
