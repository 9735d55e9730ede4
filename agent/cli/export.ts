import { Command } from 'commander'
import { takeLowestPriority } from '../../base/lowest-priority.ts'
import { visible } from '../../base/text.ts'
import type { Members } from '../journal/events.ts'
import type { Verdict } from '../laws/verify-rules.ts'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption } from './arguments/options.ts'
import { rangeOptions } from './arguments/range.ts'
import type { Technician } from './daemon/admin-client.ts'
import { asTechnician } from './daemon/technician.ts'
import { fileToWrite } from './files/file-to-write.ts'
import { print, printJson, printMembers } from './terminal/output.ts'

type Options = Common & { from: string; to: string; out: string; register?: string }

export function exportCommand(): Command {
  return new Command('export')
    .description('writes an archive for an auditor into one file')
    .addCommand(exportOf('dsfinvk', 'the closings of German registers (DSFinV-K), checked'))
    .addCommand(exportOf('tse_tar', 'the signed logs of a TSE (TR-03151 archive)'))
    .addCommand(exportOf('dep7', 'the signed receipts of a register (Datenerfassungsprotokoll, § 7 RKSV), checked'))
    .addCommand(exportOf('dep131', 'all that was done at an Austrian register (CSV, § 131b BAO)'))
    .addCommand(exportOf('rksv_crypto', "AES key and certificates for the ministry's checking tool: secret, mode 0600"))
    .addCommand(exportOf('journal', 'the journal with its hashes and checkpoint (.ndjson)'))
}

type FileType = Parameters<Technician['exportTo']>[0]

function exportOf(type: FileType, description: string): Command {
  const command = rangeOptions(
    new Command(type).description(description).requiredOption('--out <file>', 'the file to write', fileToWrite),
  )
  // Its chain goes through the events of all registers.
  if (type !== 'journal') command.option('--register <id>', 'only of that register; needed where several fit')
  return command
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const { from, to, register } = options
      const range = { from, to, ...(register !== undefined && { registerId: register }) }
      const answer = (await asTechnician(options.config, (technician) =>
        technician.exportTo(type, range, options.out),
      )) as Members
      const check = type === 'dep7' ? await checkOf(options.out, answer['partial'] === true) : undefined
      if (check?.valid === false || answer['unread'] !== undefined) process.exitCode = 1
      if (options.json) return printJson({ ...answer, ...check })
      const { findings = [], codes: _, ...counts } = check ?? {}
      printMembers({ ...answer, ...counts })
      for (const finding of findings) print(`    ${visible(finding)}`)
    })
}

type Check = Pick<Verdict, 'valid' | 'summary' | 'findings' | 'codes'>

/** As `verify` of it says: form, chain and every signature by the certificates that the journal enrolled. Not in the agent: tills come first. */
async function checkOf(file: string, partial: boolean): Promise<Check> {
  takeLowestPriority()
  const { verify } = await import('./verify.ts')
  const [verdict] = await verify(file, { partial })
  const { valid = false, summary = '', findings = [], codes = [] } = verdict ?? {}
  return { valid, summary, findings, codes }
}
