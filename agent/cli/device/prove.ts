import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { rfc3339, systemClock } from '../../../base/clock.ts'
import { stopSignal } from '../../../base/stop-signals.ts'
import { CodedError } from '../../../base/thrown.ts'
import { packageVersion } from '../../../base/version.ts'
import { ALL_FAMILIES, makeDevice } from '../../../drivers/catalog.ts'
import { familyOf } from '../../../drivers/device-family.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { Dialect } from '../../../drivers/recording/dialect.ts'
import { lookAt } from '../../../drivers/recording/look.ts'
import type { RecordingHead } from '../../../drivers/recording/recording.ts'
import { isUnanswered, Recording } from '../../../drivers/recording/recording.ts'
import { readConfig } from '../../agent-config.ts'
import type { Outside } from '../../backup/format.ts'
import type { DeviceConfig } from '../../config/config.ts'
import type { Common } from '../arguments/options.ts'
import { UsageError } from '../arguments/options.ts'
import { otherOwner, withRightsOf } from '../owner/owner.ts'
import { BrokenOffError } from '../terminal/broken-off.ts'
import { print, printJson } from '../terminal/output.ts'
import { lookContext } from './prove-context.ts'
import { refuseUsed } from './prove-refusals.ts'
import { RecordingFile } from './recording-file.ts'

export type ProveOptions = Common & { out: string; model?: string; by?: string }

/** One refused piece waits for the longest limit of its driver. */
const LOOK_MS = 180_000
const NOTICE =
  'The file will have the ids of the tills, the sums of the last log and the certificates of the device. Read it before you send it.'

/** Records a device that only answers questions. */
export async function prove({ config: file, json, out, model, by }: ProveOptions, id: string): Promise<void> {
  const { config } = readConfig(file)
  const device = config.devices.find((each) => each.id === id)
  if (device === undefined) throw new UsageError(`the configuration has no device ${id}`)
  const dialect = await familyOf(ALL_FAMILIES, device).dialect?.()
  if (dialect === undefined) throw new UsageError(`${device.driver} is not recorded: it is a unit in software`)
  const recordingFile = new RecordingFile(resolve(out))
  await refuseUsed(config.state, device)
  if (json !== true) print(NOTICE)
  const owner = otherOwner(config.state)
  const head = { driver: device.driver, from: 'device', model, by } as const
  const work = (outside: Outside) => record(device, dialect, recordingFile, { head, outside, isSilent: json === true })
  const result = owner === undefined ? await work((act) => act()) : await withRightsOf(owner, work)
  if (result.lost !== undefined || result.unanswered > 0) process.exitCode = 1
  if (json) return printJson({ file: recordingFile.path, ...result })
  if (result.lost !== undefined) print(`The line was lost: ${result.lost}`)
  print(`Written: ${recordingFile.path}`)
}

type Result = { unanswered: number; lost?: string }
type Run = {
  head: Pick<RecordingHead, 'driver' | 'from' | 'model' | 'by'>
  /** Writes as the user who started the command. */
  outside: Outside
  isSilent: boolean
}

async function record(device: DeviceConfig, dialect: Dialect, file: RecordingFile, run: Run): Promise<Result> {
  const stop = stopSignal()
  const time = rfc3339(systemClock.now())
  const recording = new Recording(dialect, systemClock)
  const result: Result = { unanswered: 0 }
  const say = (words: string): void => {
    recording.say(words)
    if (isUnanswered(words)) result.unanswered += 1
    if (!run.isSilent) print(words)
  }
  const folder = mkdtempSync(join(tmpdir(), 'fiskal-edge-prove-'))
  let firmware: string | undefined
  try {
    const { unit } = await makeDevice(device, lookContext(systemClock, recording, folder))
    // Closing ends the running question.
    const close = (): void => void unit.close()
    stop.addEventListener('abort', close)
    const cancel = systemClock.after(LOOK_MS, close)
    try {
      firmware = (await lookAt(unit, say)).firmware
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      result.lost = error.message
      say(`lost: ${error.message}`)
    } finally {
      cancel()
      await unit.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (stop.aborted) throw new BrokenOffError('Broken off: the device was only asked, and nothing was written.')
  if (recording.hasSecret)
    throw new CodedError('secret_recorded', 'The recording has a secret of the device in it: nothing was written.')
  await run.outside(async () =>
    write(recording, file, {
      level: 'look',
      ...run.head,
      firmware: firmware ?? 'unknown',
      time,
      program: packageVersion(),
    }),
  )
  return result
}

function write(recording: Recording, file: RecordingFile, head: RecordingHead): void {
  let text = ''
  recording.passTo(head, (part) => {
    text += part
  })
  recording.end()
  file.begin(text)
  file.end()
}
