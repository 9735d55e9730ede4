import { Argument, Command } from 'commander'
import { readConfig } from '../agent-config.ts'
import { ConfigError } from '../config/config.ts'
import { LAW_WORDS } from '../laws/laws.ts'
import type { Common } from './arguments/options.ts'
import { jsonOption } from './arguments/options.ts'
import { emptiedPlaces } from './checks/places.ts'
import { findUnconfigured } from './checks/unconfigured.ts'
import { exampleConfig } from './config/example.ts'
import type { Spoken } from './terminal/language.ts'
import { languageOf, languageOption, translated } from './terminal/language.ts'
import { print, printJson, printLines, styled } from './terminal/output.ts'

export function configCommand(): Command {
  const check = new Command('check')
    .description('validate a configuration file')
    .argument('<file>')
    .addOption(jsonOption())
    .addOption(languageOption())
    .action(checkFile)
  const example = new Command('example')
    .description('print a commented example, with the devices of that law that are plugged in')
    .addArgument(new Argument('<law>', 'the law of the registers').choices(LAW_WORDS))
    .action(async (law: string) => printLines(exampleConfig(law, await findUnconfigured([]))))
  return new Command('config').description('the configuration file').addCommand(check).addCommand(example)
}

async function checkFile(file: string, options: Common & Spoken): Promise<void> {
  const say = (text: string): string => translated(text, languageOf(options))
  try {
    const { config, warnings: others, invalidSecrets } = readConfig(file)
    const warnings = [...others, ...invalidSecrets, ...(await emptiedPlaces(config))]
    if (options.json) printJson({ valid: true, problems: [], warnings })
    else
      showValid(
        say(
          `${file} is valid: ${config.devices.map(({ id }) => id).join(', ') || 'no device'}, state in ${config.state}`,
        ),
        warnings.map(say),
      )
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.exitCode = 1
    if (options.json) printJson({ valid: false, problems: error.problems, warnings: [] })
    else for (const problem of error.problems) print(`${styled('red', '✖')} ${file}: ${say(problem)}`)
  }
}

function showValid(sentence: string, warnings: readonly string[]): void {
  for (const warning of warnings) print(`${styled('yellow', '!')} ${warning}`)
  print(`${styled('green', '✔')} ${sentence}`)
}
