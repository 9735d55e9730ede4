import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DeviceSupervisor } from '../../agent/devices/supervisor.ts'
import { TseActs } from '../../agent/laws/germany/acts.ts'
import type { TseAct } from '../../agent/laws/germany/tse-act.ts'
import type { Outcome } from '../../agent/laws/law.ts'
import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../../drivers/errors.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import type { TseSettings } from '../../drivers/tse-catalog.ts'
import { verifyTar } from '../../verify/tse/verify-tar.ts'
import { patientClock } from '../patient-clock.ts'
import { verifyArchive } from '../verified-archive.ts'
import { isOver } from '../waits.ts'
import { makeTse } from './made-tse.ts'
import type { VendorTse } from './vendor-tses.ts'
import { vendorTses } from './vendor-tses.ts'

const STEPS = ['start', 'finish', 'register', 'export', 'delete'] as const
type Step = (typeof STEPS)[number]

/** More commands than any family needs for a step, the questions after a fault included. */
const COMMANDS: Readonly<Record<Step, number>> = { start: 4, finish: 5, register: 11, export: 9, delete: 14 }
/** `wrong-signature` is not one of them: it stays in the archive, which is verified as a whole afterwards. */
const COMMON = [
  ...['lost-answer', 'lost-request', 'unplugged', 'memory-full', 'clock-lost', 'certificate-expired'],
  // An undocumented code, instead of the act and after it.
  ...['error', 'error-done'],
] as const
const MORE = ['self-test-due', 'power-cut', 'slow=1800', 'blip-before=60', 'blip-in=60', 'blip-after=60'] as const
const timeouts = { replyMs: 1000, longMs: 10_000 }
const TRIES = 200
const TRY_MS = 50
/** An act waits so long for a unit that has just fallen silent. */
const WAIT_NS = 5_000_000_000n
const UNKNOWN: Outcome['kind'] = 'unknown'
/** The wait before a login that may have cost a try is repeated. */
const DOUBT_MS = 61_000

export type TseFaultCase = { driver: string; step: Step; fault: string; command: number }

export function allTseCases(drivers: readonly string[] = Object.keys(vendorTses)): readonly TseFaultCase[] {
  return drivers.flatMap((driver) =>
    [...COMMON, ...MORE, ...(vendorTses[driver]?.faults ?? [])].flatMap((fault) =>
      STEPS.flatMap((step) =>
        Array.from({ length: COMMANDS[step] }, (_, index) => ({ driver, step, fault, command: index + 1 })),
      ),
    ),
  )
}

/** A linear congruential generator: the same seed draws the same cases. */
export function drawTseCases(all: readonly TseFaultCase[], count: number, seed: number): readonly TseFaultCase[] {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return all[(state >>> 8) % all.length]
  }).filter((drawn) => drawn !== undefined)
}

/** Runs the cases of one family on one unit after the other. Returns what went wrong, one line a case. */
export async function runTseCases(cases: readonly TseFaultCase[]): Promise<readonly string[]> {
  const [first] = cases
  if (first === undefined) return []
  await using shop = await FaultedTse.open(first.driver)
  const failures: string[] = []
  for (const { driver, step, fault, command } of cases) {
    const problem = await shop.run(step, `${fault}@*#${command}`).catch(String)
    if (problem !== undefined) failures.push(`${driver}: ${fault}@*#${command} in a ${step}: ${problem}`)
  }
  const problem = await shop.account().catch(String)
  return problem === undefined ? failures : [...failures, `${first.driver}: ${problem}`]
}

/** A unit that fails, the law's acts on it, and the supervisor that brings it back: all of an agent but its journal. */
class FaultedTse implements AsyncDisposable {
  readonly #folder: string
  readonly #vendor: VendorTse
  readonly #tse: Tse
  readonly #supervisor: DeviceSupervisor
  readonly #acts: TseActs
  /** Numbers that acts returned and no finish has closed. */
  readonly #open = new Set<number>()
  readonly #started = new Set<number>()
  readonly #clock: SkippingClock
  #clients = 1

