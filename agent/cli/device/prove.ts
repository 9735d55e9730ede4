import { resolve } from 'node:path'
import { systemClock } from '../../../base/clock.ts'
import { stopSignal } from '../../../base/stop-signals.ts'
import { ALL_FAMILIES } from '../../../drivers/catalog.ts'
import { familyOf } from '../../../drivers/device-family.ts'
import { readConfig, secretFiles } from '../../agent-config.ts'
import type { Outside } from '../../backup/format.ts'
import type { Common } from '../arguments/options.ts'
import { UsageError } from '../arguments/options.ts'
import { otherOwner, withRightsOf } from '../owner/owner.ts'
import { readSecrets } from '../owner/secrets.ts'
import { print, printJson } from '../terminal/output.ts'
import { refuseUsed } from './prove-refusals.ts'
import { Proving } from './proving.ts'
import { RecordingFile } from './recording-file.ts'

export type ProveOptions = Common & { out: string; testUnit?: true; model?: string; by?: string }

const NOTICE =
  'The file will have the ids of the tills, the sums of the last log and the certificates of the device. Read it before you send it.'

/** Records a device: a look, and with `--test-unit` signatures or a slip. */
export async function prove({ config: name, json, out, testUnit, model, by }: ProveOptions, id: string): Promise<void> {
  const { config } = readConfig(name)
  const device = config.devices.find((each) => each.id === id)
  if (device === undefined) throw new UsageError(`the configuration has no device ${id}`)
  const dialect = await familyOf(ALL_FAMILIES, device).dialect?.()
  if (dialect === undefined) throw new UsageError(`${device.driver} is not recorded: it is a unit in software`)
  const file = new RecordingFile(resolve(out))
  await refuseUsed(config.state, device)
  const show = json === true ? () => undefined : print
  if (json === true) process.stderr.write(`${NOTICE}\n`)
  else print(NOTICE)
  const parts = { device, dialect, file, head: { model, by }, clock: systemClock, stop: stopSignal(), show }
  // The service's user may not read the files of the secrets.
  const credentials = testUnit === true ? readSecrets(secretFiles(config).values()) : undefined
  const test = testUnit === true ? { state: config.state, credentials } : undefined
  const work = (outside: Outside) => new Proving({ ...parts, test, outside }).run()
  const owner = otherOwner(config.state)
  const proven = owner === undefined ? await work((act) => act()) : await withRightsOf(owner, work)
  if (proven.ended !== undefined || proven.unanswered > 0) process.exitCode = 1
  if (json === true) printJson({ file: file.path, ...proven })
  else print(`Written: ${file.path}`)
}
