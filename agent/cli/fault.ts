import type { Command } from 'commander'
import type { Common } from './arguments/options.ts'
import { commonCommand } from './arguments/options.ts'
import { asTechnician } from './daemon/technician.ts'
import { printJson, printMembers } from './terminal/output.ts'

export function faultCommand(): Command {
  return commonCommand('fault', 'make an embedded simulator misbehave')
    .argument('<device>', 'device id')
    .argument('<fault>', 'NAME[=ARG]@ACT[#WHICH], or "clear"')
    .addHelpText(
      'after',
      '\nACT is the beginning of the act (finish, start, *); WHICH is n, n+, n-m or *.\nExample: fiskal-edge fault tse-1 lost-answer@finish#1',
    )
    .action(async (device: string, fault: string, options: Common) => {
      const answer = await asTechnician(options.config, (technician) => technician.fault(device, fault))
      if (options.json) printJson(answer)
      else printMembers(answer)
    })
}
