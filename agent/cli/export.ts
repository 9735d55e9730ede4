import { Command, InvalidArgumentError } from 'commander'
import { parseRfc3339, rfc3339 } from '../clock.ts'
import type { Technician } from './admin-client.ts'
import { fileToWrite } from './file-to-write.ts'
import type { Common } from './options.ts'
import { configOption, jsonOption } from './options.ts'
import { asTechnician } from './technician.ts'
import { printJson, printMembers } from './terminal.ts'

type Options = Common & { from: string; to: string; out: string; register?: string }

export function exportCommand(): Command {
  return new Command('export')
    .description('writes an archive for an auditor into one file')
    .addCommand(exportOf('dsfinvk', 'the closings of German registers (DSFinV-K), checked'))
    .addCommand(exportOf('tse_tar', 'the signed logs of a TSE (TR-03151 archive)'))
    .addCommand(exportOf('dep7', 'the signed receipts of a register (Datenerfassungsprotokoll, § 7 RKSV)'))
    .addCommand(exportOf('dep131', 'all that was done at an Austrian register (CSV, § 131b BAO)'))
    .addCommand(exportOf('rksv_crypto', "AES key and certificates for the ministry's checking tool: secret, mode 0600"))
    .addCommand(exportOf('journal', 'the journal with its hashes and checkpoint (.ndjson)'))
}

/** 9999-12-31T23:59:59.999Z: a year has four digits (RFC 3339 §1). */
const LAST_MS = 253_402_300_799_999

type FileType = Parameters<Technician['exportTo']>[0]

function exportOf(type: FileType, description: string): Command {
  return rangeOptions(
    new Command(type).description(description).requiredOption('--out <file>', 'where to write', fileToWrite),
  )
    .option('--register <id>', 'only of that register; needed where several fit')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const { from, to, register } = options
      const range = {
        from,
        to: type === 'dsfinvk' ? justAfter(to) : to,
        ...(register === undefined ? {} : { registerId: register }),
      }
      const answer = await asTechnician(options.config, (technician) => technician.exportTo(type, range, options.out))
      if (options.json) printJson(answer)
      else printMembers(answer)
    })
}

/** `--from` and `--to` of all that is exported. */
export function rangeOptions(command: Command): Command {
  return command
    .option('--from <time>', 'RFC 3339, or a date (UTC)', startOf, '1970-01-01T00:00:00Z')
    .option('--to <time>', 'RFC 3339, or a date (UTC), inclusive', endOf, '9999-12-31T23:59:59Z')
}

function startOf(text: string): string {
  return moment(text, 'T00:00:00.000Z')
}

function endOf(text: string): string {
  return moment(text, 'T23:59:59.999Z')
}

/** Closings are taken from a moment to before another one. */
export function justAfter(time: string): string {
  return rfc3339(Math.min((parseRfc3339(time) ?? 0) + 1, LAST_MS))
}

function moment(text: string, timeOfDay: string): string {
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? text + timeOfDay : text
  if (parseRfc3339(full) === undefined) throw new InvalidArgumentError('A date or an RFC 3339 time is wanted.')
  return full
}
