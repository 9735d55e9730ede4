import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { rfc3339 } from '../../../base/clock.ts'
import { CodedError } from '../../../base/thrown.ts'
import { packageVersion } from '../../../base/version.ts'
import { makeDevice } from '../../../drivers/catalog.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { Dialect } from '../../../drivers/recording/dialect.ts'
import type { Look } from '../../../drivers/recording/look.ts'
import type { RecordingHead } from '../../../drivers/recording/recording.ts'
import { isUnanswered, Recording } from '../../../drivers/recording/recording.ts'
import { TestTime } from '../../../drivers/test-time.ts'
import type { Outside } from '../../backup/format.ts'
import type { DeviceConfig } from '../../config/config.ts'
import type { Credentials } from '../../config/credentials.ts'
import type { Lock } from '../../journal/disk/lock.ts'
import { acquireLock } from '../../journal/disk/lock.ts'
import { makeFolder, openStateDirectory } from '../../state/state-directory.ts'
import { BrokenOffError } from '../terminal/broken-off.ts'
import type { LookResult } from './look-within.ts'
import { lookWithin } from './look-within.ts'
import { lookContext, testContext } from './prove-context.ts'
import { demandTestable, demandUnbroken, signWith } from './prove-signing.ts'
import type { RecordingFile } from './recording-file.ts'

export type ProvingParts = {
  device: DeviceConfig
  dialect: Dialect
  file: RecordingFile
  head: Pick<RecordingHead, 'model' | 'by'>
  clock: Clock
  stop: AbortSignal
  show: (words: string) => void
  /** Writes as the user who started the command. */
  outside: Outside
  /** Signs or prints too. */
  test: TestParts | undefined
}

type TestParts = { state: string; credentials: Credentials }

export type Proven = { level: RecordingHead['level']; unanswered: number; ended: string | undefined }

/** One run of `device prove`: a look, then what `--test-unit` adds, and the file of both. */
export class Proving {
  readonly #parts: ProvingParts
  readonly #recording: Recording
  readonly #time: string
  #unanswered = 0
  #ended: string | undefined

  constructor(parts: ProvingParts) {
    this.#parts = parts
    this.#recording = new Recording(parts.dialect, parts.clock)
    this.#time = rfc3339(parts.clock.now())
  }

  /** Throws for a run that leaves no file. */
  async run(): Promise<Proven> {
    const { test } = this.#parts
    const lock = test && lockOf(test.state)
    try {
      const look = await this.#look()
      demandUnbroken(this.#parts.stop)
      if (look.kind === 'ended') this.#ended = look.reason
      if (look.kind === 'signature_card' && look.refusal !== undefined)
        throw new CodedError(
          'not_recorded',
          `Nothing was written: ${look.refusal}, and its certificate names its owner.`,
        )
      this.#demandNoSecret()
      const isLook = test === undefined || look.kind === 'ended'
      if (isLook) await this.#keep(look)
      else await this.#test(look, test)
      return { level: isLook ? 'look' : 'test unit', unanswered: this.#unanswered, ended: this.#ended }
    } finally {
      lock?.release()
    }
  }

  async #look(): Promise<LookResult> {
    const { device, clock, stop } = this.#parts
    const folder = mkdtempSync(join(tmpdir(), 'fiskal-edge-prove-'))
    try {
      return await lookWithin(device, lookContext(clock, this.#recording, folder), this.#say, stop)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  async #keep(look: LookResult): Promise<void> {
    const { file, outside } = this.#parts
    let text = ''
    this.#recording.passTo(this.#head('look', look), (part) => {
      text += part
    })
    this.#recording.end()
    await outside(async () => file.begin(text))
    file.end()
  }

  async #test(look: Look, { state, credentials }: TestParts): Promise<void> {
    const { device, clock, file, stop, outside } = this.#parts
    const confirmed = await demandTestable(look)
    demandUnbroken(stop)
    const time = new TestTime(clock)
    const parts = {
      clock,
      recording: this.#recording,
      state: openStateDirectory(state, randomBytes),
      credentials,
      time,
    }
    const { unit } = await makeDevice(device, testContext(parts))
    await this.#begin(look)
    this.#recording.allowEffects()
    try {
      await signWith(unit, { time, nowMs: clock.now(), say: this.#say, stop, confirmed })
      if (stop.aborted) this.#endWith('a signal stopped it')
    } catch (error) {
      if (error instanceof BrokenOffError) await outside(async () => file.discard())
      if (!(error instanceof DeviceError)) throw error
      this.#endWith(error.message)
    } finally {
      await unit.close()
    }
    this.#recording.end()
    if (this.#recording.hasSecret) await outside(async () => file.discard())
    this.#demandNoSecret()
    file.end()
  }

  /** The file is durable before the first effect, and each line of it is written when it is recorded. */
  #begin(look: Look): Promise<void> {
    const { file, outside } = this.#parts
    let isBegun = false
    return outside(async () => {
      this.#recording.passTo(this.#head('test unit', look), (part) => {
        if (isBegun) return file.append(part)
        isBegun = true
        file.begin(part)
      })
    })
  }

  #endWith(reason: string): void {
    this.#ended = reason
    this.#say(`ended: ${reason}`)
  }

  #head(level: RecordingHead['level'], look: LookResult): RecordingHead {
    const { device, head } = this.#parts
    const { firmware = 'unknown' } = look.kind === 'ended' ? {} : look
    const { driver } = device
    return { level, driver, from: 'device', firmware, time: this.#time, program: packageVersion(), ...head }
  }

  #demandNoSecret(): void {
    if (this.#recording.hasSecret)
      throw new CodedError('secret_recorded', 'The recording would have a secret of the device in it: it was not kept.')
  }

  readonly #say = (words: string): void => {
    this.#recording.say(words)
    if (isUnanswered(words)) this.#unanswered += 1
    this.#parts.show(words)
  }
}

/** No agent may begin to use the unit. */
function lockOf(state: string): Lock {
  makeFolder(state)
  return acquireLock(state)
}
