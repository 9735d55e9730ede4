import { Command } from 'commander'
import type { Common } from './arguments/options.ts'
import { configOption } from './arguments/options.ts'

export function runCommand(): Command {
  return new Command('run')
    .description('the daemon, in the foreground')
    .addOption(configOption())
    .action(async (options: Common) => {
      const { runDaemon } = await import('../main.ts')
      process.exitCode = await runDaemon(options.config)
    })
}
