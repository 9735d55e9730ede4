import type { Clock } from '../../base/clock.ts'
import { every, rfc3339 } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { STEPPED } from '../journal/event-table.ts'
import type { NewEvent } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import type { ClockStep, StepWatch } from '../process/clock-steps.ts'
import { STEP_MS } from '../process/clock-steps.ts'
import type { ClockOffset } from '../state/clock-offset.ts'
import { keepClockOffset, readClockOffset } from '../state/clock-offset.ts'
import type { DeviceSupervisor } from './supervisor.ts'

export type StepRecorderOptions = {
  journal: Journal
  devices: ReadonlyMap<string, DeviceSupervisor>
  steps: StepWatch
  stateDirectory: string
  clock: Clock
  log: Log
  onError: (error: unknown) => void
}

const LOOK_MS = 500

/** Journals each step of the wall clock, those between two starts too. */
export class StepRecorder {
  readonly #options: StepRecorderOptions
  #recording: Promise<void> = Promise.resolve()
  /** Steps that are not durable. */
  #unrecorded = 0
  #stop = (): void => undefined

  constructor(options: StepRecorderOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { steps, clock } = this.#options
    steps.onParted(() => this.#parted())
    steps.compareClocks()
    const seen = steps.take()
    const missed = this.#missed()
    // It holds those that were seen while the journal was opened.
    if (missed !== undefined) steps.note(missed)
    this.#record(missed === undefined ? seen : steps.take())
    await this.#recording
    this.#stop = every(clock, LOOK_MS, () => steps.compareClocks())
  }

  async stop(): Promise<void> {
    this.#stop()
    await this.#recording
  }

  #parted(): void {
    for (const device of this.#options.devices.values()) device.reported.forgetSkew()
    this.#record(this.#options.steps.take())
  }

  /** Kept only once the steps are durable: after a crash the next start finds them again. */
  #record(steps: readonly ClockStep[]): void {
    const { journal, log, onError } = this.#options
    for (const { fromMs, toMs } of steps) log.warn({ ms: toMs - fromMs }, 'the clock of this machine stepped')
    this.#unrecorded += steps.length
    const recorded = steps.length === 0 ? Promise.resolve() : journal.record(() => steps.map(stepEvent))
    const storing = recorded.then(() => {
      this.#unrecorded -= steps.length
      this.#keep()
    })
    this.#recording = Promise.all([this.#recording, storing.catch(onError)]).then(() => undefined)
  }

  #keep(): void {
    const { stateDirectory, steps } = this.#options
    // A step that came since then is journalled after its own event.
    steps.compareClocks()
    if (this.#unrecorded > 0) return
    const [storedOffset, now] = [readClockOffset(stateDirectory), this.#offset()]
    if (
      now === undefined ||
      (storedOffset?.boot === now.boot && Math.abs(storedOffset.offsetMs - now.offsetMs) <= STEP_MS)
    )
      return
    keepClockOffset(stateDirectory, now)
  }

  /** A step since the last start: by its size within one boot; after a reboot only a step back shows. */
  #missed(): ClockStep | undefined {
    const { journal, stateDirectory, clock } = this.#options
    const toMs = clock.now()
    const [storedOffset, now] = [readClockOffset(stateDirectory), this.#offset()]
    const isSameBoot = now !== undefined && storedOffset?.boot === now.boot && storedOffset.uptimeMs <= now.uptimeMs
    const fromMs = isSameBoot ? toMs - (now.offsetMs - storedOffset.offsetMs) : journal.clockWatch.newestMs
    const stepMs = toMs - (fromMs ?? toMs)
    return (isSameBoot ? Math.abs(stepMs) : -stepMs) > STEP_MS ? { fromMs: toMs - stepMs, toMs } : undefined
  }

  #offset(): ClockOffset | undefined {
    const { clock, steps } = this.#options
    const { id: boot } = steps.boot
    const uptimeMs = steps.boot.uptimeMs()
    return boot === undefined ? undefined : { boot, offsetMs: clock.now() - uptimeMs, uptimeMs }
  }
}

function stepEvent({ fromMs, toMs }: ClockStep): NewEvent {
  const facts = { from: rfc3339(fromMs), to: rfc3339(toMs), by_ms: toMs - fromMs }
  return { ...STEPPED, body: { facts } }
}
