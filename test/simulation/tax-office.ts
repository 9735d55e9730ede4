import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duty } from '../../agent/laws/duty.ts'
import type { DutyDeskOptions } from '../../agent/till/duty-desk.ts'
import { DutyDesk } from '../../agent/till/duty-desk.ts'
import { dutyListsOf } from '../../agent/till/reading/duty-list.ts'
import { sendDuty } from '../../agent/till/technician/duty-sending.ts'
import type { OutageReporting } from '../../agent/till/technician/outage-report.ts'
import { reportOutage } from '../../agent/till/technician/outage-report.ts'
import type { Clock } from '../../base/clock.ts'
import { pause, rfc3339 } from '../../base/clock.ts'
import { secretIn } from '../../base/secret-file.ts'
import { openFinanzOnline } from '../../drivers/finanzonline/driver.ts'
import { FinanzOnlineSimulator, SIMULATED_ACCOUNT, SIMULATED_MAKER } from '../../drivers/finanzonline/simulator.ts'
import type { Authority, AuthorityAccount, AuthorityAnswer, AuthorityMode } from '../../drivers/ports/authority.ts'
import type { Seeded } from '../crash/seeded.ts'
import { seeded } from '../crash/seeded.ts'
import { silentLog } from '../silent-log.ts'
import { brokenDuties, openDuties } from './broken-duties.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** The parts of one life of the agent that the desk needs. */
export type DeskParts = Pick<DutyDeskOptions, 'journal' | 'clock' | 'newId' | 'fault' | 'onError'> &
  Pick<OutageReporting, 'reportOutage'> & { readonly duties: () => readonly Duty[] }

/** A life of the agent is seconds long: the pauses are as well. */
const timing = {
  ...{ callMs: 4_000, retryMinMs: 500, retryMaxMs: 8_000 },
  ...{ askMs: 1_000, visibleMs: 9_000, checkAgainMs: 10_000 },
}
const LATENCY_MS = 80
const TRANSIT_MS = 3
const FAULTS = [
  ...['lost-answer', 'lost-answer', 'lost-request', 'silence=3000', 'silence=9000', 'http500', 'truncated', 'reset'],
  ...['session-gone', 'maintenance=3', 'technical=2', 'no-effect', 'late=3000', 'late=7000', 'b38', 'wrong-state'],
  'locked',
] as const
const OPERATIONS = [
  ...['login', 'status_see', 'status_kasse', 'registrierung_se', 'registrierung_kasse', 'registrierung'],
  ...['belegpruefung', 'ausfall', 'wiederinbetriebnahme', '*'],
] as const
const FIRST_FAULTS = 3
const OUTAGE_MAX_MS = 8_000

/**
 * FinanzOnline, which outlives the agent's processes, and what a person does about refused duties. Time stands while a call
 * is between client and service, so that the same seed gives the same run over real sockets.
 */
export class TaxOffice {
  readonly mode: AuthorityMode
  /** The first one has outages. */
  registers: readonly string[] = []
  readonly #random: Seeded
  readonly #folder: string
  readonly #clock: VirtualClock
  readonly #service: FinanzOnlineSimulator
  /** Answers that the service holds back for a time. */
  readonly #held = new Set<() => void>()
  /** Duties that a person has sent again. */
  readonly #sentAgain = new Set<string>()
  #calls = 0
  #url = ''
  #isBlind = false
  #life: (DeskParts & { desk: DutyDesk; authority: Authority }) | undefined

  constructor(folder: string, clock: VirtualClock, seed: number) {
    this.#random = seeded(~seed)
    this.mode = this.#random.pick(['T', 'P'])
    this.#folder = join(folder, 'finanzonline')
    this.#clock = clock
    mkdirSync(this.#folder)
    this.#service = new FinanzOnlineSimulator({
      ...{ directory: this.#folder, clock: this.#clockOfService(), latencyMs: LATENCY_MS },
    })
  }

