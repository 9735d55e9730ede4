import type { Boot } from '../../agent/process/clock-steps.ts'
import { afterPatiently } from '../patient-clock.ts'
import type { Bench } from './bench.ts'
import { CalendarClock } from './calendar-clock.ts'

/** An operating system and its clock: it steps, the machine is suspended, and boots again. */
export class SteppingMachine extends CalendarClock implements Boot {
  #boots = 1
  #suspendedMs = 0

  get id(): string {
    return `boot-${this.#boots}`
  }

  uptimeMs(): number {
    return Number(this.mono() / 1_000_000n) + this.#suspendedMs
  }

  override after(delayMs: number, act: () => void): () => void {
    return afterPatiently(delayMs, act)
  }

  step(ms: number): void {
    this.jump(new Date(this.now() + ms).toISOString())
  }

  /** The monotonic clock stops during the suspend. */
  suspend(ms: number): void {
    this.#suspendedMs += ms
    this.step(ms)
  }

  reboot(): void {
    this.#boots++
  }
}

export type StepFacts = { from: string; to: string; by_ms: number }

/** The steps in the journal, oldest first. */
export function stepsIn(bench: Bench): StepFacts[] {
  return bench
    .journal()
    .filter(({ kind }) => kind === 'clock.stepped')
    .map(({ body }) => JSON.parse(body).facts as StepFacts)
}

/** Their sizes in seconds: the clock itself runs on while a test sets it. */
export function stepSizes(bench: Bench): number[] {
  return stepsIn(bench).map(({ by_ms: byMs }) => Math.round(byMs / 1000))
}

/** `clock_skew_ms` of the only device. */
export function skewOf(bench: Bench): unknown {
  const [device] = bench.agent.application.devices()
  return (device?.['health'] as { clock_skew_ms?: unknown } | undefined)?.clock_skew_ms
}
