import { Command, Option } from 'commander'
import { visible } from '../../base/text.ts'
import type { OutageGround } from '../contract/duty-ground.ts'
import { OUTAGE_GROUNDS } from '../contract/duty-ground.ts'
import type { CheckedAccount } from '../till/technician/authority-check.ts'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption, moment } from './arguments/options.ts'
import { asTechnician } from './daemon/technician.ts'
import { print, printJson } from './terminal/output.ts'

type Outage = { reason: OutageGround; since?: string; until?: string }

export function finanzonlineCommand(): Command {
  return new Command('finanzonline')
    .description("Austria's tax office: the web services for registers")
    .addCommand(checkCommand())
    .addCommand(outageCommand())
}

function checkCommand(): Command {
  return new Command('check')
    .description('one login and logout with the present files; refused credentials are not tried again')
    .option('--merchant <merchant>', 'as in the configuration (default: all of them)')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async ({ merchant, ...options }: Common & { merchant?: string }) => {
      const answers = await asTechnician(options.config, (technician) => technician.checkAuthority(merchant))
      if (options.json) printJson(answers)
      else for (const answer of answers) print(lineOf(answer))
      if (answers.some(({ ok }) => !ok)) process.exitCode = 1
    })
}

function outageCommand(): Command {
  return new Command('outage')
    .description('record an outage of a register, or the reason of that of a signature unit')
    .argument('<id>', 'register (reg_…), or id of the device')
    .addOption(new Option('--reason <reason>', 'why').choices(OUTAGE_GROUNDS).makeOptionMandatory())
    .option('--since <time>', 'begin, RFC 3339; of a unit it selects the outage of that day', moment)
    .option('--until <time>', 'end of the outage of a register; also later, with the same --since', moment)
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (id: string, { config, json, ...outage }: Common & Outage) => {
      const answer = await asTechnician(config, (technician) => technician.reportOutage(id, outage))
      if (json) return printJson(answer)
      const { duties, recorded } = answer
      print(recorded ? `The outage of ${visible(id)} is recorded.` : 'This was recorded before: nothing has changed.')
      for (const duty of duties) print(`Its duty: fiskal-edge duty show ${visible(duty)}`)
    })
}

function lineOf({ merchant, participant, result }: CheckedAccount): string {
  const names = [merchant, participant].filter((name) => name !== null)
  return `${names.length === 0 ? 'FinanzOnline' : visible(names.join(' '))}: ${visible(result)}`
}
