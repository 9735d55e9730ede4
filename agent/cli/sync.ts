import { Command } from 'commander'
import { readConfig } from '../agent-config.ts'
import { DISMISS_REASON_MAX } from '../till/administration.ts'
import type { Common } from './arguments/options.ts'
import { commonCommand, configOption, jsonOption, reasonOption, UsageError } from './arguments/options.ts'
import { asTechnician } from './daemon/technician.ts'
import { print, printJson, printTable } from './terminal/output.ts'

type TargetStatus = {
  target: string
  state: string
  unacked: number
  dismissed: number
  last_error: { code: string } | null
  backup?: { created_at: string; state: string; parts_remaining: number | null } | null
}

export function syncCommand(): Command {
  return new Command('sync')
    .description('the targets that the journal is sent to')
    .addCommand(statusCommand())
    .addCommand(resumeCommand())
    .addCommand(dismissCommand())
}

function statusCommand(): Command {
  return commonCommand('status', 'how far each target is; the agent must run').action(async (options: Common) => {
    const targets = (await asTechnician(options.config, (technician) =>
      technician.syncStatus(),
    )) as unknown as TargetStatus[]
    if (targets.length === 0) demandNone(options.config)
    if (options.json) return printJson(targets)
    if (targets.length === 0) return print('No target is running: "sync" of the configuration names none.')
    printTable(
      ['TARGET', 'STATE', 'WAITING', 'DISMISSED', 'BACKUP', 'LAST ERROR'],
      targets.map(({ target, state, unacked, dismissed, last_error, backup }) => [
        target,
        state,
        String(unacked),
        String(dismissed),
        backupWords(backup),
        last_error?.code ?? '-',
      ]),
    )
  })
}

/** Throws UsageError where the configuration names targets. */
function demandNone(configFile: string | undefined): void {
  if (readConfig(configFile).config.sync.targets.length === 0) return
  throw new UsageError('No target is running: the agent has to run (fiskal-edge run), started since "sync" names them.')
}

function backupWords(backup: TargetStatus['backup']): string {
  if (backup === null || backup === undefined) return '-'
  const { created_at, state, parts_remaining } = backup
  return `${created_at.slice(0, 16)}Z ${state}${state === 'sending' ? `, ${parts_remaining} parts left` : ''}`
}

function resumeCommand(): Command {
  return commonCommand('resume', 'retry a stalled or waiting target now; does not resolve a fork')
    .argument('<target>', 'id of the target in the configuration')
    .action(async (target: string, options: Common) => {
      const answer = await asTechnician(options.config, (technician) => technician.resumeSync(target))
      if (options.json) printJson(answer)
      else print(`${target} is tried again: fiskal-edge sync status shows the progress.`)
    })
}

function dismissCommand(): Command {
  return new Command('dismiss')
    .description(
      'record that the events of ended epochs that a target misses (after a fork) were checked and stay missing: journalled with the ' +
        'evidence, counted apart, nothing deleted',
    )
    .argument('<target>', 'id of the target in the configuration')
    .addOption(reasonOption('the reason, for auditors', DISMISS_REASON_MAX))
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (target: string, options: Common & { reason: string }) => {
      const answer = await asTechnician(options.config, (technician) => technician.dismissSync(target, options.reason))
      if (options.json) return printJson(answer)
      for (const { epoch, events, code } of answer.epochs)
        print(`Epoch ${epoch}: ${events} events dismissed (${code}).`)
      print('They stay in the journal here; export it and keep it with the books.')
    })
}