  private constructor(folder: string, vendor: VendorTse, tse: Tse, serial: string, clock: SkippingClock) {
    this.#clock = clock
    this.#folder = folder
    this.#vendor = vendor
    this.#tse = tse
    this.#supervisor = new DeviceSupervisor({
      device: { id: 'tse-1', driver: 'tse', unit: tse, load: () => ({ waiting: 0, expectedWaitMs: 0 }) },
      clock,
      windowMs: 2000,
      enrolledSerial: () => serial,
      onChange: () => undefined,
      onHealthy: () => undefined,
    })
    this.#acts = new TseActs({
      tseOf: () => this.#supervisor.asTse,
      journalledOpen: () => [...this.#open],
      clock,
    })
  }

  static async open(driver: string): Promise<FaultedTse> {
    const folder = await mkdtemp(join(tmpdir(), 'f-'))
    const vendor = await vendorTses[driver]?.open(folder, 0)
    if (vendor === undefined) throw new Error(driver)
    const settings = { slot: 1, ...vendor.device, timeouts } as unknown as TseSettings
    const wide = driver === 'tse-cryptovision'
    const secret = async (name: string): Promise<string> => {
      if (name === 'secret') throw new Error('the factory')
      return '1234567890'.slice(0, name.endsWith('uk') ? (wide ? 10 : 6) : wide ? 8 : 5)
    }
    const clock = new SkippingClock()
    const { unit } = await makeTse(settings, {
      clock,
      directoryOf: () => folder,
      storeOf: () => {
        throw new Error('no store')
      },
      readSecret: (path) => readFile(path, 'utf8'),
      secretsOf: (_id, files) => ({
        read: async (name) => (files[name] === undefined ? secret(name) : (await readFile(files[name], 'utf8')).trim()),
        provide: secret,
      }),
    })
    await patiently(async () => {
      await unit.open()
      await unit.initialise()
      await unit.registerClient('till-1')
    })
    const faulted = new FaultedTse(folder, vendor, unit, (await unit.identity()).serial, clock)
    await faulted.#supervisor.connect()
    return faulted
  }

  async run(step: Step, fault: string): Promise<string | undefined> {
    const { unit } = this.#vendor
    const arm = (): void => unit.inject(fault)
    if (step === 'register') return this.#register(arm)
    if (step === 'export') return this.#export(arm)
    if (step === 'delete') return this.#delete(arm)
    const start = await this.#done(
      { device: 'tse-1', name: 'start' as const, client: 'till-1' },
      step === 'start' ? arm : idle,
    )
    if (start.kind !== 'done') return this.#compareOpen()
    const number = Number(start.result['transaction'])
    if (this.#started.has(number)) return `transaction ${number} was given twice`
    this.#started.add(number)
    this.#open.add(number)
    const lost = await this.#compareOpen()
    if (lost !== undefined) return lost
    return this.#finish(number, step === 'finish' ? arm : idle)
  }

  /** The archive verifies, and every start in it is known. */
  async account(): Promise<string | undefined> {
    await this.#recovered()
    const archive = await this.#archive()
    const { findings } = await verifyArchive(archive)
    if (findings.length > 0) return `the archive: ${JSON.stringify(findings.slice(0, 3))}`
    const names = archive.toString('latin1').matchAll(/_Log-Tra_No-(\d+)_Start_/g)
    const unknown = [...names].map(([, number]) => Number(number)).filter((number) => !this.#started.has(number))
    return unknown.length === 0 ? undefined : `nobody knows of the starts ${unknown}`
  }

  async #finish(number: number, arm: () => void): Promise<string | undefined> {
    const processType = 'Kassenbeleg-V1'
    const data = { process_type: processType, process_data: 'Beleg^0.00_2.55_0.00_0.00_0.00^2.55:Bar' }
    const act = { device: 'tse-1', name: 'finish' as const, client: 'till-1', transaction: number, ...data }
    const finish = await this.#done(act, arm)
    if (finish.kind !== 'done') {
      // Refused without effect: it is still open, and is ended like any transaction without a bon.
      const isOpen = (await this.#asked((tse) => tse.openTransactions())).includes(number)
      if (!isOpen) return `the finish failed (${JSON.stringify(finish)}) and was executed`
      const again = await this.#done(act, idle)
      if (again.kind !== 'done') return `it cannot be ended: ${JSON.stringify(again)}`
    }
    this.#open.delete(number)
    const recall = await this.#asked((tse) => tse.recall(number))
    if (recall?.start === undefined || recall.finish?.processType !== processType) return 'its logs are not there'
    return this.#compareOpen()
  }

  async #register(arm: () => void): Promise<string | undefined> {
    this.#clients += 1
    const act = { device: 'tse-1', name: 'register_client' as const, client: `till-${this.#clients}` }
    let outcome = await this.#done(act, arm)
    if (outcome.kind !== 'done') outcome = await this.#done(act, idle)
    if (outcome.kind !== 'done') return `not registered: ${JSON.stringify(outcome)}`
    const same = (await this.#asked((tse) => tse.clients())).filter((client) => client === act.client)
    return same.length === 1 ? undefined : `registered ${same.length} times`
  }

  async #export(arm: () => void): Promise<string | undefined> {
    const { transaction } = await this.#asked((tse) => tse.start('till-1'))
    this.#started.add(transaction)
    this.#open.add(transaction)
    arm()
    const archive = await this.#archive().catch((error: unknown) => {
      if (error instanceof DeviceError) return undefined
      throw error
    })
    await this.#recovered()
    const { findings } = archive === undefined ? { findings: [] } : await verifyArchive(archive)
    if (findings.length > 0) return `an archive that is none: ${JSON.stringify(findings.slice(0, 3))}`
    return this.#finish(transaction, idle)
  }

  /** Deleted logs were kept, refused ones still exist, and the unit reports which of both it is. */
  async #delete(arm: () => void): Promise<string | undefined> {
    const { transaction } = await this.#asked((tse) => tse.start('till-1'))
    this.#started.add(transaction)
    await this.#asked((tse) => tse.finish(transaction, 'till-1', 'Kassenbeleg-V1', Buffer.from('Beleg')))
    let isKept = false
    arm()
    const outcome = await this.#tse
      .archiveAndDelete(async (archive) => {
        const { sound, lastCounter = 0, lastFinished } = await verifyTar(archive)
        if (!sound) throw new DeviceError('garbled', 'none', 'it is not sound')
        isKept = lastFinished === transaction
        return { lastCounter }
      })
      .then(() => undefined)
      .catch((error: unknown) => error)
    await this.#recovered()
    const isGone = (await this.#asked((tse) => tse.recall(transaction))) === undefined
    if (isGone && !isKept) return 'it deleted what nobody has kept'
    if (outcome === undefined) return isGone ? undefined : 'it says that it deleted, and did not'
    if (!(outcome instanceof DeviceError)) return `it failed with ${String(outcome)}`
    return isGone && outcome.effect === 'none' ? `it deleted, and says that it did not: ${outcome.code}` : undefined
  }

  /** Repeated if an uncertain login blocked it, once that login may be repeated. */
  async #done(act: TseAct, arm: () => void): Promise<Outcome> {
    const outcome = await this.#doneNow(act, arm)
    const isBarred = outcome.kind === 'failed' && this.#passDoubt(outcome.message)
    return isBarred ? this.#doneNow(act, idle) : outcome
  }

  /** Performs the act and reconciles it when the device is back. */
  async #doneNow(act: TseAct, arm: () => void): Promise<Outcome> {
    arm()
    const waitUntilNs = patientClock.mono() + WAIT_NS
    let outcome = await this.#acts.perform(act, { waitUntilNs, obstacle: () => undefined })
    await this.#recovered()
    for (let tries = 0; outcome.kind === UNKNOWN && tries < TRIES; tries += 1) {
      outcome = await this.#acts.askOutcome(act)
      if (outcome.kind === UNKNOWN) await delay(TRY_MS)
    }
    return outcome
  }

  async #recovered(): Promise<void> {
    const { unit } = this.#vendor
    unit.clearFaults()
    await unit.plugIn()
    for (const sinceMs = performance.now(); !isOver(sinceMs); ) {
      await this.#supervisor.connect()
      if (this.#supervisor.usable) return
      this.#passDoubt(this.#supervisor.trouble?.message ?? '')
      await delay(TRY_MS)
    }
    throw new Error(`it does not come back: ${JSON.stringify(this.#supervisor.trouble)}`)
  }

  #passDoubt(words: string): boolean {
    const isBarred = words.includes('a minute later')
    if (isBarred) this.#clock.skip(DOUBT_MS)
    return isBarred
  }

  /** The questions to the unit other than its acts. */
  async #asked<T>(ask: (tse: Tse) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#tse)
    } catch (error) {
      if (!(error instanceof DeviceError) || !this.#passDoubt(error.message)) throw error
      return ask(this.#tse)
    }
  }

  async #compareOpen(): Promise<string | undefined> {
    const open = await this.#asked((tse) => tse.openTransactions())
    const forgotten = open.filter((number) => !this.#open.has(number))
    return forgotten.length === 0 ? undefined : `forgotten open transactions: ${forgotten}`
  }

  #archive(): Promise<Buffer> {
    return this.#asked(async (tse) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of tse.exportLogs({})) chunks.push(chunk)
      return Buffer.concat(chunks)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#supervisor.close()
    await this.#vendor.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** Real time with patient deadlines, in which a minute may be over. */
class SkippingClock implements Clock {
  #skippedMs = 0

  now(): number {
    return patientClock.now() + this.#skippedMs
  }

  mono(): bigint {
    return patientClock.mono() + BigInt(this.#skippedMs) * 1_000_000n
  }

  after(delayMs: number, act: () => void): () => void {
    return patientClock.after(delayMs, act)
  }

  skip(ms: number): void {
    this.#skippedMs += ms
  }
}

/** A busy machine may need longer for the first steps than the short deadlines of these tests allow. */
async function patiently(act: () => Promise<void>): Promise<void> {
  for (const sinceMs = performance.now(); ; ) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof DeviceError) || isOver(sinceMs)) throw error
      await delay(TRY_MS)
    }
  }
}

/** For the acts that nothing interrupts. */
function idle(): void {}
