import { Command } from 'commander'
import { takeLowestPriority } from '../../base/lowest-priority.ts'
import { LAWS } from '../laws/laws.ts'
import type { OfferedExport } from '../laws/offered-export.ts'
import type { Verdict } from '../laws/verify-rules.ts'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption } from './arguments/options.ts'
import { EVER, monthOption, rangeOptions } from './arguments/range.ts'
import { asTechnician } from './daemon/technician.ts'
import { exportNotices } from './export/notices.ts'
import { fileToWrite } from './files/file-to-write.ts'
import { print, printJson, printMembers } from './terminal/output.ts'

type Span = { from: string; to: string }
type Options = Common & Partial<Span> & { month?: Span; out: string; register?: string }

const JOURNAL: OfferedExport = {
  type: 'journal',
  description: 'the journal with its hashes and checkpoint (.ndjson)',
}

export function exportCommand(): Command {
  const command = new Command('export').description('write an archive for an auditor into one file')
  for (const offered of [...LAWS.flatMap(({ exports = [] }) => exports), JOURNAL]) command.addCommand(exportOf(offered))
  for (const { notices } of LAWS) if (notices !== undefined) command.addCommand(exportNotices(notices))
  return command
}

function exportOf({ type, description, isVerified, asks }: OfferedExport): Command {
  const command = new Command(type)
    .description(description)
    .requiredOption('--out <file>', 'the file to write', fileToWrite)
  if (asks === 'month') monthOption(command)
  else if (asks === undefined) rangeOptions(command)
  // The chain contains the events of all registers.
  if (asks === 'register' || (asks === undefined && type !== JOURNAL.type))
    command.option('--register <id>', 'only of that register; needed where several fit')
  return command
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const { from, to } = options.month ?? { ...EVER, ...options }
      const { register } = options
      const range = { from, to, ...(register !== undefined && { registerId: register }) }
      const answer = (await asTechnician(options.config, (technician) =>
        technician.exportTo(type, range, options.out),
      )) as Exported
      const check = isVerified === true ? await checkOf(options.out, answer.partial === true) : undefined
      if (check?.valid === false || answer.unread !== undefined) process.exitCode = 1
      if (options.json) return printJson({ ...answer, ...check })
      const { findings = [], codes: _, ...counts } = check ?? {}
      printMembers({ ...answer, ...counts })
      if (answer.month_over === false) print('The month is not over: run this command again when it is.')
      for (const finding of findings) print(`    ${finding}`)
    })
}

/** `unread`: logs of a TSE that cannot be read were taken from the state directory. */
type Exported = { readonly partial?: boolean; readonly unread?: object; readonly month_over?: boolean }
type Check = Pick<Verdict, 'valid' | 'summary' | 'findings' | 'codes'>

/**
 * The same checks as `verify`: form, chain and every signature by the certificates that the journal enrolled. Not in
 * the agent, whose tills have priority.
 */
async function checkOf(file: string, partial: boolean): Promise<Check> {
  takeLowestPriority()
  const { verify } = await import('./verify.ts')
  const [verdict] = await verify(file, { partial })
  const { valid = false, summary = '', findings = [], codes = [] } = verdict ?? {}
  return { valid, summary, findings, codes }
}
