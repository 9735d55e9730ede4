import { monoMs, pause } from '../../../base/clock.ts'
import type { Log } from '../../../base/log.ts'
import { CodedError } from '../../../base/thrown.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import { allRegisters } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import { countIn, nextOf } from '../../journal/set-aside.ts'
import { lawOfRegister } from '../laws.ts'
import type { AdoptionParts, LostRound, PlannedAside, TakeOverOptions } from './adoption.ts'
import { adoptedEvent, eventOf, hasLostLogs, takeOverLost } from './adoption.ts'
import type { RestoredEpoch } from './restored-epoch.ts'
import { hasAside, isUntouched, receiptsSince, restoredEpoch, takeOverOf } from './restored-epoch.ts'

export type AfterRestoreParts = AdoptionParts & {
  log: Log
  /** Called with a line about the progress while tills wait. */
  onProgress?: ((status: string) => void) | undefined
  /** Ends the wait: the process stops before it served a till. */
  stopping?: AbortSignal | undefined
}

/** A shop waits at most so long for its units; what they did not return by then is set aside. */
const LIMIT_MS = 120_000
const RETRY_MS = 1000
const PROGRESS_EVERY_MS = 10_000

/** Another unit, or one without keys: asking again changes nothing. */
const NEVER: ReadonlySet<string> = new Set(['foreign', 'retired', 'not_initialised', 'disabled'])

const WORDS = { bon: 'receipt', z: 'closing' } as const

/** `whole`: everything that the unit has of this shop is journalled; `part`: the time was over before. */
type Asked = 'whole' | 'part' | 'unasked'

/**
 * The first start after a restore (DSFinV-K § 4.3): takes over what the TSEs signed after the backup and sets aside the
 * numbers that may be on paper, before tills are served. A number that a customer holds is never given again.
 */
export class AfterRestore {
  readonly #parts: AfterRestoreParts
  /** Devices whose registers have certain numbers. */
  readonly #settled = new Set<string>()
  #isOver = false
  #deadlineMs = 0
  #reportedMs = Number.NEGATIVE_INFINITY

  constructor(parts: AfterRestoreParts) {
    this.#parts = parts
  }

