import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { looked, once } from '../waits.ts'
import { AnswerLog } from './answer-log.ts'
import { checkPlaceOf } from './boundary-run.ts'
import type { Daemon, Place } from './daemon.ts'
import { DEVICE, ownPlace, platformKey, runDaemon, spawnNode } from './daemon.ts'
import { httpLine } from './http-line.ts'
import type { Seeded } from './seeded.ts'
import { seeded } from './seeded.ts'
import { workShift } from './shift.ts'
import { openShop, Till } from './till.ts'

export type KillReport = {
  kills: number
  broken: string[]
  answers: number
  /** From the start of the process to the ready line, ascending. */
  readyMs: number[]
  /** Starts of a Node with nothing but the agent's libraries, measured in the same seconds, ascending. */
  bareMs: number[]
}

/** The acts of the tills, their law, and the proof after them. */
export type Course = {
  /** The device whose memory is compared with the journal, if it has one. */
  readonly device: string | undefined
  /** The time from the daemon's ready line to its kill; short by default. */
  readonly killAfterMs?: { readonly least: number; readonly most: number }
  /** The tills have so many answers from a daemon before it is killed, if it gives them in time; none by default. */
  readonly answersALife?: number
  place(): Place
  openShop(office: Till, registers: number): Promise<string[]>
  /** The technician's work before the first request. */
  prepare?(state: string): Promise<void>
  work(till: Till, register: string): Promise<void>
  /** Before a kill, the agent is running. */
  disturb?(state: string, random: Seeded): Promise<void>
  /** On a running agent after the last sale: what does not hold, in words. */
  prove?(place: Place, answers: AnswerLog): Promise<string[]>
}

export const GERMAN: Course = {
  device: DEVICE,
  place: () => ownPlace(),
  openShop,
  work: (till, register) => workShift(till, register, 4 + till.random.below(8)),
}

const TILLS = 4
/** After the ready line; the tills are selling all the time. */
export const KILL_AFTER_MS = { least: 5, most: 200 }
/** The files are looked at after every so many kills, and after the last. */
const LOOK_EVERY = 10
/** How fast this machine is at the moment is measured after every so many. */
const BARE_EVERY = 5

const ANSWER_LOOK_MS = 20
const SETTLED_LOOK_MS = 100

/** Tills sell without a pause while the daemon is killed at seeded moments. */
export class KillRun {
  readonly #log = new AnswerLog()
  readonly #broken: string[] = []
  readonly #readyMs: number[] = []
  readonly #bareMs: number[] = []
  readonly #random: Seeded
  readonly #course: Course
  readonly #start: (config: string) => Daemon
  readonly #place: Place
  #daemon: Daemon | undefined
  #url: string | undefined
  #back = Promise.resolve()
  #over = false
  #kills = 0
  #answersBefore = 0

  /** `start`: of a daemon; the shipped one by default. */
  constructor(seed: number, course: Course = GERMAN, start: (config: string) => Daemon = runDaemon) {
    this.#random = seeded(seed)
    this.#course = course
    this.#start = start
    this.#place = course.place()
  }

