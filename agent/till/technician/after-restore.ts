import { monoMs, pause } from '../../../base/clock.ts'
import type { Log } from '../../../base/log.ts'
import { CodedError } from '../../../base/thrown.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { Tse } from '../../../drivers/ports/tse.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import { allRegisters } from '../../journal/documents/registers.ts'
import type { SetAsideReason } from '../../journal/event-facts.ts'
import type { View } from '../../journal/projections/view.ts'
import type { HeldAfter } from '../../journal/put-back.ts'
import type { Aside } from '../../journal/set-aside.ts'
import { countIn, firstGivenAfter, nextOf } from '../../journal/set-aside.ts'
import { lawOfRegister } from '../laws.ts'
import type { AdoptionParts, LostRound, PlannedAside, TakeOverOptions } from './adoption.ts'
import { adoptedEvent, eventOf, hasLostLogs, takeOverLost } from './adoption.ts'
import { recordAhead } from './ahead-numbers.ts'
import type { Loss } from './restored-epoch.ts'
import {
  hasAside,
  isUnlimited,
  isUntouched,
  lastOnPaper,
  newestLoss,
  restoredEpoch,
  takeOverOf,
} from './restored-epoch.ts'

export type AfterRestoreParts = AdoptionParts & {
  log: Log
  /** Called with a line about the progress while tills wait. */
  onProgress?: ((status: string) => void) | undefined
  /** Asks the targets for events after the end of the journal, once. */
  askTargets?: (() => Promise<HeldAfter | undefined>) | undefined
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
 * numbers that may be on paper, before tills are served. A number that a customer holds is never given again. It only sets
 * numbers aside for a state that was put back: an agent of a copied folder must take nothing over from the unit of the
 * other one.
 */
export class AfterRestore {
  readonly #parts: AfterRestoreParts
  /** Devices whose registers have certain numbers. */
  readonly #settled = new Set<string>()
  #isOver = false
  #shown = 0
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

  /** A target has proven to hold that many events after the last one before this epoch. */
  noteShown(events: number): void {
    this.#shown = Math.max(this.#shown, events)
  }

  /**
   * Once for the epoch, before any device is asked, because an act that a crash interrupted takes a number: after a restore
   * for laws whose devices do not return the numbers that the agent gave, and for all once the state was put back.
   */
  async setAside(): Promise<void> {
    const { journal, laws } = this.#parts
    const loss = this.#loss()
    if (loss === undefined) return
    const registers = allRegisters(journal.view).filter((register) => {
      const law = lawOfRegister(laws, register)
      // A chain continues from its last receipt or not at all: its number in the journal is that of the chain.
      if (law === undefined || law.order === 'register') return false
      if (register.fiscalization_status === 'decommissioned') return false
      if (!loss.isRestore) return !hasAside(journal, loss, register.id)
      return law.orphans === undefined && isUntouched(journal, loss, register.id)
    })
    const ids = registers.map(({ id }) => id)
    const asides = await journal.commit('outcome', (view) => {
      const planned = this.#asides(loss, view, ids)
      return { events: planned.map(eventOf), result: planned }
    })
    this.#logAsides(asides)
  }

  /** A TSE is ahead of the journal: see {@link recordAhead}. After a restore the start gives its receipts their numbers back. */
  async noteAhead(device: string, tse: Pick<Tse, 'recall' | 'identity'>): Promise<void> {
    const { journal, laws, askTargets } = this.#parts
    if (this.isPending(device)) return
    const held = await askTargets?.()
    this.noteShown(held?.proven.shown ?? 0)
    if (await recordAhead(journal, laws, { device, tse, held })) await this.setAside()
  }

  /** The newest one, with all that targets have shown by now. */
  #loss(): Loss | undefined {
    const loss = newestLoss(this.#parts.journal)
    return loss && { ...loss, shown: Math.max(loss.shown, this.#shown) }
  }

  /** After the devices were connected. A second start, after a kill, continues; later ones find nothing to do. */
  async run(devices: ReadonlyMap<string, DeviceSupervisor>, reconcile: (device: DeviceSupervisor) => Promise<void>) {
    const { clock } = this.#parts
    const epoch = this.#loss()
    if (epoch?.isRestore !== true) return
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

  #isDue(epoch: Loss, device: string, registers: readonly string[]): boolean {
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

  async #takeOverWhenReached(epoch: Loss, device: DeviceSupervisor, registers: readonly string[]): Promise<Asked> {
    const { clock, stopping } = this.#parts
    const isUncertain = epoch.isUncertain && !epoch.hasTail
    const mayMiss = isUncertain && registers.some((register) => this.#mayMiss(epoch, register))
    for (;;) {
      const asked = await this.#tryTakeOver(epoch, device, registers)
      if (asked !== 'silent') return asked
      if (!mayMiss || monoMs(clock) >= this.#deadlineMs) return 'unasked'
      this.#report(`waits for ${device.id}: what it signed after the backup is taken over first`)
      await pause(clock, RETRY_MS, stopping)
      this.#demandRunning()
      await device.isReached(Math.max(RETRY_MS, this.#deadlineMs - monoMs(clock)))
    }
  }

  async #tryTakeOver(epoch: Loss, device: DeviceSupervisor, registers: readonly string[]): Promise<Asked | 'silent'> {
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

  #mayMiss({ lastReceipts }: Loss, register: string): boolean {
    const last = lastReceipts.get(register)
    return last === undefined || last >= this.#parts.journal.view.nextReceiptNumber(register)
  }

  async #takeOver(epoch: Loss, device: DeviceSupervisor, registers: readonly string[]): Promise<Asked> {
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
          ? this.#asides(epoch, view, registers)
          : registers.flatMap((register) => this.#asidesOfRound(epoch, view, register, round, isLast)),
      isUnlimited: (register) => isUnlimited(epoch, register),
      withEnds: true,
      whenSkipped: (view) => this.#asides(epoch, view, registers).map(eventOf),
    }
    const { reported, skipped, notes } = await takeOverLost(device, this.#parts, options)
    if (reported.length > 0)
      log.info({ device_id: device.id }, `${reported.length} transactions taken over from the device after a restore`)
    for (const note of notes) log.warn({ device_id: device.id }, note)
    const isGone = reported.length === 0 && skipped === undefined && (await hasLostLogs(device, this.#parts))
    return isOver || isGone ? 'part' : 'whole'
  }

  async #settle(epoch: Loss, device: string, registers: readonly string[], asked: Asked): Promise<void> {
    const { journal } = this.#parts
    const asides = await journal.commit('outcome', (view) => {
      const planned = this.#asides(epoch, view, registers)
      const record = asked === 'unasked' ? [] : [adoptedEvent(device, [], asked === 'part' ? { part: true } : {})]
      return { events: [...planned.map(eventOf), ...record], result: planned }
    })
    this.#logAsides(asides)
  }

  #logAsides(asides: readonly PlannedAside[]): void {
    for (const { register, kind, from, to } of asides)
      this.#parts.log.warn(
        { register_id: register },
        `${WORDS[kind]} numbers ${from} to ${to} set aside: they may be on paper`,
      )
  }

  /** The numbers that may be on paper and were not given. */
  #asides(epoch: Loss, view: View, registers: readonly string[]): PlannedAside[] {
    return registers.flatMap((register) => {
      const bons = this.#upToLast(epoch, view, register, 'bon')
      return [...bons, ...this.#closings(epoch, view, register, countIn(bons))]
    })
  }

  #upToLast(loss: Loss, view: View, register: string, kind: Aside['kind']): PlannedAside[] {
    const { journal, clock } = this.#parts
    const last = lastOnPaper(journal, loss, register, kind, clock.now())
    const from = nextOf(view, register, kind)
    const given = loss.isRestore ? undefined : firstGivenAfter(view, register, kind, loss.kept)
    const isTwice = given !== undefined && given <= last
    // More were given again than may be on paper: the event that names them needs one number that is never given.
    const to = isTwice ? Math.max(last, from) : last
    if (to < from) return []
    const lost = isTwice && { lost: { from: given, to: last } }
    return [{ register, kind, from, to, ...lost, why: whyOf(loss, register, kind) }]
  }

  /**
   * No log shows a closing, but each has a count: if a person read the last receipt, as many may be on paper. A person's
   * word is exact.
   */
  #closings(loss: Loss, view: View, register: string, maybe: number): PlannedAside[] {
    if (isUnlimited(loss, register) || loss.lastClosings.has(register)) return this.#upToLast(loss, view, register, 'z')
    if (maybe === 0) return []
    const from = nextOf(view, register, 'z')
    return [{ register, kind: 'z', from, to: from + maybe - 1, why: 'restore' }]
  }

  /**
   * If a person read another last number than the unit explains, receipts without a signature were among them: no number
   * of them is certain, and all are set aside.
   */
  #asidesOfRound(
    epoch: Loss,
    view: View,
    register: string,
    { losses, ends }: LostRound,
    isLast: boolean,
  ): PlannedAside[] {
    // The rest of the receipt numbers is set aside when all bons of the unit have theirs.
    if (isUnlimited(epoch, register)) return isLast ? this.#closings(epoch, view, register, 0) : []
    const own = losses.filter((loss) => loss.register === register && loss.bon !== undefined)
    const ownCount = own.length + ends.filter((end) => end.register === register).length
    const said = this.#upToLast(epoch, view, register, 'bon')
    const saidCount = countIn(said)
    // The unit has more than a person read if the last bons had no paper.
    const isExact = ownCount > saidCount || (isLast && saidCount === ownCount)
    const bons = isExact ? [] : said
    const unsigned = isExact ? 0 : Math.max(0, saidCount - ownCount)
    const maybeCounts = own.filter(({ bon }) => bon?.isMaybeCount === true).length
    return [...bons, ...this.#closings(epoch, view, register, maybeCounts + unsigned)]
  }

  #report(status: string): void {
    const { clock, log, onProgress } = this.#parts
    onProgress?.(status)
    if (monoMs(clock) - this.#reportedMs < PROGRESS_EVERY_MS) return
    this.#reportedMs = monoMs(clock)
    log.info({}, status)
  }
}

function whyOf({ isRestore, lastReceipts, lastClosings }: Loss, register: string, kind: Aside['kind']): SetAsideReason {
  if (!isRestore) return 'rollback'
  if (kind === 'bon') return lastReceipts.has(register) ? 'last_receipt' : 'restore'
  return lastClosings.has(register) ? 'last_closing' : 'restore'
}
