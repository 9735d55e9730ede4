import { Command } from 'commander'
import type { Common } from '../arguments/options.ts'
import { configOption, jsonOption } from '../arguments/options.ts'
import { enterState } from '../owner/owner.ts'
import { print, printJson, styled } from '../terminal/output.ts'
import { journalLeftovers } from './leftovers.ts'

export function checkCommand(): Command {
  return new Command('check')
    .description(
      'list what this version cannot end in the journal: open operations and acts of a later one (reads only)',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Common) => {
      const { withReadableState } = await import('../../journal/read-only-disk.ts')
      const { state } = enterState(options.config)
      const left = await withReadableState(state, journalLeftovers)
      if (left.length > 0) process.exitCode = 1
      if (options.json) return printJson({ left })
      for (const { op, what, version } of left)
        print(`${styled('red', '✖')} ${op} has ${what}: only fiskal-edge ${version} ends it`)
      if (left.length === 0) print(`${styled('green', '✔')} this version can end all that is open in the journal`)
    })
}
