import { Command, Option } from 'commander'
import { writtenDay } from '../../base/clock.ts'
import type { DutyGround } from '../contract/duty-ground.ts'
import { DUTY_GROUNDS } from '../contract/duty-ground.ts'
import type { Language } from '../contract/receipt.ts'
import type { ShownDuty } from '../till/reading/duty-steps.ts'
import type { ListedDuty } from '../till/reading/listed-duties.ts'
import type { Common } from './arguments/options.ts'
import { commonCommand, configOption, jsonOption } from './arguments/options.ts'
import { dutiesIn, needsPerson } from './checks/tasks.ts'
import { asTechnician } from './daemon/technician.ts'
import type { Spoken } from './terminal/language.ts'
import { languageOf, languageOption, translated } from './terminal/language.ts'
import { print, printJson, printMembers, printTable, styled } from './terminal/output.ts'

export function dutyCommand(): Command {
  return new Command('duty')
    .description('duties of the shop by law, with due dates')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(confirmCommand())
    .addCommand(sendCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('duties that need a person, with instructions, by due date')
    .option('--all', 'each duty, also those that are sent automatically or confirmed')
    .addOption(configOption())
    .addOption(jsonOption())
    .addOption(languageOption())
    .action(async ({ config, json, all, ...spoken }: Common & Spoken & { all?: true }) => {
      const language = languageOf({ ...spoken, json })
      const duties = await asTechnician(config, (technician) => dutiesIn(language, technician))
      const listed = all ? duties : duties.filter(needsPerson)
      if (json) return printJson(listed)
      if (all) return printAll(listed, language)
      if (listed.length === 0) return print(translated('No duty is open.', language))
      for (const duty of listed) show(duty, language)
    })
}

function printAll(duties: readonly ListedDuty[], language: Language): void {
  const rows = duties.map((duty) => [duty.due, stateWords(duty, language), duty.authority ?? '-', duty.title, duty.id])
  const heads = ['until', 'state', 'authority', 'title', 'id']
  printTable(
    heads.map((head) => translated(head, language)),
    rows,
  )
}

function showCommand(): Command {
  return commonCommand('show', 'show one duty: why it exists, its state and steps, and how it is done by hand')
    .argument('<id>', 'id of the duty')
    .action(async (id: string, { config, json }: Common) => {
      const duty = await asTechnician(config, (technician) => technician.showDuty(id))
      if (json) return printJson(duty)
      showAll(duty)
    })
}

/** `confirmed (TEST)`, `confirmed (by relay 10.0.0.5:8080)` */
function stateWords({ state, mode, relay }: ListedDuty, language: Language = 'en'): string {
  const word = translated(state, language)
  if (relay !== null) return `${word} (${translated(`by relay ${relay}`, language)})`
  return mode === 'T' ? `${word} (TEST)` : word
}

function showAll(duty: ShownDuty): void {
  const { regime: law, authority, why, way, reason, message, attempts, note, waits_for: waits, next_try_at } = duty
  show(duty)
  print(`  ${why}`)
  const { confirmed_at, confirmed_by } = duty
  const waits_for = waits && [waits.kind, waits.id].filter(Boolean).join(' ')
  const answered = { reason, message, attempts: attempts === 0 ? null : attempts }
  printMembers({
    ...{ law, authority, way, state: stateWords(duty), waits_for, next_try_at, ...answered },
    ...{ confirmed_at, confirmed_by, note },
  })
  if (duty.steps.length === 0) return
  const rows = duty.steps.map(({ at, what, operation, rc, status, lost, message: words }) => [
    ...[at, what, operation ?? '-', lost ?? ([...(rc ?? []), status].filter(Boolean).join(' ') || '-'), words ?? ''],
  ])
  printTable(['at', 'step', 'operation', 'answer', 'message'], rows)
}

function show(duty: ListedDuty, language: Language = 'en'): void {
  const { id, title, due, mode, state, instructions } = duty
  const say = (word: string): string => translated(word, language)
  const words = mode === null ? '' : `   ${styled('dim', say('state'))} ${stateWords(duty, language)}`
  const test = mode === 'T' && state === 'confirmed' ? `${styled('bold', 'TEST')}: ` : ''
  print(`${test}${styled('bold', title)}`)
  print(`  ${styled('dim', say('until'))} ${writtenDay(due, language)}   ${styled('dim', 'id')} ${id}${words}`)
  for (const instruction of instructions) print(`  ${say(instruction)}`)
  if (duty.waits_for?.kind === 'certified_unit')
    print(
      `  ${say(
        mode === 'T'
          ? 'Its unit is not certified, and its code names another provider than a trial registers (AT9).'
          : 'This unit is not certified: the agent reports it in test mode alone.',
      )}`,
    )
}

function confirmCommand(): Command {
  return new Command('confirm')
    .description('record that a duty is done, with its time and the reason')
    .argument('<id>', 'id of the duty')
    .option('--reason <text>', 'the result; the audit report prints it')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (id: string, options: Common & { reason?: string }) => {
      await asTechnician(options.config, (technician) => technician.confirmTask(id, options.reason))
      if (options.json) printJson({ id, confirmed: true })
      else print(`${id} is confirmed.`)
    })
}

function sendCommand(): Command {
  return new Command('send')
    .description('sends a duty to the authority now: one that was refused or is unclear, or waits for your word')
    .argument('<id>', 'id of the duty')
    .addOption(new Option('--reason <reason>', 'of an outage or an end of use').choices(DUTY_GROUNDS))
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (id: string, options: Common & { reason?: DutyGround }) => {
      await asTechnician(options.config, (technician) => technician.sendDuty(id, options.reason))
      if (options.json) printJson({ id, queued: true })
      else print(`${id} is sent now. The result: fiskal-edge duty show ${id}`)
    })
}
