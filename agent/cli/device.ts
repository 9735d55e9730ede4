import { Command, Option } from 'commander'
import { readConfig } from '../agent-config.ts'
import type { DeviceAct, PlainDeviceAct } from '../till/administration.ts'
import { RETIREMENT_REASON_MAX } from '../till/administration.ts'
import type { Common } from './arguments/options.ts'
import { commonCommand, reasonOption, UsageError, yesOption } from './arguments/options.ts'
import type { Unconfigured } from './checks/unconfigured.ts'
import { configurationLine, findUnconfigured } from './checks/unconfigured.ts'
import { askedDevices } from './daemon/asked-devices.ts'
import { asTechnician } from './daemon/technician.ts'
import { showLastDocument } from './device/last-document.ts'
import type { ProveOptions } from './device/prove.ts'
import { retirementWords } from './device/retirement-words.ts'
import { confirm } from './terminal/confirmation.ts'
import type { Spoken } from './terminal/language.ts'
import { languageOf, languageOption, translated } from './terminal/language.ts'
import { print, printed, printJson, printMembers, printTable } from './terminal/output.ts'

const ACTS: Readonly<Record<Exclude<PlainDeviceAct, 'last-document' | 'compare'>, string>> = {
  init: 'initialise a TSE; create key and certificate in an empty token; enrol a card or printer',
  status: 'asks the device for its health',
  adopt:
    'continue with a TSE that signed more than a restored journal contains (it is journalled), or that was itself rolled back',
  'abort-foreign': 'abort transactions that other systems left open on a TSE',
  'self-test': "runs the device's own test",
  'set-time': "sets the clock of the device from this machine's",
  'open-drawer': 'opens the cash drawer at the printer',
  'print-report': 'prints the X report (Italy); the Z is a closing of a register',
  reprint: 'prints the last document of the running period again (Italy)',
  'gift-receipt': 'prints the last document without prices (Italy)',
  transmit: 'sends the files that wait for the tax office now (Italy)',
}

export function deviceCommand(): Command {
  const command = new Command('device').description('work on the fiscal devices').addCommand(listCommand())
  for (const [act, description] of Object.entries(ACTS) as [keyof typeof ACTS, string][]) {
    command.addCommand(actCommand(act, description).action((id: string, options: Common) => perform(options, id, act)))
  }
  command.addCommand(
    actCommand('retire', 'permanently remove a lost or replaced TSE; its unsigned receipts stay unsigned')
      .addOption(
        reasonOption(
          `why, at most ${RETIREMENT_REASON_MAX} characters: it is shown with every bon that was not signed`,
          RETIREMENT_REASON_MAX,
        ),
      )
      .option('--successor <id>', 'the device that replaces it, if that has another id')
      .addOption(yesOption())
      .action((id: string, options: Retirement) => retire(options, id)),
  )
  command.addCommand(
    actCommand('archive', 'takes the signed logs out of a TSE into the state directory, verified')
      .option('--delete', 'and deletes them in the TSE: the archive is then the only place where they are')
      .action((id: string, options: Archiving) =>
        perform(options, id, { act: 'archive', deletes: options.delete === true }),
      ),
  )
  command.addCommand(
    actCommand('resolve', 'record whether a document was printed, when the printer cannot report it')
      .addOption(new Option('--printed <number>', 'it was: the number on the paper, ZZZZ-NNNN').conflicts('notPrinted'))
      .option('--not-printed', 'it was not: the till completes the operation again')
      .action((id: string, options: Resolution) => resolve(options, id)),
  )
  command.addCommand(
    actCommand('last-document', 'the last document that a printer printed, and that of the journal (Italy)').action(
      (id: string, options: Common) => showLastDocument(options, id),
    ),
  )
  command.addCommand(
    actCommand('prove', 'record what a real device answers, as a file that our tests play')
      .requiredOption('--out <folder>', 'a new folder for the file')
      .option('--test-unit', 'for test units: also sign for a separate client, or print one slip')
      .option('--model <words>', 'the words on its housing')
      .option('--by <name>', 'who vouches for the device; it is published')
      .action(async (id: string, options: ProveOptions) => (await import('./device/prove.ts')).prove(options, id)),
  )
  return command.addCommand(
    actCommand('register-client', 'makes a client known to the device')
      .argument('<client>', 'serial number of the till (client id)')
      .action((id: string, client: string, options: Common) =>
        perform(options, id, { act: 'register-client', client }),
      ),
  )
}