  /** True while numbers of the device's registers are not certain: nothing is ended there that takes one. */
  isPending(device: string): boolean {
    if (this.#isOver || this.#settled.has(device)) return false
    const epoch = restoredEpoch(this.#parts.journal)
    const registers = this.#registersByDevice().get(device)
    if (epoch !== undefined && registers !== undefined && this.#isDue(epoch, device, registers)) return true
    this.#settled.add(device)
    return false
  }

  /**
   * For laws whose devices do not return the numbers that the agent gave: once for the epoch, before any device is asked,
   * because an act that a crash interrupted takes a number.
   */
  async setAside(): Promise<void> {
    const { journal, laws } = this.#parts
    const epoch = restoredEpoch(journal)
    if (epoch === undefined) return
    const registers = allRegisters(journal.view).filter((register) => {
      const law = lawOfRegister(laws, register)
      const isUnasked = law !== undefined && law.orphans === undefined
      return isUnasked && register.fiscalization_status !== 'decommissioned' && isUntouched(journal, epoch, register.id)
    })
    const asides = await journal.commit('outcome', (view) => {
      const planned = registers.flatMap(({ id }) => this.#bons(epoch, view, id))
      return { events: planned.map(eventOf), result: planned }
    })
    this.#logAsides(asides)
  }

  /** After the devices were connected. A second start, after a kill, continues; later ones find nothing to do. */
  async run(devices: ReadonlyMap<string, DeviceSupervisor>, reconcile: (device: DeviceSupervisor) => Promise<void>) {
    const { journal, clock } = this.#parts
    const epoch = restoredEpoch(journal)
    if (epoch === undefined) return
    this.#deadlineMs = monoMs(clock) + LIMIT_MS
    const due = [...this.#unitsToAsk(devices)].filter(([id, registers]) => this.#isDue(epoch, id, registers))
    await Promise.all(
      due.map(async ([id, registers]) => {
        const device = devices.get(id)
        const asked = device === undefined ? 'unasked' : await this.#takeOverWhenReached(epoch, device, registers)
        await this.#settle(epoch, id, registers, asked)
        this.#settled.add(id)
        // It was foreign until now; what is open on it is ended.
        if (asked !== 'unasked') await device?.connectAnew()
        if (device?.usable === true) await reconcile(device)
      }),
    )
    this.#isOver = true
  }

  #isDue(epoch: RestoredEpoch, device: string, registers: readonly string[]): boolean {
    const { journal } = this.#parts
    const progress = takeOverOf(journal, epoch, device)
    const isAside = registers.some((register) => hasAside(journal, epoch, register))
    return progress !== 'done' && (progress === 'begun' || !isAside)
  }

  /** The TSEs of registers, and those that no register uses: one may have signed since the backup. */
  #unitsToAsk(devices: ReadonlyMap<string, DeviceSupervisor>): Map<string, string[]> {
    const { view } = this.#parts.journal
    const units = this.#registersByDevice()
    for (const [id, { device }] of devices)
      if (device.unit.kind === 'tse' && view.enrolledSerial(id) !== undefined && !units.has(id)) units.set(id, [])
    return units
  }

  /** Registers whose transactions a device keeps, by that device. */
  #registersByDevice(): Map<string, string[]> {
    const { journal, laws } = this.#parts
    const registersByDevice = new Map<string, string[]>()
    for (const register of allRegisters(journal.view)) {
      const { id, fiscal_device: device, fiscalization, fiscalization_status: status } = register
      const law = lawOfRegister(laws, register)
      if (device === null || law?.orphans === undefined || status === 'decommissioned') continue
      if (fiscalization?.client_id == null) continue
      registersByDevice.set(device, [...(registersByDevice.get(device) ?? []), id])
    }
    return registersByDevice
  }

  async #takeOverWhenReached(
    epoch: RestoredEpoch,
    device: DeviceSupervisor,
    registers: readonly string[],
  ): Promise<Asked> {
    const { clock, stopping } = this.#parts
    const mayMiss = epoch.isUncertain && registers.some((register) => this.#mayMiss(epoch, register))
    for (;;) {
      const asked = await this.#tryTakeOver(epoch, device, registers)
      if (asked !== 'silent') return asked
      this.#report(`waits for ${device.id}: what it signed after the backup is taken over first`)
      if (!mayMiss || monoMs(clock) >= this.#deadlineMs) return 'unasked'
      await pause(clock, RETRY_MS, stopping)
      this.#demandRunning()
      await device.isReached(Math.max(RETRY_MS, this.#deadlineMs - monoMs(clock)))
    }
  }

  async #tryTakeOver(
    epoch: RestoredEpoch,
    device: DeviceSupervisor,
    registers: readonly string[],
  ): Promise<Asked | 'silent'> {
    const code = device.trouble?.code ?? ''
    if (this.#parts.journal.view.enrolledSerial(device.id) === undefined || NEVER.has(code)) return 'unasked'
    // It has nothing that the journal does not have; a person lets it continue above that.
    if (code === 'tse_rolled_back') return 'whole'
    try {
      return await this.#takeOver(epoch, device, registers)
    } catch (error) {
      if (error instanceof DeviceError) return 'silent'
      // Another unit than the enrolled one.
      if (error instanceof FiskalError) return 'unasked'
      throw error
    }
  }

  #demandRunning(): void {
    if (this.#parts.stopping?.aborted === true)
      throw new CodedError('aborted', 'The start was ended while it took over what a device signed before the restore.')
  }

  #mayMiss({ lastReceipts }: RestoredEpoch, register: string): boolean {
    const last = lastReceipts.get(register)
    return last === undefined || last >= this.#parts.journal.view.nextReceiptNumber(register)
  }

  async #takeOver(epoch: RestoredEpoch, device: DeviceSupervisor, registers: readonly string[]): Promise<Asked> {
    const { clock, log } = this.#parts
    let [isOver, asked] = [false, 0]
    const options: TakeOverOptions = {
      othersMax: Number.POSITIVE_INFINITY,
      isOver: () => {
        this.#demandRunning()
        isOver = monoMs(clock) >= this.#deadlineMs
        this.#report(`takes over from ${device.id} after a restore: ${asked++} transactions asked for`)
        return isOver
      },
      asidesFor: (view, round, isLast) =>
        round.isAfterGap
          ? this.#asides(epoch, view, registers, 'part')
          : registers.flatMap((register) => asidesOfRound(epoch, view, register, round, isLast)),
      withEnds: true,
      whenSkipped: (view) => this.#asides(epoch, view, registers, 'unasked').map(eventOf),
    }
    const { reported, skipped, notes } = await takeOverLost(device, this.#parts, options)
    if (reported.length > 0)
      log.info({ device_id: device.id }, `${reported.length} transactions taken over from the device after a restore`)
    for (const note of notes) log.warn({ device_id: device.id }, note)
    const isGone = reported.length === 0 && skipped === undefined && (await hasLostLogs(device, this.#parts))
    return isOver || isGone ? 'part' : 'whole'
  }

  async #settle(epoch: RestoredEpoch, device: string, registers: readonly string[], asked: Asked): Promise<void> {
    const { journal } = this.#parts
    const asides = await journal.commit('outcome', (view) => {
      const planned = this.#asides(epoch, view, registers, asked)
      const record = asked === 'unasked' ? [] : [adoptedEvent(device, [], asked === 'part' ? { part: true } : {})]
      return { events: [...planned.map(eventOf), ...record], result: planned }
    })
    this.#logAsides(asides)
  }

  #logAsides(asides: readonly PlannedAside[]): void {
    for (const { register, kind, from, to } of asides)
      this.#parts.log.warn(
        { register_id: register },
        `${WORDS[kind]} numbers ${from} to ${to} set aside after a restore`,
      )
  }

  #asides(epoch: RestoredEpoch, view: View, registers: readonly string[], asked: Asked): PlannedAside[] {
    const { journal } = this.#parts
    return registers.flatMap((register) => {
      // After a part the rest of its numbers is still unknown.
      if (asked !== 'part' && hasAside(journal, epoch, register)) return wordOf(epoch, view, register, 'z')
      const bons = asked === 'whole' ? wordOf(epoch, view, register, 'bon') : this.#bons(epoch, view, register)
      return [...bons, ...closings(epoch, view, register, countIn(bons))]
    })
  }

  /** The receipt numbers that may be on paper if no device returned them: a person's word is exact. */
  #bons(epoch: RestoredEpoch, view: View, register: string): PlannedAside[] {
    const { journal, clock } = this.#parts
    if (!epoch.isUncertain || epoch.lastReceipts.has(register)) return wordOf(epoch, view, register, 'bon')
    return [next(view, register, 'bon', receiptsSince(journal, epoch, clock.now()), 'restore')]
  }

  #report(status: string): void {
    const { clock, log, onProgress } = this.#parts
    onProgress?.(status)
    if (monoMs(clock) - this.#reportedMs < PROGRESS_EVERY_MS) return
    this.#reportedMs = monoMs(clock)
    log.info({}, status)
  }
}

/**
 * If a person read another last number than the unit explains, receipts without a signature were among them: no number
 * of them is certain, and all are set aside.
 */
function asidesOfRound(
  epoch: RestoredEpoch,
  view: View,
  register: string,
  { losses, ends }: LostRound,
  isLast: boolean,
): PlannedAside[] {
  const own = losses.filter((loss) => loss.register === register && loss.bon !== undefined)
  const ownCount = own.length + ends.filter((end) => end.register === register).length
  const said = wordOf(epoch, view, register, 'bon')
  const saidCount = countIn(said)
  // The unit has more than a person read if the last bons had no paper.
  const isExact = ownCount > saidCount || (isLast && saidCount === ownCount)
  const bons = isExact ? [] : said
  const unsigned = isExact ? 0 : Math.max(0, saidCount - ownCount)
  const maybeCounts = own.filter(({ bon }) => bon?.isMaybeCount === true).length
  return [...bons, ...closings(epoch, view, register, maybeCounts + unsigned)]
}

/** No log shows a closing, but each has a count: as many may be on paper. A person's word is exact. */
function closings(epoch: RestoredEpoch, view: View, register: string, maybe: number): PlannedAside[] {
  if (epoch.lastClosings.has(register)) return wordOf(epoch, view, register, 'z')
  return maybe === 0 ? [] : [next(view, register, 'z', maybe, 'restore')]
}

/** The numbers after the last one of the journal, up to the one that a person read on paper. */
function wordOf(epoch: RestoredEpoch, view: View, register: string, kind: 'bon' | 'z'): PlannedAside[] {
  const last = (kind === 'bon' ? epoch.lastReceipts : epoch.lastClosings).get(register)
  const from = nextOf(view, register, kind)
  const why = kind === 'bon' ? 'last_receipt' : 'last_closing'
  return last === undefined || last < from ? [] : [{ register, kind, from, to: last, why }]
}

function next(view: View, register: string, kind: 'bon' | 'z', size: number, why: PlannedAside['why']): PlannedAside {
  const from = nextOf(view, register, kind)
  return { register, kind, from, to: from + size - 1, why }
}
