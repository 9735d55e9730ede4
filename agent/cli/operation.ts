import { Command } from 'commander'
import { ENDING_REASON_MAX } from '../till/administration.ts'
import type { PrintedPart } from '../till/technician/ended-operation.ts'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption, reasonOption, yesOption } from './arguments/options.ts'
import { asTechnician } from './daemon/technician.ts'
import { confirm } from './terminal/confirmation.ts'
import { print, printJson } from './terminal/output.ts'

type Ending = Common & { reason: string; yes?: true }

export function operationCommand(): Command {
  return new Command('operation')
    .description('work on single operations')
    .addCommand(showCommand())
    .addCommand(endCommand())
}

function showCommand(): Command {
  return new Command('show')
    .description('show each step of one operation from the journal: requests, acts of the device, answers')
    .argument('<name...>', 'id of the operation (op_…), or register (id or name) and the number on its receipt')
    .option('--backup <file>', 'read a backup or a journal export, not the state of this machine')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (names: string[], options: Common & { backup?: string }) => {
      const { showOperation } = await import('./operation/show.ts')
      await showOperation(options, names)
    })
}

function endCommand(): Command {
  return new Command('end')
    .description('end an exchange of which the second document can never be printed, with the first alone (Italy)')
    .argument('<operation>', 'id of the exchange, or of its reversal')
    .addOption(reasonOption(`why, at most ${ENDING_REASON_MAX} characters: it is journalled`, ENDING_REASON_MAX))
    .addOption(yesOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action((id: string, options: Ending) => end(options, id))
}

async function end({ config, reason, yes, json }: Ending, id: string): Promise<void> {
  const standing = await asTechnician(config, (technician) => technician.halfPrinted(id))
  if (yes !== true) {
    const why = `${paperOf(standing)} The operation ends with that, and can no longer be completed.`
    await confirm(why, id)
  }
  const ended = await asTechnician(config, (technician) => technician.endOperation(id, reason))
  if (json) return printJson(ended)
  print(`${id} is ended. ${paperOf(ended)}`)
  const next = standing.type === 'void' ? 'Its sale remains.' : 'The goods that were handed out are a new sale.'
  print(next)
}

function paperOf({ documents, payments }: PrintedPart): string {
  const papers = documents.map(
    ({ document_type: type, document_number: number, rt_serial_number: serial }) =>
      `${type} ${number} of printer ${serial}`,
  )
  const paid = payments.map(({ method, amount }) => `${amount} (${method})`)
  return `On paper: ${papers.join(', ')}. Paid: ${paid.join(', ')}.`
}
