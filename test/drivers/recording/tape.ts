import { rfc3339 } from '../../../base/clock.ts'
import type { Dialect } from '../../../drivers/recording/dialect.ts'
import { Recording } from '../../../drivers/recording/recording.ts'
import { patientClock } from '../../patient-clock.ts'
import { Player } from '../../recorded/player.ts'
import type { RecordedLine } from '../../recorded/recording-text.ts'
import { readRecording } from '../../recorded/recording-text.ts'

const HEAD = { from: 'device', firmware: '1.0', program: '1.0.0', model: 'Simulator', by: 'N. N.' } as const

/** A recording in memory, and its player. */
export class Tape {
  readonly recorder: Recording
  readonly #dialect: Dialect
  readonly #driver: string
  readonly #time = rfc3339(patientClock.now())
  #level: 'look' | 'test unit' = 'look'
  #text = ''

  constructor(dialect: Dialect, level: 'look' | 'test unit', driver = 'any') {
    this.#dialect = dialect
    this.#driver = driver
    this.recorder = new Recording(dialect, patientClock)
    if (level === 'test unit') this.allowEffects()
  }

  allowEffects(): void {
    this.#level = 'test unit'
    this.recorder.allowEffects()
  }

  /** Ends it. */
  get text(): string {
    if (this.#text !== '') return this.#text
    this.recorder.passTo({ ...HEAD, level: this.#level, driver: this.#driver, time: this.#time }, (part) => {
      this.#text += part
    })
    this.recorder.end()
    return this.#text
  }

  get lines(): readonly RecordedLine[] {
    return readRecording(this.text).lines
  }

  get signs(): string {
    return this.lines.map(({ sign }) => sign).join('')
  }

  player(): Player {
    return new Player(this.#dialect, this.lines)
  }
}
