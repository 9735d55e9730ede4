import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Asked } from './answer-log.ts'
import { AnswerLog } from './answer-log.ts'
import type { Armed, Daemon, Ended, Place } from './daemon.ts'
import { administer, DEVICE, ownPlace, platformKey, runArmed, UNARMED } from './daemon.ts'
import { httpLine } from './http-line.ts'
import { brokenInvariants } from './invariants.ts'
import { differingList, listedPieces } from './open-orders.ts'
import { seeded } from './seeded.ts'
import type { Act } from './shift.ts'
import { ACTS, workShift } from './shift.ts'
import { openShop, Till } from './till.ts'

/** A step of the work at which the process is killed. */
export type Boundary = {
  name: string
  points: readonly string[]
  /**
   * The number of the hit after the start that kills: 1 if the step before the point is durable, else 2, so that each
   * life makes progress.
   */
  hit: 1 | 2
  /** A fault of the device in addition. */
  deviceFault?: string
  /** Cuts the connection after the head of the answer instead of killing at a point. */
  cutsAnswers?: boolean
  /** The shop is opened before anything is armed: other requests, or another run, take the same steps. */
  isOpenBefore?: boolean
  /** What the shift does; without it, all. */
  acts?: readonly Act[]
}

const LIVES_MAX = 400
const PATIENCE_LIVES = 3

/**
 * Plays a whole shift, from the register's fiscalization to the close, against an agent that is killed again and again
 * at one boundary: each life gets one step further, until one reaches the end. Every step is struck once.
 */
export class BoundaryRun {
  readonly log = new AnswerLog()
  readonly broken: string[] = []
  kills = 0
  readonly #boundary: Boundary
  readonly #place: Place
  #daemon: Daemon | undefined
  #url: string | undefined
  #back = Promise.resolve()
  #answersUntilCut = 1
  #isArmed = false
  #over = false
  #answersBefore = 0
  #livesWithoutAnswer = 0
  #sent: readonly Asked[] = []

  constructor(boundary: Boundary) {
    this.#boundary = boundary
    this.#place = ownPlace()
  }

  async run(): Promise<void> {
    try {
      await this.#launch(UNARMED)
      const key = await platformKey(this.#place.state)
      const line = httpLine({ url: () => this.#url, key, back: () => this.#back, cuts: () => this.#cuts() })
      const till = new Till('till', { random: seeded(22), log: this.log, line, over: () => false })
      let [register] = this.#boundary.isOpenBefore === true ? await openShop(till, 1) : []
      await this.#stop()
      const keeping = this.#keepAlive()
      register ??= (await openShop(till, 1))[0] ?? ''
      await workShift(till, register, this.#boundary.acts ?? ACTS)
      this.#sent = till.sent
      this.#over = true
      this.#daemon?.child.kill('SIGTERM')
      await keeping
      await this.#lastWords(key)
    } finally {
      // A till that gave up needs no further lives.
      this.#over = true
      this.#daemon?.child.kill('SIGKILL')
      rmSync(this.#place.folder, { recursive: true, force: true })
    }
  }

  /** One life after the other, each with the same point armed; the files are checked between two. */
  async #keepAlive(): Promise<void> {
    const { points } = this.#boundary
    this.#isArmed = true
    let serves = this.#away()
    try {
      for (let lives = 0; lives < LIVES_MAX && !this.#over; lives++) {
        await this.#launch({ points, hit: this.#nextHit(), from: 'ready' })
        serves()
        const ended = await this.#daemon?.ended
        serves = this.#away()
        if (this.#over || ended === undefined) return
        this.#note(ended)
        this.broken.push(...(await checkPlace(this.#place.state, this.log, false)))
      }
      this.broken.push(`the shift was not through after ${LIVES_MAX} lives`)
    } finally {
      serves()
    }
  }

  /** The till waits, also while the files are checked, until the returned function is called. */
  #away(): () => void {
    this.#url = undefined
    let serves: () => void = () => undefined
    this.#back = new Promise((resolve) => {
      serves = resolve
    })
    return serves
  }

  /** If a background task takes the first hits, a later one is needed to get further. */
  #nextHit(): number {
    const answers = this.log.held.length
    this.#livesWithoutAnswer = answers > this.#answersBefore ? 0 : this.#livesWithoutAnswer + 1
    this.#answersBefore = answers
    return this.#boundary.hit + Math.floor(this.#livesWithoutAnswer / PATIENCE_LIVES)
  }

  #note({ code, signal, errors }: Ended): void {
    if (signal === 'SIGKILL') this.kills += 1
    else this.broken.push(`the agent ended by itself with ${code}: ${errors}`)
  }

  async #launch(armed: Armed): Promise<void> {
    const daemon = runArmed(this.#place.config, armed)
    this.#daemon = daemon
    this.#url = await daemon.ready
    const { deviceFault } = this.#boundary
    if (this.#url !== undefined && deviceFault !== undefined)
      await administer(this.#place.state, 'fault', DEVICE, deviceFault)
    this.#answersUntilCut = this.#boundary.hit
  }

  #cuts(): boolean {
    if (!this.#isArmed || this.#boundary.cutsAnswers !== true || --this.#answersUntilCut > 0) return false
    this.#url = undefined
    this.#daemon?.child.kill('SIGKILL')
    return true
  }

  async #stop(): Promise<void> {
    this.#daemon?.child.kill('SIGTERM')
    const ended = await this.#daemon?.ended
    this.#url = undefined
    if (ended?.code !== 0) this.broken.push(`stopped with ${ended?.code} ${ended?.signal}: ${ended?.errors}`)
  }

  /** Nothing is armed now: open acts are reconciled, and each key gets its former answer, byte for byte. */
  async #lastWords(key: string): Promise<void> {
    await this.#launch(UNARMED)
    const line = httpLine({ url: () => this.#url, key, back: () => Promise.resolve() })
    for (const asked of this.#sent) {
      const given = await line.send(asked)
      if (given?.status !== 200 && given?.status !== 201 && given?.status !== 202)
        this.broken.push(`${asked.path} ${asked.key} is not answered again: ${given?.status} ${given?.body}`)
      if (given !== undefined) this.log.note(asked, given)
    }
    const listed = this.#url === undefined ? undefined : await listedPieces(this.#url, key)
    await this.#stop()
    if (listed !== undefined) this.broken.push(...differingList(listed, this.#place.state))
    this.broken.push(...(await checkPlace(this.#place.state, this.log, true)))
  }
}

/** The checker on a copy of the device's memory, so that the check does not repair the state after a crash. */
export function checkPlace(state: string, answers: AnswerLog, settled: boolean): Promise<string[]> {
  return checkPlaceOf(state, answers, settled, DEVICE)
}

/** The same for another device; undefined if none keeps its signatures. */
export async function checkPlaceOf(
  state: string,
  answers: AnswerLog,
  settled: boolean,
  device: string | undefined,
): Promise<string[]> {
  const copy = mkdtempSync(join(tmpdir(), 'crash-look-'))
  try {
    cpSync(state, copy, { recursive: true, filter: (source) => !/(reserve|\.sock)$/.test(source) })
    return await brokenInvariants({ state: copy, device, answers, settled, thorough: settled })
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
