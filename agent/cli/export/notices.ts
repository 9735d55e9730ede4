import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Command } from 'commander'
import { writeDurably } from '../../../base/durable-file.ts'
import { sha256 } from '../../../base/sha256.ts'
import { XmlError } from '../../../base/xml.ts'
import type { LawNotices, OfferedNotices, OtherNotice, PlaceNotice } from '../../laws/notices.ts'
import { makeFolder } from '../../state/state-directory.ts'
import type { Common } from '../arguments/options.ts'
import { configOption, jsonOption, UsageError } from '../arguments/options.ts'
import { asTechnician } from '../daemon/technician.ts'
import { print, printJson } from '../terminal/output.ts'

type Options = Common & { out: string; location?: string; with: string[]; trial?: true }

type Written = Pick<PlaceNotice, 'location_id' | 'list' | 'systems' | 'duty_id'> & {
  readonly xml: string
  readonly sheet: string
  readonly sha256: string
}

const OTHER_BYTES_MAX = 1 << 20
const TRIAL = 'TRIAL-'

/** The notices of a law as files of a folder: a file for the portal and a sheet for each place. */
export function exportNotices({ type, description, join: joinFiles }: OfferedNotices): Command {
  return new Command(type)
    .description(description)
    .requiredOption('--out <folder>', 'the folder to write')
    .option('--location <id>', 'only of that location')
    .option('--with <file>', 'add the systems of another agent at the same location', collected, [])
    .option('--trial', 'with units that are not certified, as TRIAL- files; it makes no duty')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const { out, location, trial = false } = options
      const others = await othersOf(options)
      const { notices, missing } = await asTechnician(options.config, (technician) =>
        technician.notices(location, trial),
      )
      makeFolder(out)
      const written: Written[] = []
      for (const notice of notices) {
        const { xml, sheet, systems } = await joinedOr(() => joinFiles(notice, others))
        const path = (ending: string): string => join(out, `${trial ? TRIAL : ''}${notice.location_id}.${ending}`)
        await writeDurably(path('txt'), [sheet], 0o600)
        await writeDurably(path('xml'), [xml], 0o600)
        const { location_id, list, duty_id } = notice
        const sum = sha256(xml).toString('hex')
        written.push({ location_id, xml: path('xml'), sheet: path('txt'), sha256: sum, list, systems, duty_id })
      }
      if (missing.length > 0) process.exitCode = 1
      if (options.json) return printJson({ written, missing })
      show(written, missing)
    })
}

function collected(file: string, files: string[]): string[] {
  return [...files, file]
}

/** Throws UsageError. */
async function othersOf({ location, with: files, trial }: Options): Promise<OtherNotice[]> {
  if (files.length > 0 && location === undefined)
    throw new UsageError('--with adds to the notice of one location: name it with --location.')
  const others: OtherNotice[] = []
  for (const file of files) {
    const name = basename(file)
    if (name.startsWith(TRIAL) && trial !== true)
      throw new UsageError(`${file} is a trial: export it without --trial there.`)
    // A pipe or device has no size before it is read.
    const bytes = await buffer(createReadStream(file, { end: OTHER_BYTES_MAX }))
    if (bytes.length > OTHER_BYTES_MAX)
      throw new UsageError(`${file} is larger than 1 MiB: name the file of one location.`)
    others.push({ name, bytes })
  }
  return others
}

async function joinedOr<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof XmlError) throw new UsageError(`${error.message}. Name a file that this command wrote.`)
    throw error
  }
}

function show(written: readonly Written[], missing: LawNotices['missing']): void {
  if (written.length === 0 && missing.length === 0) print('No location has a till to be reported.')
  for (const { location_id, xml, sheet, systems, duty_id } of written) {
    print(`${location_id}: ${systems} systems in ${xml}, all fields in ${sheet}`)
    if (duty_id !== null) print(`  When it is sent: fiskal-edge duty confirm ${duty_id}`)
  }
  for (const { location_id, register_id, device_id, field, how } of missing)
    print(
      `${location_id} is not written. Missing: ${[register_id, device_id, field].filter(Boolean).join(' ')}. ${how}`,
    )
}
