import type { Clock } from '../../base/clock.ts'
import type { DeviceHealth, DeviceKind } from '../../drivers/ports/device.ts'
import type { TimeGate } from '../../drivers/ports/time-gate.ts'
import type { TseHealth } from '../../drivers/ports/tse.ts'
import type { DeviceIdentity, UnitReport } from './device.ts'
import type { Sample } from './forecast.ts'
import { Forecast } from './forecast.ts'

export type KnownUnitOptions = {
  kind: DeviceKind
  clock: Clock
  /** For a TSE. */
  time: TimeGate | undefined
  /** From before this start, oldest first. */
  pastUse: readonly Sample[]
}

/** The last connection and health check of a device, as it reported them. */
export class KnownUnit {
  readonly #options: KnownUnitOptions
  readonly forecast = new Forecast()
  #lastReport: UnitReport | undefined

  constructor(options: KnownUnitOptions) {
    this.#options = options
    for (const sample of options.pastUse) this.forecast.note(sample)
  }

  /** Undefined before the first connection. */
  get lastReport(): UnitReport | undefined {
    return this.#lastReport
  }

  get tseHealth(): TseHealth | undefined {
    return this.#lastReport?.kind === 'tse' ? this.#lastReport.health : undefined
  }

  get certificateEndsAtMs(): number | undefined {
    const facts = this.#lastReport
    return facts === undefined || facts.kind === 'fiscal_printer' ? undefined : facts.health.certificateExpiresAtMs
  }

  /** The clock of this machine stepped: the deviation of the device's clock is unknown until it is measured again. */
  forgetSkew(): void {
    const facts = this.#lastReport
    if (facts === undefined || facts.kind === 'signature_card') return
    this.#lastReport = { ...facts, health: { ...facts.health, clockSkewMs: undefined } } as UnitReport
  }

  note(identity: DeviceIdentity, health: DeviceHealth): void {
    const { kind, clock, time } = this.#options
    this.#lastReport = { kind, identity, health } as UnitReport
    if (this.#lastReport.kind !== 'tse') return
    const { signaturesLeft, memoryUsedPercent, certificateExpiresAtMs } = this.#lastReport.health
    time?.certified(this.#lastReport.identity.certificates, certificateExpiresAtMs)
    this.forecast.note({ atMs: clock.now(), signaturesLeft, memoryUsedPercent })
  }
}
