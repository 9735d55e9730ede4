import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { Journal } from '../../agent/journal/journal.ts'
import type { Duty } from '../../agent/laws/duty.ts'
import { DutyDesk } from '../../agent/till/duty-desk.ts'
import type { Clock } from '../../base/clock.ts'
import { secretIn } from '../../base/secret-file.ts'
import { openFinanzOnline } from '../../drivers/finanzonline/driver.ts'
import { FinanzOnlineSimulator, SIMULATED_ACCOUNT, SIMULATED_MAKER } from '../../drivers/finanzonline/simulator.ts'
import type { Authority, AuthorityAccount } from '../../drivers/ports/authority.ts'
import { fastFolder } from '../fast-folder.ts'
import { silentLog } from '../silent-log.ts'
import { quiet, VirtualClock } from '../simulation/virtual-clock.ts'

/** The defaults of the configuration, but for the day until a check is tried again. */
const timing = {
  ...{ callMs: 30_000, retryMinMs: 60_000, retryMaxMs: 3_600_000 },
  ...{ askMs: 60_000, visibleMs: 900_000, checkAgainMs: 7_200_000 },
}
const START_MS = Date.parse('2026-11-27T10:00:00Z')
const signer = checkpointSigner(generateKeyPairSync('ed25519').privateKey)

/** Where the process ends; `answering`: the service has executed the request, and has not answered yet. */
export type KillPoint = 'before-question' | 'after-question' | 'duty.sent' | 'duty.answering' | 'answering'

/** A desk and its journal, from start to end of the process. */
type Life = { readonly journal: Journal; readonly desk: DutyDesk; isDead: boolean }

/**
 * The real desk with a real journal, client and simulated service, in virtual time. Time advances only while no call is
 * on its way, or the service holds its answer back.
 */
export class DutySite {
  readonly clock = new VirtualClock(START_MS)
  readonly errors: unknown[] = []
  readonly simulator: FinanzOnlineSimulator
  readonly #folder = mkdtempSync(join(fastFolder(), 'duties-'))
  readonly #duties: (site: DutySite) => readonly Duty[]
  #url = ''
  #life: Life | undefined
  #authority: Authority | undefined
  #calls = 0
  #held = 0
  #ids = 0
  #kill: { point: KillPoint; hits: number } | undefined

  private constructor(duties: (site: DutySite) => readonly Duty[]) {
    this.#duties = duties
    this.simulator = new FinanzOnlineSimulator({ directory: this.#folder, clock: this.#clockOfService() })
  }

  /** `duties`: their list at this moment. */
  static async open(duties: (site: DutySite) => readonly Duty[]): Promise<DutySite> {
    const site = new DutySite(duties)
    for (const name of ['participant', 'user', 'pin'] as const)
      writeFileSync(join(site.#folder, name), SIMULATED_ACCOUNT[name])
    site.#url = `http://127.0.0.1:${await site.simulator.serve(0)}`
    await site.#start()
    return site
  }

  get journal(): Journal {
    if (this.#life === undefined) throw new Error('no process runs')
    return this.#life.journal
  }

  get authority(): Authority {
    if (this.#authority === undefined) throw new Error('no process runs')
    return this.#authority
  }

  duties(): readonly Duty[] {
    return this.#duties(this)
  }

  /** The process ends when it reaches the point for the n-th time, and the next one starts. */
  killAt(point: KillPoint, hits: number): void {
    this.#kill = { point, hits }
  }

  /** Advances time until it is so, at most so long. True if it is. */
  async until(reached: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.clock.elapsedMs + limitMs
    while (!reached() && this.clock.elapsedMs < endMs && this.errors.length === 0) {
      await quiet()
      if (this.#life?.isDead) await this.#restart()
      else if (this.#calls > 0 && this.#held === 0) await turn()
      else if (this.#held > 0 && this.#strikes('answering')) this.#die()
      else await this.clock.step()
    }
    return reached()
  }

  async close(): Promise<void> {
    await this.#end()
    await this.simulator.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #start(): Promise<void> {
    const journal = await Journal.open({
      ...{ directory: this.#folder, clock: this.clock, bootId: randomUUID(), signer, agentId: 'agent-1' },
      ...{ chainId: () => randomUUID(), fault: () => undefined, refusal: () => undefined },
      onFatal: (error) => this.errors.push(error),
      defer: (drain) => void setImmediate(drain),
    })
    const authority = this.#opened()
    const desk = new DutyDesk({
      ...{ journal, clock: this.clock, log: silentLog, random: () => 0.5 },
      duties: { read: async () => this.duties() },
      newId: (name) => `${name}_${++this.#ids}`,
      authority: { ...authority, accounts: authority.accounts.map((account) => this.#watched(account)) },
      fault: (point) => {
        if (point === 'duty.sent' || point === 'duty.answering') this.#reach(point)
      },
      onError: (error) => {
        if (!this.#life?.isDead) this.errors.push(error)
      },
    })
    this.#authority = authority
    this.#life = { journal, desk, isDead: false }
    desk.start()
  }

  async #restart(): Promise<void> {
    await this.#end()
    await this.#start()
  }

  async #end(): Promise<void> {
    const life = this.#life
    if (life === undefined) return
    life.isDead = true
    await life.desk.stop()
    await life.journal.close()
  }

  #die(): void {
    if (this.#life !== undefined) this.#life.isDead = true
  }

  #strikes(point: KillPoint): boolean {
    if (this.#kill?.point !== point) return false
    this.#kill.hits -= 1
    if (this.#kill.hits > 0) return false
    this.#kill = undefined
    return true
  }

  #reach(point: KillPoint): void {
    if (!this.#strikes(point)) return
    this.#die()
    throw new Error(`killed at ${point}`)
  }

  /** A dead process calls no longer. */
  #watched(account: AuthorityAccount): AuthorityAccount {
    const counted = async <T>(call: () => Promise<T>): Promise<T> => {
      this.#calls += 1
      try {
        return await call()
      } finally {
        this.#calls -= 1
      }
    }
    return {
      merchant: account.merchant,
      files: account.files,
      participant: () => account.participant(),
      ask: async (...args) => {
        this.#reach('before-question')
        const answer = await counted(() => account.ask(...args))
        this.#reach('after-question')
        return answer
      },
      send: (...args) => counted(() => account.send(...args)),
      check: (...args) => counted(() => account.check(...args)),
      logOut: async (...args) => {
        if (!this.#life?.isDead) await counted(() => account.logOut(...args))
      },
      print: () => account.print(),
      refused: () => account.refused(),
      admit: () => account.admit(),
    }
  }

  #opened(): Authority {
    const file = (name: string) => join(this.#folder, name)
    const account = { participantFile: file('participant'), userFile: file('user'), pinFile: file('pin') }
    const finanzonline = {
      mode: 'P' as const,
      url: this.#url,
      makerVatId: SIMULATED_MAKER,
      accounts: [account],
      timing,
    }
    return openFinanzOnline(
      { finanzonline },
      {
        ...{ clock: this.clock, readFile, directory: file('prints') },
        readSecret: async (path) => secretIn(await readFile(path), path),
        fingerprint: (text) => createHmac('sha256', 'key').update(text).digest('hex'),
      },
    )
  }

  /** Counts the answers that wait for a time of the service. */
  #clockOfService(): Clock {
    const { clock } = this
    return {
      now: () => clock.now(),
      mono: () => clock.mono(),
      after: (ms, act) => {
        this.#held += 1
        return clock.after(ms, () => {
          this.#held -= 1
          act()
        })
      },
    }
  }
}
