import type { DeviceError } from '../../drivers/errors.ts'
import { isUnasked } from '../../drivers/errors.ts'
import type { DeviceHealth, DeviceUnit, OpenedDevice } from '../../drivers/ports/device.ts'
import type { FiscalPrinter } from '../../drivers/ports/fiscal-printer.ts'
import type { SignatureCard } from '../../drivers/ports/signature-card.ts'
import type { TimeGate } from '../../drivers/ports/time-gate.ts'
import type { Tse, TseHealth } from '../../drivers/ports/tse.ts'
import { monoMs, PLAUSIBLE_MS, within } from '../clock.ts'
import type { IdentityOf, Trouble, UnitRules, Usable } from '../regimes/regime.ts'
import type { DeviceIdentity, DeviceState, ForeignTransaction, Known } from './device.ts'
import { isOut } from './device.ts'
import { CLOCK_SUSPECT, isOfAnother, isOutage } from './error-verdict.ts'
import { Forecast } from './forecast.ts'
import { asTrouble, obstacleOf } from './obstacle.ts'
import type { SupervisorOptions } from './supervisor-options.ts'
import { TseUpkeep } from './tse-upkeep.ts'
import type { Warning } from './warning.ts'

const MEMORY_WARNING_PERCENT = 80
const PROBE_FIRST_MS = 500
const PROBE_LAST_MS = 10_000
const HEALTH_EVERY_MS = 30_000
/** An act waits for so long for a device whose line was found broken. */
const RECONNECT_MS = 5_000
/** A printer that works is well: while it does, its questions do not stand in the way of the next document. */
const WORKING_MS = 5_000
const HEALTH_LATEST_MS = 300_000
/** What a signature card signs to show that it can. */
const PROOF = Buffer.from('fiskal-edge: does this unit sign?', 'ascii')

