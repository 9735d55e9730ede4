import { Command } from 'commander'
import { visible } from '../../base/text.ts'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption } from './arguments/options.ts'
import { asTechnician } from './daemon/technician.ts'
import { print, printJson } from './terminal/output.ts'

type Checked = { merchant: string | null; participant: string | null; ok: boolean; result: string }

export function finanzonlineCommand(): Command {
  return new Command('finanzonline')
    .description("Austria's tax office: the web services for registers")
    .addCommand(checkCommand())
}

function checkCommand(): Command {
  return new Command('check')
    .description('one login and logout with the present files; refused credentials are not tried again')
    .option('--merchant <merchant>', 'as in the configuration (default: all of them)')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async ({ merchant, ...options }: Common & { merchant?: string }) => {
      const answers = (await asTechnician(options.config, (technician) =>
        technician.checkAuthority(merchant),
      )) as unknown as readonly Checked[]
      if (options.json) printJson(answers)
      else for (const answer of answers) print(lineOf(answer))
      if (answers.some(({ ok }) => !ok)) process.exitCode = 1
    })
}

function lineOf({ merchant, participant, result }: Checked): string {
  const names = [merchant, participant].filter((name) => name !== null)
  return `${names.length === 0 ? 'FinanzOnline' : visible(names.join(' '))}: ${visible(result)}`
}
