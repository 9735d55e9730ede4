import { monoMs, within } from '../../base/clock.ts'
import { during, named } from '../../base/lifetime.ts'
import type { DeviceError } from '../../drivers/errors.ts'
import { isSilence, isUnasked } from '../../drivers/errors.ts'
import type { DeviceHealth, OpenedDevice } from '../../drivers/ports/device.ts'
import type { RtPrinter } from '../../drivers/ports/rt-printer.ts'
import type { SignatureCard } from '../../drivers/ports/signature-card.ts'
import type { TimeGate } from '../../drivers/ports/time-gate.ts'
import type { Tse, TseHealth } from '../../drivers/ports/tse.ts'
import { proveSignature } from './card-health.ts'
import type { DeviceIdentity, DeviceState, ForeignTransaction, UnitReport } from './device.ts'
import { isOut } from './device.ts'
import { CLOCK_SUSPECT, isOutage } from './error-verdict.ts'
import type { Forecast } from './forecast.ts'
import { KnownUnit } from './known-unit.ts'
import {
  HEALTH_LATEST_MS,
  healthEveryMs,
  PROBE_ANSWERING_MS,
  RECONNECT_MS,
  RETRY_MS,
  strangerProbeMs,
  untilNextTry,
  WORKING_MS,
} from './look-times.ts'
import { asTrouble, obstacleOf, UNPLUGGED } from './obstacle.ts'
import { PlugWatch } from './plug-watch.ts'
import { Reachability } from './reachability.ts'
import { strangerTrouble } from './stranger.ts'
import type { OutageNotice, OwnerIn, SupervisorOptions } from './supervisor-options.ts'
import { MEMORY_WARNING_PERCENT, uninitialisedTrouble } from './tse-health.ts'
import { TseUpkeep } from './tse-upkeep.ts'
import type { Trouble, Usable } from './usable.ts'
import { usableUnit } from './usable-unit.ts'
import type { Warning } from './warning.ts'

/** Knows whether a device may be used, and reconnects it automatically after an outage. The law runs the acts. */
export class DeviceSupervisor {
  readonly id: string
  readonly device: OpenedDevice
  /** As the law of its kind uses it; undefined for a device of another kind. */
  readonly asTse: Usable<Tse> | undefined
  readonly asCard: Usable<SignatureCard> | undefined
  readonly asPrinter: Usable<RtPrinter> | undefined
  readonly #options: SupervisorOptions
  readonly #reach: Reachability
  #refused: Trouble | undefined
  readonly reported: KnownUnit
  readonly #plug: PlugWatch
  #cancelTimer: (() => void) | undefined
  #triedAtMs = Number.NEGATIVE_INFINITY
  #connecting: Promise<void> | undefined
  #stopped = false
  readonly #upkeep: TseUpkeep | undefined
  /** How full a TSE may be before it is reported. */
  readonly memoryWarningPercent: number
  /** As the last reconciliation found them. */
  foreignTransactions: readonly ForeignTransaction[] = []
  /** On the monotonic clock. */
  #workedAtMs = Number.NEGATIVE_INFINITY
  #isAskedAgain = false
  #healthyAtMs = Number.NEGATIVE_INFINITY