/** Knows whether a device may be used, and brings it back by itself after an outage. Acts are done by the regime. */
export class DeviceSupervisor {
  readonly id: string
  readonly device: OpenedDevice
  /** As the law of its kind uses it; undefined for a device of another kind. */
  readonly asTse: Usable<Tse> | undefined
  readonly asCard: Usable<SignatureCard> | undefined
  readonly asPrinter: Usable<FiscalPrinter> | undefined
  readonly #options: SupervisorOptions
  #current: DeviceState = 'down'
  /** The last state that was told; none before the first look, so that an outage which began unseen is told too. */
  #told: DeviceState | undefined
  #sinceMs: number
  #reason: Trouble | undefined
  #refused: Trouble | undefined
  #known: Known | undefined
  #cancelTimer: (() => void) | undefined
  #probeMs = PROBE_FIRST_MS
  #connecting: Promise<void> | undefined
  #stopped = false
  readonly #upkeep: TseUpkeep | undefined
  /** When a TSE will be used up, as far as that can be told. */
  readonly forecast = new Forecast()
  /** How full a TSE may be before it is told. */
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
    this.asTse = unit.kind === 'tse' ? this.#usableAs(unit) : undefined
    this.asCard = unit.kind === 'signature-card' ? this.#usableAs(unit) : undefined
    this.asPrinter = unit.kind === 'fiscal-printer' ? this.#usableAs(unit) : undefined
    for (const sample of options.pastUse?.() ?? []) this.forecast.note(sample)
    this.#upkeep = unit.kind === 'tse' ? new TseUpkeep(unit, options.time) : undefined
    const outageSinceMs = options.outageSince?.()
    this.#told = outageSinceMs === undefined ? undefined : 'down'
    this.#sinceMs = outageSinceMs ?? options.clock.now()
  }

  get state(): DeviceState {
    return this.#current
  }

  get usable(): boolean {
    return !isOut(this.#current) && this.#suspicion() === undefined
  }

  get since(): number {
    return this.#sinceMs
  }

  /** Why it is not usable. */
  get trouble(): Trouble | undefined {
    return this.#reason ?? this.#suspicion()
  }

  /** Where a TSE gets the time from; undefined for a device of another kind. */
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
    return this.#known?.identity
  }

  /** What the journal knows of it that a person should look at. */
  get concerns(): readonly Warning[] {
    return this.#options.concerns?.() ?? []
  }

  /** Read at the last connection and health check; undefined before the first. */
  get known(): Known | undefined {
    return this.#known
  }

  /** Of a signature unit. */
  get unitRules(): UnitRules | undefined {
    return this.#options.unitRules
  }

  /** Of a TSE; undefined for a device of another kind, and before the first connection. */
  get tseHealth(): TseHealth | undefined {
    return this.#known?.kind === 'tse' ? this.#known.health : undefined
  }

  /** The clock of this machine stepped: how far that of the device is off is unknown until it is measured again. */
  forgetSkew(): void {
    const known = this.#known
    if (known === undefined || known.kind === 'signature-card') return
    this.#known = { ...known, health: { ...known.health, clockSkewMs: undefined } } as Known
  }

  /** Milliseconds since 1970; undefined for a printer, and before the first connection. */
  get certificateEndsAtMs(): number | undefined {
    const known = this.#known
    return known === undefined || known.kind === 'fiscal-printer' ? undefined : known.health.certificateExpiresAtMs
  }

  /** How long nobody has done anything with it. */
  get idleMs(): number {
    return monoMs(this.#options.clock) - this.#workedAtMs
  }

  /** Tries to connect once, now; afterwards probes and health checks go on by themselves. */
  connect(): Promise<void> {
    this.#connecting ??= this.#tryConnect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  /** As {@link connect}, begun only now: what is under way may not know what was done just before. */
  async connectAnew(): Promise<void> {
    await this.#connecting
    await this.connect()
  }

  /** Connects where nobody has done so yet: without a daemon the agent was opened just now. */
  async look(): Promise<void> {
    if (this.identity === undefined) await this.connect()
  }

  /** Looks now. False as well where that takes long: what waits for it is an outage then, and it goes on by itself. */
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

  /** While the clock of this machine is suspect a TSE is out: that outage begins and ends with it. */
  async judgeClock(): Promise<void> {
    const suspicion = this.#suspicion()
    if (suspicion !== undefined && !isOut(this.#current)) this.#out(suspicion, PROBE_LAST_MS)
    else if (suspicion === undefined && this.#reason?.code === CLOCK_SUSPECT) await this.isReached()
  }

  /** The regime tells every device error here: it decides whether this is an outage. */
  report(error: DeviceError): void {
    if (this.#stopped) return
    if (!isOutage(this.device.unit.kind, error)) {
      this.#refused = { code: error.code, message: error.message }
      return
    }
    this.#out(error)
  }

  async close(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer?.()
    // Side by side: a connection that is being made would take its time.
    await Promise.all([this.device.unit.close(), this.#connecting])
  }

  #suspicion(): Trouble | undefined {
    const message = this.#options.time?.suspicion()
    return message === undefined ? undefined : { code: CLOCK_SUSPECT, message }
  }

  /** Looked up at each use: the state changes while an act waits. */
  #usableAs<Unit extends DeviceUnit>(unit: Unit): Usable<Unit> {
    const device = this
    return {
      unit,
      get usable() {
        return device.usable
      },
      get identity() {
        return device.identity as IdentityOf<Unit> | undefined
      },
      get trouble() {
        return device.obstacle
      },
      report: (error) => this.report(error),
      worked: () => {
        this.#refused = undefined
        this.#workedAtMs = monoMs(this.#options.clock)
      },
      reconnected: async () => this.usable && (await this.isReached()),
    }
  }

  async #tryConnect(): Promise<void> {
    try {
      await this.device.unit.open()
      const identity = await this.device.unit.identity()
      const health = await this.device.unit.health()
      this.#note(identity, health)
      this.#healthyAtMs = monoMs(this.#options.clock)
      if (this.#isForeign(identity) || this.#isObstructed()) return
      const strange = await this.#options.strangeness?.(this.device.unit, health)
      if (strange !== undefined) return this.#out(strange, PROBE_LAST_MS)
      // Last: one of which the journal has signatures was set up, whatever is left of its memory.
      if (this.#isVirgin()) return
      // Only now is it known to be ours: what is written into a unit is written into no other.
      if (this.#options.enrolledSerial() !== undefined) await this.#tested((tse, health) => tse.prepare(health))
      const suspicion = this.#suspicion()
      if (suspicion !== undefined) return this.#out(suspicion, PROBE_LAST_MS)
      await this.#proveSignature()
      // That took its time: it may have been retired meanwhile.
      if (this.#isForeign(identity)) return
      this.#probeMs = PROBE_FIRST_MS
      this.#change('ready', undefined)
      this.#schedule(HEALTH_EVERY_MS)
    } catch (error) {
      this.#notSeen(error)
      this.#probeMs = Math.min(this.#probeMs * 2, PROBE_LAST_MS)
    }
  }

  /** Another one than the shop's, or one that was taken out of use. */
  #isForeign({ serial }: DeviceIdentity): boolean {
    const enrolled = this.#options.enrolledSerial() ?? serial
    const isRetired = this.#options.isRetired?.(serial) === true
    if (!isRetired && enrolled === serial) return false
    const why = isRetired ? 'which was retired' : `enrolled is ${enrolled}`
    const code = isRetired ? 'retired' : 'foreign'
    this.#out({ code, message: `The device has serial ${serial}, ${why}.` }, PROBE_LAST_MS)
    return true
  }

  /** A TSE that was never set up has no PINs, clients or time: whoever is told so first need not guess which of them it lacks. */
  #isVirgin(): boolean {
    if (this.tseHealth?.initialised !== false) return false
    this.#out({ code: 'not_initialised', message: 'The TSE was never set up.' })
    return true
  }

  /** A card that answers and does not sign is out all the same: only a signature ends its outage. */
  async #proveSignature(): Promise<void> {
    const { unit } = this.device
    if (unit.kind === 'signature-card' && isOut(this.#told)) await unit.sign(PROOF)
  }

  #note(identity: DeviceIdentity, health: DeviceHealth): void {
    this.#known = { kind: this.device.unit.kind, identity, health } as Known
    if (this.tseHealth === undefined) return
    this.#options.time?.certified(this.asTse?.identity?.certificates ?? [])
    const { signaturesLeft, memoryUsedPercent } = this.tseHealth
    this.forecast.note({ atMs: this.#options.clock.now(), signaturesLeft, memoryUsedPercent })
  }

  /** What a unit would not tell before its self-test is asked for after it. */
  async #tested(act: (upkeep: TseUpkeep, health: TseHealth) => Promise<boolean>): Promise<void> {
    const health = this.tseHealth
    if (this.#upkeep === undefined || health === undefined) return
    if (!(await act(this.#upkeep, health))) return
    this.#note(await this.device.unit.identity(), await this.device.unit.health())
  }

  /** It answers, and can do nothing: no paper, an open cover, out of service. Looked at again until it is mended. */
  #isObstructed(): boolean {
    const obstacle = this.#known && obstacleOf(this.#known)
    if (obstacle === undefined) return false
    this.#out(obstacle)
    return true
  }

  /** The line of a printer stays open while another one is plugged into it: it is asked who it is. */
  async #isExchanged(health: DeviceHealth): Promise<boolean> {
    const { unit } = this.device
    const isPrinter = unit.kind === 'fiscal-printer'
    const identity = isPrinter || this.#keepsCertificate() ? await unit.identity() : this.#known?.identity
    if (identity === undefined) return false
    this.#note(identity, health)
    return isPrinter && this.#isForeign(identity)
  }

  /** True once for a TSE that kept it at its connection and has worked since: its first act may have been its self-test. */
  #keepsCertificate(): boolean {
    const isKept = this.asTse?.identity?.certificates.length === 0
    if (!isKept || this.#isAskedAgain || this.#workedAtMs === Number.NEGATIVE_INFINITY) return false
    this.#isAskedAgain = true
    return true
  }

  /** One that is at something long, as a filtered archive is, is not out for it: what it is at tells whether it is well. */
  #notSeen(error: unknown): void {
    if (this.usable && isUnasked(error)) this.#schedule(HEALTH_EVERY_MS)
    else this.#out(asTrouble(error))
  }

  /** It cannot be used: whether ours is away or this is not ours, it is looked at again. */
  #out(trouble: Trouble, delayMs?: number): void {
    this.#change(isOfAnother(trouble.code) ? 'foreign' : 'down', trouble)
    this.#schedule(delayMs ?? this.#nextProbeMs())
  }

  #nextProbeMs(): number {
    const { probeDelayMs, clock } = this.#options
    return probeDelayMs?.(clock.now() - this.#sinceMs) ?? this.#probeMs
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer?.()
    if (this.#stopped) return
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      if (this.usable) void this.#checkHealth()
      else void this.connect()
    })
  }

  async #checkHealth(): Promise<void> {
    const nowMs = monoMs(this.#options.clock)
    const isWorking = this.idleMs < WORKING_MS && nowMs - this.#healthyAtMs < HEALTH_LATEST_MS
    if (isWorking && this.device.unit.kind === 'fiscal-printer') return this.#schedule(WORKING_MS)
    this.#healthyAtMs = nowMs
    try {
      const health = await this.device.unit.health()
      if ((await this.#isExchanged(health)) || this.#isObstructed()) return
      if (this.#options.enrolledSerial() !== undefined)
        await this.#tested((tse, seen) => tse.maintain(seen, this.idleMs, this.device.load().waiting))
      this.#schedule(HEALTH_EVERY_MS)
    } catch (error) {
      return this.#notSeen(error)
    }
    if (!this.#stopped) this.#options.onHealthy()
  }

  #change(state: DeviceState, reason: Trouble | undefined): void {
    if (this.#stopped) return
    this.#reason = reason && { code: reason.code, message: reason.message }
    const nowMs = this.#options.clock.now()
    // Found by a clock that was not set yet: it counts, and is told, from when it is.
    const isSetSince = isOut(state) && this.#sinceMs < PLAUSIBLE_MS && nowMs >= PLAUSIBLE_MS
    if (state === this.#told && !isSetSince) return
    // Another device in the place of one that is out ends no outage.
    const isOutStill = isOut(this.#told) && isOut(state) && !isSetSince
    this.#told = state
    this.#current = state
    if (!isOutStill) this.#sinceMs = nowMs
    this.#options.onChange({ state, code: reason?.code, message: reason?.message })
  }
}