function actCommand(name: string, description: string): Command {
  return commonCommand(name, description).argument('<id>', 'device id')
}

/** Transactions that stayed open on an emptied TSE are a table. */
function printAnswer(answer: unknown): void {
  const { open_transactions: open, ...members } = membersOf(answer)
  printMembers(members)
  if (!Array.isArray(open)) return
  print()
  print('Still open on the TSE; each is signed with its old number when it ends:')
  const rows = open
    .map(membersOf)
    .map(({ operation_id: id, transaction, register, age_minutes: minutes }) => [
      String(id ?? `transaction ${String(transaction)}`),
      String(register ?? '–'),
      `${String(minutes)} min`,
    ])
  printTable(['operation', 'till', 'open for'], rows)
}

async function perform(options: Common, id: string, act: DeviceAct): Promise<void> {
  await asTechnician(options.config, async (technician) => {
    const answer = await technician.deviceAct(id, act)
    if (options.json) printJson(answer)
    else printAnswer(answer)
    const names = Object.keys(membersOf(membersOf(answer)['new_secrets']))
    if (names.length === 0) return
    // Confirmed only after the output was read: otherwise the next command shows the secrets again.
    await printed()
    await technician.secretsSeen(id, names)
  })
}

type Archiving = Common & { delete?: boolean }

type Resolution = Common & { printed?: string; notPrinted?: true }

async function resolve(options: Resolution, id: string): Promise<void> {
  const seen = options.notPrinted === true ? 'none' : options.printed
  if (seen === undefined) throw new UsageError('Name what the paper says: --printed NUMBER, or --not-printed')
  await perform(options, id, { act: 'resolve', seen })
}

type Retirement = Common & { reason: string; successor?: string; yes?: true }

async function retire(options: Retirement, id: string): Promise<void> {
  const { config, reason, successor, yes } = options
  const unit = await asTechnician(config, (technician) => technician.retirable(id, successor))
  if (yes !== true) await confirm(retirementWords(id, unit, successor), id)
  const answer = await asTechnician(config, (technician) => technician.retireTse(id, reason, successor))
  if (options.json) printJson(answer)
  else printMembers(answer)
}

function listCommand(): Command {
  return commonCommand('list', 'list the configured devices with their state, and devices that are plugged in')
    .addOption(languageOption())
    .action(async (options: Common & Spoken) => {
      const say = (text: string): string => translated(text, languageOf(options))
      const devices = await asTechnician(options.config, (technician) => askedDevices(technician))
      const unconfigured = await findUnconfigured(readConfig(options.config).config.devices)
      if (options.json) return printJson([...devices, ...unconfigured.map(notConfigured)])
      printTable(
        ['ID', 'DRIVER', 'STATE', 'SERIAL'].map(say),
        devices.map((device) => row(device, say)),
      )
      for (const { name, entry, first } of unconfigured) {
        print()
        const add = first === undefined ? 'Add to "devices":' : `First ${first}; add to "devices":`
        print(say(`${name} is plugged in and not configured. ${add}`))
        print(`  ${configurationLine(entry)}`)
      }
    })
}

/** In the list of `--json`: an entry without a device of the agent. */
function notConfigured({ name, entry }: Unconfigured) {
  return { id: null, driver: entry.driver, state: 'not_configured', name, configuration: entry }
}

function membersOf(device: unknown): Readonly<Record<string, unknown>> {
  return (device ?? {}) as Readonly<Record<string, unknown>>
}

function row(device: unknown, say: (text: string) => string): string[] {
  const members = membersOf(device)
  const state = members['certified'] === false ? `${members['state']}, NOT CERTIFIED` : String(members['state'])
  return [members['id'], members['driver'], say(state), members['serial']].map((value) => String(value ?? '-'))
}