  constructor(options: SupervisorOptions) {
    this.id = options.device.id
    this.device = options.device
    this.#options = options
    this.memoryWarningPercent = options.memoryWarningPercent ?? MEMORY_WARNING_PERCENT
    const { unit } = options.device
    this.asTse = unit.kind === 'tse' ? usableUnit(this, unit) : undefined
    this.asCard = unit.kind === 'signature_card' ? usableUnit(this, unit) : undefined
    this.asPrinter = unit.kind === 'fiscal_printer' ? usableUnit(this, unit) : undefined
    this.#upkeep = unit.kind === 'tse' ? new TseUpkeep(unit, options.time) : undefined
    const { clock, onChange, windowMs = 0, outageSince, time, pastUse } = options
    this.reported = new KnownUnit({ kind: unit.kind, clock, time, pastUse: pastUse?.() ?? [] })
    this.#reach = new Reachability({
      clock,
      onChange,
      windowMs,
      outageSinceMs: outageSince?.(),
      tryOnce: () => this.#connectUnlessReady(),
      onOver: () => this.#schedule(this.#nextProbeMs()),
    })
    this.#plug = new PlugWatch({
      plug: options.device.plug,
      clock,
      isUsable: () => this.usable,
      onLost: () => this.#fallSilent(UNPLUGGED),
      onPlugged: () => void this.connect(),
    })
  }

  get state(): DeviceState {
    return this.#reach.state
  }

  get usable(): boolean {
    return this.state === 'ready' && this.#suspicion() === undefined
  }

  /** True for a device that has just fallen silent: acts are begun, and wait for its return. */
  get isAwaited(): boolean {
    return this.#reach.isAwaited && this.#suspicion() === undefined
  }

  get since(): number {
    return this.#reach.sinceMs
  }

  /** Why it is not usable. */
  get trouble(): Trouble | undefined {
    return this.#reach.reason ?? this.#suspicion()
  }

  /** The remedy for a device that disconnects again and again. */
  get unsteadiness(): readonly Warning[] {
    return this.#reach.warnings
  }

  /** The source of a TSE's time; undefined for a device of another kind. */
  get time(): TimeGate | undefined {
    return this.#options.time
  }

  /** Why an act cannot be done now: what it refused when it was looked at says nothing against the act. */
  get obstacle(): Trouble | undefined {
    const { trouble } = this
    return trouble?.code === 'refused' ? { ...trouble, code: 'unavailable' } : trouble
  }

  /** Read at the last connection; undefined before the first. */
  get identity(): DeviceIdentity | undefined {
    return this.lastReport?.identity
  }

  /** Warnings from the journal for a person to look at. */
  get concerns(): readonly Warning[] {
    return this.#options.concerns?.() ?? []
  }

  /** Read at the last connection and health check; undefined before the first. */
  get lastReport(): UnitReport | undefined {
    return this.reported.lastReport
  }

  /** When a TSE will be used up, if it can be predicted. */
  get forecast(): Forecast {
    return this.reported.forecast
  }

  get outageNotice(): OutageNotice | undefined {
    return this.#options.outageNotice
  }

  get ownerIn(): OwnerIn | undefined {
    return this.#options.ownerIn
  }

  /** For a TSE; undefined for a device of another kind, and before the first connection. */
  get tseHealth(): TseHealth | undefined {
    return this.reported.tseHealth
  }

  /** Time since the last act or question. */
  get idleMs(): number {
    return monoMs(this.#options.clock) - this.#workedAtMs
  }

  readonly #named = (name: string) => () => ({ name: `${this.id}: ${name}` })

  /** Tries to connect once, now; afterwards probes and health checks run automatically. */
  connect(): Promise<void> {
    this.#connecting ??= during('act', this.#named('connect'), () => this.#tryConnect()).finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  /**
   * Waits until a device that has just fallen silent may be used, until its window is over or until `latestNs` of the
   * monotonic clock. Throws `aborted` when the agent stops. Waits outside of the driver's queue.
   */
  async isBack(latestNs: bigint): Promise<boolean> {
    if (!this.usable && this.isAwaited) await this.#reach.ended(latestNs)
    return this.usable
  }

  /** Ends every wait for the device: the agent stops. */
  endWaits(): void {
    this.#reach.endWaits()
  }

  /** As {@link connect}, but begun only now: a running attempt may not see changes made just before. */
  async connectAnew(): Promise<void> {
    await this.#connecting
    await this.connect()
  }

  /** A running attempt may have begun before the device was back: if it fails, one more is made. */
  async #connectUnlessReady(): Promise<void> {
    await this.#connecting
    if (!this.usable) await this.connect()
  }

  /** Connects if no attempt was made yet: without a daemon the agent was opened just now. */
  async look(): Promise<void> {
    if (this.identity === undefined) await this.connect()
  }

  /** Looks now. False also if that takes long: it counts as an outage then, and the attempt continues. */
  async isReached(atMostMs = RECONNECT_MS): Promise<boolean> {
    let isLooked = false
    const looking = this.connect().then(() => {
      isLooked = true
    })
    await within(this.#options.clock, Math.min(RECONNECT_MS, atMostMs), looking)
    return isLooked && this.usable
  }

  /** The last act was refused though the device answers: memory full, certificate expired… */
  get refusal(): Trouble | undefined {
    return this.#refused
  }

  /** The journal has just taken a unit out of use: nothing more is begun on it. */
  judge(): void {
    if (this.identity !== undefined) this.#isForeign(this.identity)
  }

  /** While the clock of this machine is suspect a TSE is down: that outage begins and ends with it. */
  judgeClock(): Promise<unknown> | undefined {
    const suspicion = this.#suspicion()
    if (suspicion === undefined) return this.#reach.reason?.code === CLOCK_SUSPECT ? this.isReached() : undefined
    if (!isOut(this.state)) this.#out(suspicion, PROBE_ANSWERING_MS)
    return undefined
  }

  /** The law reports every device error here; the supervisor decides whether this is an outage. */
  report(error: DeviceError): void {
    if (this.#stopped) return
    if (!isOutage(this.device.unit.kind, error)) {
      this.#refused = { code: error.code, message: error.message }
      return
    }
    if (isSilence(error.code)) this.#reach.actBroke()
    if (this.usable && isSilence(error.code)) this.#fallSilent(error)
    else this.#out(error)
  }

  /** An act succeeded: an earlier refusal is over. */
  worked(): void {
    this.#refused = undefined
    this.#reach.actWorked()
    this.#workedAtMs = monoMs(this.#options.clock)
    if (this.#keepsCertificate()) this.#schedule(0)
  }

  async close(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer?.()
    this.#reach.close()
    this.#plug.stop()
    // Side by side: a connection that is being made would take its time.
    await Promise.all([this.device.unit.close(), this.#connecting])
  }

  get isEnrolled(): boolean {
    return this.#options.enrolledSerial() !== undefined
  }

  #suspicion(): Trouble | undefined {
    const message = this.#options.time?.suspicion()
    return message === undefined ? undefined : { code: CLOCK_SUSPECT, message }
  }

  /** The first sign of silence opens the window, and the device is looked for at once. */
  #fallSilent(trouble: Trouble): void {
    this.#reach.fallSilent()
    this.#out(trouble)
    void this.connect()
  }

  async #tryConnect(): Promise<void> {
    // The first attempt after a start: it is still unknown whether the device is connected.
    if (this.#triedAtMs === Number.NEGATIVE_INFINITY) this.#reach.fallSilent()
    this.#triedAtMs = monoMs(this.#options.clock)
    try {
      await this.#plug.hold()
      await this.device.unit.open()
      const identity = await this.device.unit.identity()
      const health = await this.device.unit.health()
      this.reported.note(identity, health)
      this.#healthyAtMs = monoMs(this.#options.clock)
      if (this.#isForeign(identity) || this.#isObstructed()) return
      const strange = await this.#options.strangeness?.(this.device.unit, health)
      if (this.#isOutFor(strange, PROBE_ANSWERING_MS)) return
      // Last: one of which the journal has signatures was set up, whatever is left of its memory.
      if (this.#isOutFor(uninitialisedTrouble(this.tseHealth))) return
      // Only now is it known to be ours: what is written into a unit is written into no other.
      if (this.isEnrolled) await this.#tested((tse, health) => tse.prepare(health))
      if (this.#isOutFor(this.#suspicion(), PROBE_ANSWERING_MS)) return
      // A card that answers and does not sign is down anyway: only a signature ends its outage.
      if (this.#reach.isOutageTold) await proveSignature(this.device.unit)
      // The proof took time: the unit may have been retired since.
      if (this.#isForeign(identity)) return
      this.#reach.ready()
      this.#schedule(healthEveryMs(this.device.plug))
    } catch (error) {
      this.#notSeen(error)
      this.#reach.tryFailed()
    }
  }

  /** Another one than the shop's, or one that was taken out of use. */
  #isForeign(identity: DeviceIdentity): boolean {
    return this.#isOutFor(strangerTrouble(identity, this.#options), strangerProbeMs(this.device.plug))
  }

  /** It answers, and can do nothing: no paper, an open cover, out of service. Looked at again until it is fixed. */
  #isObstructed(): boolean {
    return this.#isOutFor(this.lastReport && obstacleOf(this.lastReport))
  }

  #isOutFor(trouble: Trouble | undefined, delayMs?: number): boolean {
    if (trouble !== undefined) this.#out(trouble, delayMs)
    return trouble !== undefined
  }

  /** Asks again after the self-test for the values that a unit does not report before it. */
  async #tested(act: (upkeep: TseUpkeep, health: TseHealth) => Promise<boolean>): Promise<void> {
    const health = this.tseHealth
    if (this.#upkeep === undefined || health === undefined) return
    if (!(await act(this.#upkeep, health))) return
    this.reported.note(await this.device.unit.identity(), await this.device.unit.health())
  }

  /** The line of a printer stays open while another one is plugged into it: it is asked who it is. */
  async #isExchanged(health: DeviceHealth): Promise<boolean> {
    const { unit } = this.device
    const isPrinter = unit.kind === 'fiscal_printer'
    const isAsked = isPrinter || this.#keepsCertificate()
    this.#isAskedAgain ||= isAsked
    const identity = isAsked ? await unit.identity() : this.identity
    if (identity === undefined) return false
    this.reported.note(identity, health)
    return isPrinter && this.#isForeign(identity)
  }

  /** True once for a TSE that kept it at its connection and has worked since: its first act may be its self-test. */
  #keepsCertificate(): boolean {
    const isKept = this.asTse?.identity?.certificates.length === 0
    return isKept && !this.#isAskedAgain && this.#workedAtMs !== Number.NEGATIVE_INFINITY
  }

  /** A device with a long command, such as a filtered archive, is not down: that command shows whether it is well. */
  #notSeen(error: unknown): void {
    const trouble = asTrouble(error)
    if (this.usable && isUnasked(error)) this.#schedule(healthEveryMs(this.device.plug))
    else if (this.usable && isSilence(trouble.code)) this.#fallSilent(trouble)
    else this.#out(trouble)
  }

  /** It cannot be used: whether ours is down or this is not ours, the agent looks again. */
  #out(trouble: Trouble, delayMs?: number): void {
    const mayPass = this.#reach.lost(trouble)
    this.#schedule(mayPass ? RETRY_MS : (delayMs ?? this.#nextProbeMs()))
  }

  #nextProbeMs(): number {
    const { probeDelayMs, clock } = this.#options
    const sinceTryMs = monoMs(clock) - this.#triedAtMs
    return untilNextTry(sinceTryMs, this.#plug.isSettling, probeDelayMs?.(clock.now() - this.since))
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer?.()
    if (this.#stopped) return
    this.#cancelTimer = named(this.#options.clock, `look at ${this.id}`).after(delayMs, () => {
      if (this.usable) void during('act', this.#named('health'), () => this.#checkHealth())
      else void this.connect()
    })
  }

  async #checkHealth(): Promise<void> {
    const nowMs = monoMs(this.#options.clock)
    const isWorking = this.idleMs < WORKING_MS && nowMs - this.#healthyAtMs < HEALTH_LATEST_MS
    if (isWorking && this.device.unit.kind === 'fiscal_printer') return this.#schedule(WORKING_MS)
    this.#healthyAtMs = nowMs
    try {
      const health = await this.device.unit.health()
      if ((await this.#isExchanged(health)) || this.#isObstructed()) return
      const { waiting } = this.device.load()
      if (this.isEnrolled) await this.#tested((tse, seen) => tse.maintain(seen, this.idleMs, waiting))
      this.#schedule(healthEveryMs(this.device.plug))
    } catch (error) {
      return this.#notSeen(error)
    }
    if (!this.#stopped) this.#options.onHealthy()
  }
}
