import { Command } from 'commander'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption } from './arguments/options.ts'
import { asTechnician } from './daemon/technician.ts'
import { print, printJson, styled } from './terminal/output.ts'

type Task = { id: string; title: string; due: string; instructions: readonly string[] }

export function taskCommand(): Command {
  return new Command('task')
    .description('legal tasks for a person, with due dates')
    .addCommand(listCommand())
    .addCommand(confirmCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('open tasks with instructions, the most urgent first')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Common) => {
      const tasks = await asTechnician(options.config, (technician) => technician.listTasks())
      if (options.json) return printJson(tasks)
      if (tasks.length === 0) return print('Nothing is to be done.')
      for (const task of tasks) show(task as Task)
    })
}

function show({ id, title, due, instructions }: Task): void {
  print(`${styled('bold', title)}`)
  print(`  ${styled('dim', 'until')} ${due}   ${styled('dim', 'id')} ${id}`)
  for (const instruction of instructions) print(`  ${instruction}`)
}

function confirmCommand(): Command {
  return new Command('confirm')
    .description('says that a task is done; the journal keeps when, and the reason')
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