  async open(): Promise<void> {
    for (const name of ['participant', 'user', 'pin'] as const)
      writeFileSync(join(this.#folder, name), SIMULATED_ACCOUNT[name])
    this.#url = `http://127.0.0.1:${await this.#service.serve(0)}`
    this.#clock.isHeld = () => this.#calls > 0 && this.#held.size === 0
    for (let fault = 0; fault < FIRST_FAULTS; fault++) this.befall(this.#random)
  }

  /** The desk of one life; one that is dead calls no longer. */
  openDesk(parts: DeskParts): DutyDesk {
    const random = this.#random.fork()
    const opened = this.#opened(parts.clock)
    const line = (account: AuthorityAccount) => this.#line(account, parts.clock, random)
    const authority = { ...opened, accounts: opened.accounts.map(line) }
    const { duties } = dutyListsOf({ ...parts, authority, unitsOf: () => [] })
    const desk = new DutyDesk({ ...parts, log: silentLog, random: () => random.next(), authority, duties })
    this.#life = { ...parts, desk, authority }
    return desk
  }

  befall(random: Seeded): string {
    const [register] = this.registers
    if (register !== undefined && random.chance(0.3)) return this.#reportOutage(random, register)
    const name = random.pick(FAULTS)
    const fault = `${name}@${random.pick(OPERATIONS)}${random.pick(['', '#1', '#2', '#1-3'])}`
    try {
      this.#service.inject(fault)
    } catch {
      this.#service.clearFaults()
    }
    return `finanzonline: fault ${fault}`
  }

  /** A person reports an outage of a register, and seconds later its end. */
  #reportOutage(random: Seeded, id: string): string {
    const since = rfc3339(this.#clock.now())
    const report = (until?: string): void => {
      const life = this.#life
      if (life === undefined) return
      const parts = { ...life, devices: new Map(), authorityMode: this.mode }
      // Refused: before the Startbeleg, or in another outage.
      reportOutage(parts, id, { reason: 'defective', since, until }).catch(() => undefined)
    }
    report()
    this.#clock.after(random.below(OUTAGE_MAX_MS), () => report(rfc3339(this.#clock.now())))
    return `finanzonline: an outage of ${id} is reported`
  }

  clearFaults(): void {
    this.#service.clearFaults()
  }

  close(): Promise<void> {
    return this.#service.close()
  }

  /** The duties that still move on; a person lets each one that rests be tried once more, and a refused login too. */
  async unfinished(): Promise<readonly string[]> {
    const life = this.#life
    const [account] = life?.authority.accounts ?? []
    if (life === undefined || account === undefined) return ['no life']
    if ((await account.refused()) !== undefined) {
      this.#service.inject('reset')
      await account.admit()
      life.desk.look()
      return ['login']
    }
    const moving: string[] = []
    for (const { task, block } of openDuties(life, this.mode)) {
      if (block === undefined) moving.push(task.id)
      else if (block === 'person' && !this.#sentAgain.has(task.id)) {
        this.#sentAgain.add(task.id)
        await sendDuty({ ...life, duties: { read: async () => life.duties() } }, task.id).catch(() => undefined)
        moving.push(task.id)
      }
    }
    return moving
  }

  prove(): string[] {
    return brokenDuties({
      ...this.#lastLife(),
      mode: this.mode,
      record: this.#service.record(),
      isBlind: this.#isBlind,
    })
  }

  #lastLife() {
    if (this.#life === undefined) throw new Error('no life')
    return this.#life
  }

  /** The way to the service, each direction of which takes a moment. */
  #line(account: AuthorityAccount, clock: Clock, random: Seeded): AuthorityAccount {
    const through = async <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
      await pause(clock, random.next() * TRANSIT_MS, signal)
      signal.throwIfAborted()
      const answer = await this.#called(call)
      await pause(clock, random.next() * TRANSIT_MS, signal)
      return answer
    }
    const asked = async (signal: AbortSignal, call: () => Promise<AuthorityAnswer>): Promise<AuthorityAnswer> => {
      const blind = this.#isBlind
      this.#isBlind = true
      const answer = await through(signal, call)
      this.#isBlind = blind || (answer.operation === 'login' && answer.lost !== undefined)
      return answer
    }
    return {
      ...{ merchant: account.merchant, files: account.files },
      participant: () => account.participant(),
      ask: (subject, packet, signal) => asked(signal, () => account.ask(subject, packet, signal)),
      send: (request, packet, id, signal) => asked(signal, () => account.send(request, packet, id, signal)),
      check: (signal) => asked(signal, () => account.check(signal)),
      logOut: (signal) => through(signal, () => account.logOut(signal)),
      print: () => account.print(),
      refused: () => account.refused(),
      admit: () => account.admit(),
    }
  }

  async #called<T>(call: () => Promise<T>): Promise<T> {
    this.#calls += 1
    try {
      return await call()
    } finally {
      this.#calls -= 1
      // Nobody waits for them any more.
      for (const go of this.#held) go()
    }
  }

  #opened(clock: Clock): Authority {
    const file = (name: string) => join(this.#folder, name)
    const account = { participantFile: file('participant'), userFile: file('user'), pinFile: file('pin') }
    return openFinanzOnline(
      { finanzonline: { mode: this.mode, url: this.#url, makerVatId: SIMULATED_MAKER, accounts: [account], timing } },
      {
        ...{ clock, readFile, directory: file('prints') },
        readSecret: async (path) => secretIn(await readFile(path), path),
        fingerprint: (text) => createHash('sha256').update(text).digest('hex'),
      },
    )
  }

  #clockOfService(): Clock {
    const clock = this.#clock
    return {
      now: () => clock.now(),
      mono: () => clock.mono(),
      after: (ms, act) => {
        const go = (): void => {
          cancel()
          if (this.#held.delete(go)) act()
        }
        const cancel = clock.after(ms, go)
        this.#held.add(go)
        return () => {
          this.#held.delete(go)
          cancel()
        }
      },
    }
  }
}
