import { randomBytes } from 'node:crypto'
import { Command, Option } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { takeLowestPriority } from '../../base/lowest-priority.ts'
import { readConfig } from '../agent-config.ts'
import { describeBooks } from '../journal/books/findings.ts'
import { openItemsText } from '../journal/books/open-items.ts'
import type { JournalReport } from '../journal/verify/journal.ts'
import { restoreCodes, restoreTexts } from '../journal/verify/restore-texts.ts'
import type { SuspectSpan } from '../journal/verify/suspect-spans.ts'
import { suspectTexts } from '../journal/verify/suspect-spans.ts'
import { LAW_BOOKS } from '../laws/law-books.ts'
import type { Common } from './arguments/options.ts'
import { commonCommand, configOption, count, jsonOption, yesOption } from './arguments/options.ts'
import { showWitness } from './checks/shown-finding.ts'
import { asTechnician } from './daemon/technician.ts'
import { checkCommand } from './journal/check.ts'
import type { PrintedHead } from './journal/printed-head.ts'
import { printedFinding, printedHead } from './journal/printed-head.ts'
import { targetSecrets, witnessFindings } from './journal/witnesses.ts'
import { becomeOwner, enterState } from './owner/owner.ts'
import { confirm } from './terminal/confirmation.ts'
import { inSnakeCase, print, printJson, printMembers, styled } from './terminal/output.ts'

export function journalCommand(): Command {
  return new Command('journal')
    .description('the hash-chained journal')
    .addCommand(verifyCommand())
    .addCommand(checkCommand())
    .addCommand(tailCommand())
    .addCommand(rebuildCommand())
    .addCommand(sealCommand())
    .addCommand(reopenCommand())
    .addCommand(epochCommand())
}

function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'recompute chain, seals and projections, name the first bad seq and events with a wrong clock, and compare them with the sync targets and devices of the running agent',
    )
    .option('--from <seq>', 'begin there', count)
    .option(
      '--require-witness',
      'exit 1 unless a receiver or stream vouches for all events older than 15 minutes, and for at least one',
    )
    .addOption(
      new Option('--head <seq:hex16>', 'compare with "Journal SEQ:HEX16" of a Z report or an audit report on paper')
        .argParser(printedHead)
        .conflicts('from'),
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Common & { from?: number; requireWitness?: true; head?: PrintedHead }) => {
      takeLowestPriority()
      const { verifyJournal } = await import('../journal/verify/journal.ts')
      const { config } = readConfig(options.config)
      const secrets = targetSecrets(config)
      becomeOwner(config)
      const { withReadableState } = await import('../journal/read-only-disk.ts')
      const range = options.from === undefined ? {} : { from: options.from }
      const { report, witnesses } = await withReadableState(config.state, async (readable) => ({
        report: await verifyJournal(readable, { laws: LAW_BOOKS, ...range }),
        witnesses: [
          ...(options.head === undefined ? [] : [printedFinding(readable, options.head)]),
          ...(await witnessFindings(config, secrets, readable, options.requireWitness === true)),
        ],
      }))
      const valid = report.valid && witnesses.every(({ state }) => state !== 'failure')
      if (!valid) process.exitCode = 1
      const { suspect, suspectCount: _count, restores, codes, ...told } = report
      const all = [...codes, ...suspect.map(suspectCode), ...restoreCodes(restores)]
      if (options.json) return printJson({ ...(inSnakeCase(told) as object), valid, codes: all, witnesses })
      showReport(report)
      for (const witness of witnesses) showWitness(witness)
    })
}

function showReport({ suspect, suspectCount, ...report }: JournalReport): void {
  const mark = report.valid ? styled('green', '✔') : styled('red', '✖')
  print(`${mark} ${report.events} events, seq ${report.firstSeq} to ${report.lastSeq}, head ${report.head}`)
  print(
    `  ${report.checkpoints} checkpoints, ${report.seals} seals, projections ${report.projections.replace('_', ' ')}, books ${report.books.replace('_', ' ')}`,
  )
  if (report.firstBadSeq !== undefined) print(`  first bad seq ${report.firstBadSeq}`)
  for (const items of report.open) print(`  ${openItemsText(items)}`)
  for (const finding of report.findings) print(`    ${findingText(finding)}`)
  for (const note of report.notes) print(`${styled('yellow', '!')} ${findingText(note)}`)
  for (const code of report.codes)
    if ('facts' in code && code.level === 'note')
      print(`${styled('yellow', '!')} ${describeBooks(code, 'en', LAW_BOOKS)}`)
  for (const text of restoreTexts(report.restores)) print(`${styled('yellow', '!')} ${text}`)
  for (const text of suspectTexts({ list: suspect, count: suspectCount })) print(`  ${text}`)
}

