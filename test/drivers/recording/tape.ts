import type { Dialect } from '../../../drivers/recording/dialect.ts'
import { Recording } from '../../../drivers/recording/recording.ts'
import { patientClock } from '../../patient-clock.ts'
import { Player } from '../../recorded/player.ts'
import type { RecordedLine } from '../../recorded/recording-text.ts'
import { readRecording } from '../../recorded/recording-text.ts'

const HEAD = {
  driver: 'any',
  from: 'device',
  firmware: '',
  time: '2026-11-29T12:00:00.000Z',
  program: '1.0.0',
} as const

/** A recording in memory, and its player. */
export class Tape {
  readonly recorder: Recording
  readonly #dialect: Dialect
  readonly #level: 'look' | 'test unit'
  #lines: readonly RecordedLine[] | undefined

  constructor(dialect: Dialect, level: 'look' | 'test unit') {
    this.#dialect = dialect
    this.#level = level
    this.recorder = new Recording(dialect, patientClock)
    if (level === 'test unit') this.recorder.allowEffects()
  }

  /** Ends it. */
  get lines(): readonly RecordedLine[] {
    if (this.#lines !== undefined) return this.#lines
    let text = ''
    this.recorder.passTo({ level: this.#level, ...HEAD }, (part) => {
      text += part
    })
    this.recorder.end()
    this.#lines = readRecording(text).lines
    return this.#lines
  }

  get signs(): string {
    return this.lines.map(({ sign }) => sign).join('')
  }

  player(): Player {
    return new Player(this.#dialect, this.lines)
  }
}