  async run(kills: number): Promise<KillReport> {
    try {
      await this.#launch()
      await this.#course.prepare?.(this.#place.state)
      const key = await platformKey(this.#place.state)
      const line = httpLine({ url: () => this.#url, key, back: () => this.#back })
      const till = (name: string): Till =>
        new Till(name, { random: this.#random.fork(), log: this.#log, line, repeats: 0.05, over: () => this.#over })
      const registers = await this.#course.openShop(till('office'), TILLS)
      const tills = registers.map((register, index) => this.#sell(till(`till${index + 1}`), register))
      const selling = Promise.all(tills).catch((error: unknown) => {
        this.#broken.push(String(error))
      })
      while (this.#kills < kills && this.#broken.length === 0) await this.#killOnce()
      this.#over = true
      await selling
      await this.#stop()
      this.#broken.push(...(await this.#proof()))
      this.#broken.push(...(await this.#look(true)))
    } finally {
      this.#daemon?.child.kill('SIGKILL')
      rmSync(this.#place.folder, { recursive: true, force: true })
    }
    const [readyMs, bareMs] = [this.#readyMs, this.#bareMs].map((times) => times.sort((a, b) => a - b))
    const done = this.#kills
    const broken = this.#broken
    const log = this.#log
    return { kills: done, broken, answers: log.held.length, readyMs: readyMs ?? [], bareMs: bareMs ?? [] }
  }

  async #sell(till: Till, register: string): Promise<void> {
    while (!this.#over) await this.#course.work(till, register)
  }

  async #killOnce(): Promise<void> {
    const { least, most } = this.#course.killAfterMs ?? KILL_AFTER_MS
    await delay(least + this.#random.below(most - least))
    await this.#untilAnswered(this.#course.answersALife ?? 0)
    await this.#course.disturb?.(this.#place.state, this.#random)
    let serves: () => void = () => undefined
    this.#back = new Promise((resolve) => {
      serves = resolve
    })
    this.#url = undefined
    this.#daemon?.child.kill('SIGKILL')
    const ended = await this.#daemon?.ended
    this.#kills += 1
    if (ended?.signal !== 'SIGKILL')
      this.#broken.push(`the daemon ended by itself with ${ended?.code}: ${ended?.errors}`)
    if (this.#kills % LOOK_EVERY === 0) this.#broken.push(...(await this.#look(false)))
    if (this.#kills % BARE_EVERY === 0) this.#bareMs.push(await bareStart())
    await this.#launch()
    this.#answersBefore = this.#log.held.length
    serves()
  }

  /** On a slow machine a life is over before anything was sold in it. */
  async #untilAnswered(answers: number): Promise<void> {
    const isAnswered = (): boolean => this.#log.held.length >= this.#answersBefore + answers
    await looked(isAnswered, { everyMs: ANSWER_LOOK_MS })
  }

  #look(settled: boolean): Promise<string[]> {
    return checkPlaceOf(this.#place.state, this.#log, settled, this.#course.device)
  }

  /** Asked of the agent after an orderly restart. */
  async #proof(): Promise<string[]> {
    if (this.#course.prove === undefined) return []
    await this.#launch()
    await untilSettled(this.#place.state)
    const found = await this.#course.prove(this.#place, this.#log)
    await this.#stop()
    return found
  }

  async #launch(): Promise<void> {
    this.#daemon = this.#start(this.#place.config)
    this.#url = await this.#daemon.ready
    this.#readyMs.push(this.#daemon.readyMs())
    if (this.#url === undefined) this.#broken.push(`not ready: ${(await this.#daemon.ended).errors}`)
  }

  async #stop(): Promise<void> {
    this.#daemon?.child.kill('SIGTERM')
    const ended = await this.#daemon?.ended
    if (ended?.code !== 0) this.#broken.push(`stopped with ${ended?.code}: ${ended?.errors}`)
  }
}

/**
 * Documents that no till waits for, as a slip, are printed between the sales; a later look finds acts that are left
 * open.
 */
async function untilSettled(state: string): Promise<void> {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  const open = db.prepare(
    "SELECT seq FROM event WHERE body ->> '$.act' IS NOT NULL EXCEPT SELECT body ->> '$.ref' FROM event LIMIT 1",
  )
  await looked(() => open.get() === undefined, { everyMs: SETTLED_LOOK_MS })
  db.close()
}

const LIBRARIES = "await Promise.all(['express', 'zod', 'pino', 'better-sqlite3'].map((name) => import(name)))"

async function bareStart(): Promise<number> {
  const startedAt = performance.now()
  await once(spawnNode(['--input-type=module', '-e', LIBRARIES]), 'close')
  return performance.now() - startedAt
}