function suspectCode({ isAhead, fromSeq, toSeq, from, to, receipts }: SuspectSpan): object {
  const ahead = isAhead && { ahead: true }
  return { code: 'clock_suspect', level: 'note', ...ahead, seq: fromSeq, to_seq: toSeq, from, to, receipts }
}

function findingText({ part, seq, what, code }: JournalReport['findings'][number]): string {
  return `${part}, seq ${seq}: ${what}${code === undefined ? '' : ` (${code})`}`
}

function tailCommand(): Command {
  return new Command('tail')
    .description('the last events, one JSON object a line')
    .option('-n, --lines <count>', 'how many', count, 20)
    .addOption(configOption())
    .action(async (options: Common & { lines: number }) => {
      const { lastEvents } = await import('../journal/reader.ts')
      const { state } = enterState(options.config)
      const { withReadableState } = await import('../journal/read-only-disk.ts')
      await withReadableState(state, async (readable) => {
        for (const event of lastEvents(readable, options.lines)) print(JSON.stringify(event))
      })
    })
}

function rebuildCommand(): Command {
  return commonCommand('rebuild', 'drop all projections and rebuild them from the events; stop the agent first').action(
    async (options: Common) => {
      const { rebuildProjections } = await import('../journal/rebuild.ts')
      const { state } = enterState(options.config)
      const answer = await rebuildProjections(state)
      if (options.json) printJson(answer)
      else printMembers(answer)
    },
  )
}

function reopenCommand(): Command {
  return new Command('reopen')
    .description(
      'continue with a journal that was moved and never restored elsewhere, whose checkpoint.key is lost, or whose newest events carry no valid checkpoint (journal_unsigned): that stays in the journal',
    )
    .addOption(configOption())
    .action(async (options: Common) => {
      const { reopenJournal } = await import('../backup/hand-over.ts')
      const { machineNumbers } = await import('../state/machine-numbers.ts')
      const { state } = enterState(options.config)
      const random = (length: number): Uint8Array => randomBytes(length)
      const parts = { stateDirectory: state, clock: systemClock, random, fault: () => undefined, machineNumbers }
      const { wasMoved, unsigned } = await reopenJournal(parts)
      print('The journal continues here, in a new epoch.')
      if (wasMoved) print('Destroy the backup that was made to move.')
      if (unsigned !== undefined)
        print('It records permanently that its newest events had no valid checkpoint: inform the bookkeeper.')
    })
}

/** The new epoch is permanent in the journal, and every auditor will ask for the reason. */
const NEEDLESS_EPOCH =
  'No running target reports that our epoch is taken (stale_epoch; fiskal-edge sync status). A new one fixes nothing else, cannot be ' +
  'taken back, and every receiver closes the chain before it.'

function saysStale(target: unknown): boolean {
  return (target as { last_error?: { code?: unknown } | null }).last_error?.code === 'stale_epoch'
}

function epochCommand(): Command {
  return new Command('epoch')
    .description(
      'end the chain of the journal and begin the next, if a target reports that ours is taken (stale_epoch)',
    )
    .option(
      '--above <epoch>',
      'the epoch that the receiver has; nothing is begun if this journal is already above it',
      count,
      0,
    )
    .addOption(yesOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Common & { above: number; yes?: true }) => {
      const targets = await asTechnician(options.config, (technician) => technician.syncStatus())
      if (options.yes !== true && !targets.some(saysStale)) await confirm(NEEDLESS_EPOCH, 'epoch')
      const answer = await asTechnician(options.config, (technician) => technician.beginEpoch(options.above))
      if (options.json) printJson(answer)
      else printMembers(answer)
    })
}

function sealCommand(): Command {
  return commonCommand('seal', 'copy closed months into read-only segments and anchor them in the chain').action(
    async (options: Common) => {
      const answer = await asTechnician(options.config, (technician) => technician.seal())
      if (options.json) printJson(answer)
      else printMembers(answer)
    },
  )
}
