import { resolve } from 'node:path'
import { Command } from 'commander'
import { readConfig } from '../agent-config.ts'
import { adminSocketPath } from '../config/admin-socket.ts'
import { describeFailure } from '../failure.ts'
import type { Common } from './arguments/options.ts'
import { configOption } from './arguments/options.ts'
import { pipesIn } from './checks/state.ts'
import { examine } from './doctor.ts'
import { fileToWrite } from './files/file-to-write.ts'
import type { StateTasks } from './owner/state-tasks.ts'
import { withStateTasks } from './owner/state-tasks.ts'
import { machineFacts, systemLog, withoutComments, writeBundle } from './support/parts.ts'
import { Redaction } from './support/redaction.ts'
import { print } from './terminal/output.ts'

type Options = Common & { log: string[] }

export function supportCommand(): Command {
  const bundle = new Command('bundle')
    .description('collect data for support in one file: findings, facts, logs; no secret and no text of a receipt')
    .argument('<file>', 'the file to write (.tar.gz)', fileToWrite)
    .option('--log <file>', 'a log of the agent, unless the system journal has it', more, [])
    .addOption(configOption())
    .action(async (file: string, options: Options) => {
      const written = await makeBundle(file, options)
      print(`${written.file}: ${written.names.join(', ')}`)
      print('Look into it before you hand it on: tar tzf, tar xzf.')
    })
  return new Command('support').description('collect data for support').addCommand(bundle)
}

async function makeBundle(file: string, options: Options): Promise<{ file: string; names: readonly string[] }> {
  const read = attempt(() => readConfig(options.config))
  const config = 'config' in read ? read.config : undefined
  const redaction = new Redaction(config)
  const parts: Record<string, unknown> = {
    'machine.json': machineFacts(),
    'doctor.json': await attemptLater(() => examine(options.config)),
    'config.json': config === undefined ? read : withoutComments(config),
  }
  if (config !== undefined) {
    const { askDiagnosis, findDaemon } = await import('./daemon/admin-client.ts')
    const daemon = await attemptLater(async () => (await findDaemon(adminSocketPath(config.state))) ?? 'not running')
    const running = typeof daemon === 'object' && 'technician' in daemon ? daemon : undefined
    parts['diag.json'] = await attemptLater(
      async () => (await askDiagnosis(adminSocketPath(config.state))) ?? 'not running',
    )
    parts['status.json'] = running?.status ?? daemon
    if (running !== undefined) parts['devices.json'] = await attemptLater(() => running.technician.devices())
    const tasks = <Result>(work: (tasks: StateTasks) => Promise<Result>) =>
      attemptLater(() => withStateTasks(config.state, work))
    const [pipe] = pipesIn(config.state)
    parts['journal.json'] =
      pipe === undefined ? await tasks((state) => state.journalSummary()) : { failure: `${pipe} is a pipe` }
    parts['state.json'] = await tasks((state) => state.stateListing())
  }
  parts['system.log'] = await systemLog()
  for (const [index, path] of options.log.entries()) parts[`agent-${index + 1}.log`] = await systemLog(resolve(path))
  return { file: await writeBundle(file, parts, redaction), names: Object.keys(parts) }
}

/** A part that cannot be collected is replaced by its error: a bundle is needed when something is wrong. */
async function attemptLater<Result>(act: () => Promise<Result>): Promise<Result | { failure: string }> {
  try {
    return await act()
  } catch (error) {
    return { failure: describeFailure(error) }
  }
}

function attempt<Result>(act: () => Result): Result | { failure: string } {
  try {
    return act()
  } catch (error) {
    return { failure: describeFailure(error) }
  }
}

function more(path: string, before: string[]): string[] {
  return [...before, path]
}
