import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { stopSignal } from '../../base/stop-signals.ts'
import { codeOf } from '../../base/thrown.ts'
import type { TillRuleId } from '../contract/till-rules.ts'
import { TILL_RULES } from '../contract/till-rules.ts'
import { LAWS, lawCalled } from '../laws/laws.ts'
import { numberTo, UsageError } from './arguments/options.ts'
import { faultsOf, shuffledFaults } from './conformance/faults.ts'
import { exitCodeOf, linesOf } from './conformance/report.ts'
import { runConformance } from './conformance/run.ts'
import { terminalScreen } from './conformance/screen.ts'
import { fileToWrite } from './files/file-to-write.ts'
import { BrokenOffError } from './terminal/broken-off.ts'
import { print, printJson, untilUnread } from './terminal/output.ts'

type Options = {
  run?: string
  law: string
  port: number
  seed?: number
  report?: string
  attest?: readonly TillRuleId[]
  json?: boolean
}

const SEED_MAX = 2 ** 31 - 1
/** They are asked of a person. */
const ATTESTABLE: readonly string[] = ['T-9', 'T-11'] satisfies TillRuleId[]

export function conformanceCommand(): Command {
  const words = LAWS.flatMap(({ settings: { word }, demos }) => (demos === undefined ? [] : [word]))
  return new Command('conformance')
    .description('run a till against a separate agent with faults, and say which rules it breaks')
    .option('--run <command>', 'start the till by sh -c, and again after it was killed')
    .addOption(new Option('--law <law>', 'law of the shop').choices(words).default(words[0]))
    .option('--port <n>', 'port for the till; 0: a free one', numberTo(65_535), 7070)
    .option('--seed <n>', 'order of the faults (default: a new one)', numberTo(SEED_MAX))
    .option('--report <file>', 'write the report as JSON too', fileToWrite)
    .option('--attest <rule>', `the maker says that this rule is kept: ${ATTESTABLE.join(', ')}`, attested)
    .option('--json', 'for machines: the report as one JSON object')
    .addHelpText(
      'after',
      '\nThe till gets FISKAL_EDGE_URL and FISKAL_EDGE_REGISTER_KEY. Exit code 0: all rules kept; 1: one broken; 2: not all seen.\nExample: fiskal-edge conformance --run "node till.js"',
    )
    .action(conform)
}

async function conform({
  run,
  law,
  port,
  seed = randomInt(SEED_MAX),
  report,
  attest = [],
  json,
}: Options): Promise<void> {
  const { demos, timeZone } = lawCalled(law)
  const demo = await demos?.[0]?.load()
  if (demo === undefined) return
  const stop = AbortSignal.any([stopSignal(), untilUnread()])
  const screen = terminalScreen(json === true)
  // Only a person ends a till that the run has not started.
  const names = faultsOf(law).filter((name) => name !== 'till-killed' || run !== undefined || screen.hasPerson)
  const options = { law, demo, port, seed, command: run, attested: attest, screen, stop, timeZone }
  const found = await runConformance({ ...options, faults: shuffledFaults(names, seed) }).catch((error: unknown) => {
    if (stop.aborted) throw new BrokenOffError('Broken off before the till could begin: nothing was seen.')
    if (codeOf(error) !== 'EADDRINUSE') throw error
    throw new UsageError(`Another program has port ${port}: stop it, or name another one (--port).`)
  })
  if (report !== undefined) await writeFile(report, `${JSON.stringify(found, undefined, 2)}\n`)
  if (json === true) printJson(found)
  else for (const line of linesOf(found)) print(line)
  process.exitCode = exitCodeOf(found)
}

function attested(text: string, former: readonly TillRuleId[] = []): TillRuleId[] {
  const rule = TILL_RULES.find(({ id }) => id === text && ATTESTABLE.includes(id))
  if (rule === undefined) throw new InvalidArgumentError(`It is one of ${ATTESTABLE.join(', ')}.`)
  return [...former, rule.id]
}
