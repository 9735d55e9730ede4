import { Command, Option } from 'commander'
import type { DutyGround } from '../contract/duty-ground.ts'
import { DUTY_GROUNDS } from '../contract/duty-ground.ts'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption, UsageError } from './arguments/options.ts'
import { asTechnician } from './daemon/technician.ts'
import { print, printJson, printMembers, printTable, styled } from './terminal/output.ts'

type Task = { id: string; title: string; due: string; instructions: readonly string[] }
type Duty = Task & {
  law: string | null
  authority: string | null
  why: string
  way: string
  mode: 'T' | 'P' | null
  state: string
  reason: string | null
  message: string | null
  attempts: number
  confirmed_at: string | null
  confirmed_by: string | null
  note: string | null
}

export function taskCommand(): Command {
  return new Command('task')
    .description('legal tasks for a person, with due dates')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(confirmCommand())
    .addCommand(sendCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('open tasks with instructions, the most urgent first')
    .option('--all', 'each duty, those that are confirmed too, by due date')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Common & { all?: true }) => {
      if (options.all) return await listAll(options)
      const tasks = await asTechnician(options.config, (technician) => technician.listTasks())
      if (options.json) return printJson(tasks)
      if (tasks.length === 0) return print('No task is open.')
      for (const task of tasks) show(task as Task)
    })
}

async function listAll({ config, json }: Common): Promise<void> {
  const duties = await dutiesOf(config)
  if (json) return printJson(duties)
  if (duties.length === 0) return print('There is no duty.')
  const rows = duties.map((duty) => [duty.due, stateWords(duty), duty.authority ?? '-', duty.title, duty.id])
  printTable(['until', 'state', 'authority', 'title', 'id'], rows)
}

async function dutiesOf(config: string | undefined): Promise<readonly Duty[]> {
  return (await asTechnician(config, (technician) => technician.listDuties())) as readonly Duty[]
}

function showCommand(): Command {
  return new Command('show')
    .description('show one duty: why it exists, its state, and how it is done by hand')
    .argument('<id>', 'id of the duty')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (id: string, { config, json }: Common) => {
      const duty = (await dutiesOf(config)).find((each) => each.id === id)
      if (duty === undefined) throw new UsageError(`There is no such duty: ${id}. See: fiskal-edge task list --all`)
      if (json) return printJson(duty)
      show(duty)
      showDuty(duty)
    })
}

/** In a trial nothing is fulfilled: the state is that of the trial. */
function stateWords({ state, mode }: Duty): string {
  return mode === 'T' ? `${state} (trial)` : state
}

function showDuty(duty: Duty): void {
  const { law, authority, why, way, reason, message, attempts, note } = duty
  print(`  ${why}`)
  const { confirmed_at, confirmed_by } = duty
  const answered = { reason, message, attempts: attempts === 0 ? null : attempts }
  printMembers({ law, authority, way, state: stateWords(duty), ...answered, confirmed_at, confirmed_by, note })
}

function show({ id, title, due, instructions }: Task): void {
  print(`${styled('bold', title)}`)
  print(`  ${styled('dim', 'until')} ${due}   ${styled('dim', 'id')} ${id}`)
  for (const instruction of instructions) print(`  ${instruction}`)
}

function confirmCommand(): Command {
  return new Command('confirm')
    .description('record that a task is done, with its time and the reason')
    .argument('<id>', 'id of the task')
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
      else print(`${id} is sent now. The result: fiskal-edge task show ${id}`)
    })
}
