import type { Clock } from '../base/clock.ts'
import { isForTests } from './recording/test-unit.ts'
import { UnitTime } from './unit-time.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * The time of a unit that is proven. Test units live for months: one whose certificate has ended gets the present time
 * of day on the last day inside of its certificate. For every other unit it is the usual gate.
 */
export class TestTime extends UnitTime {
  readonly #clock: Clock
  readonly #earlier: { ms: number }

  constructor(clock: Clock) {
    const earlier = { ms: 0 }
    super({
      now: () => clock.now() - earlier.ms,
      mono: () => clock.mono(),
      after: (ms, act) => clock.after(ms, act),
    })
    this.#clock = clock
    this.#earlier = earlier
  }

  override certified(certificates: readonly Uint8Array[], endsAtMs: number): void {
    const [own] = certificates
    const lateMs = this.#clock.now() - (endsAtMs - HOUR_MS)
    if (own !== undefined && endsAtMs > 0 && lateMs > 0 && isForTests(own))
      this.#earlier.ms = Math.ceil(lateMs / DAY_MS) * DAY_MS
    super.certified(certificates, endsAtMs)
  }

  /** A time inside the certificate may be before any that a shop's clock can have. */
  override suspicion(): string | undefined {
    return this.#earlier.ms > 0 ? undefined : super.suspicion()
  }
}
