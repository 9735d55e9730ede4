import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { isCalendarDate } from '../../base/clock.ts'
import { EMERGENCY_REASON_MAX } from '../till/administration.ts'
import type { Common } from './arguments/options.ts'
import { commonCommand, moment, reasonOption, UsageError } from './arguments/options.ts'
import type { Technician } from './daemon/admin-client.ts'
import { asTechnician } from './daemon/technician.ts'
import type { Sheet } from './emergency/sheet-text.ts'
import { sheetText } from './emergency/sheet-text.ts'
import { fileToWrite } from './files/file-to-write.ts'
import { print, printJson, printLines, printMembers, printTable } from './terminal/output.ts'

type Opening = Common & { reason: string; calledAt?: string; withOtherRt?: true }
type SheetOptions = Common & { date?: string; out?: string }
type Closing = Common & { forGood?: true }
type Emergency = Readonly<Record<'id' | 'device' | 'rt_serial_number' | 'opened_at', string>> & {
  readonly closed_at?: string
  readonly days: readonly string[]
}
type Opened = { readonly given_up: readonly Readonly<Record<'id' | 'act', string>>[] }

export function emergencyCommand(): Command {
  return new Command('emergency')
    .description('sell without a printer that is down for good (Italy)')
    .addCommand(
      commonCommand('open', 'open the emergency register: sales are entered, and nothing is printed')
        .argument('<device>', 'device id of the printer')
        .addOption(reasonOption('what happened to the printer', EMERGENCY_REASON_MAX))
        .option('--called-at <time>', 'when the technician was called', moment)
        .option('--with-other-rt', 'although another printer of the shop works')
        .action((device: string, options: Opening) => open(options, device)),
    )
    .addCommand(
      commonCommand('close', 'close it when the printer is back: sales are printed again')
        .argument('<device>', 'device id of the printer')
        .option('--for-good', 'the printer never returns')
        .action((device: string, options: Closing) => close(options, device)),
    )
    .addCommand(
      commonCommand('sheet', 'sums of each day for the books, by rate and natura')
        .argument('<device>', 'device id of the printer')
        .option('--date <date>', 'that day alone: 2026-11-28')
        .option('--out <file>', 'write the text to this file', fileToWrite)
        .action((device: string, options: SheetOptions) => sheet(options, device)),
    )
    .addCommand(commonCommand('list', 'list the emergencies of all printers').action(list))
}

async function open({ config, json, reason, calledAt, withOtherRt }: Opening, device: string): Promise<void> {
  await asTechnician(config, async (technician) => {
    const act = { act: 'emergency-open' as const, reason, calledAt, withOtherPrinter: withOtherRt }
    const answer = await technician.deviceAct(device, act)
    if (json) return printJson(answer)
    const { given_up: givenUp, ...members } = answer as unknown as Opened
    printMembers(members)
    if (givenUp.length === 0) return
    print()
    print('Cancelled: nothing of it is printed later.')
    printTable(
      ['ID', 'ACT'],
      givenUp.map(({ id, act: name }) => [id, name]),
    )
  })
}

async function close({ config, json, forGood }: Closing, device: string): Promise<void> {
  await asTechnician(config, async (technician) => {
    const answer = await technician.deviceAct(device, { act: 'emergency-close', forGood })
    if (json) printJson(answer)
    else printMembers(answer)
  })
}

async function sheet({ config, json, date, out }: SheetOptions, device: string): Promise<void> {
  if (date !== undefined && !isCalendarDate(date)) throw new UsageError('A date as 2026-11-28 is wanted')
  await asTechnician(config, async (technician) => {
    const sheets = (await technician.deviceAct(device, { act: 'emergency-sheet', date })) as unknown as readonly Sheet[]
    const text = sheetText(sheets)
    if (out !== undefined) await writeFile(out, `${text}\n`)
    if (json) printJson(sheets)
    else if (out === undefined) printLines(text)
  })
}

async function list({ config, json }: Common): Promise<void> {
  await asTechnician(config, async (technician) => {
    const emergencies = await emergenciesOf(technician)
    if (json) return printJson(emergencies)
    const rows = emergencies.map((each) => [
      ...[each.id, each.device, each.rt_serial_number, each.opened_at, each.closed_at ?? 'open'],
      each.days.join(' '),
    ])
    printTable(['ID', 'DEVICE', 'SERIAL', 'OPENED', 'CLOSED', 'DAYS'], rows)
  })
}

/** All configured devices are asked; the oldest emergency first. */
async function emergenciesOf(technician: Pick<Technician, 'devices' | 'deviceAct'>): Promise<readonly Emergency[]> {
  const devices = (await technician.devices()) as unknown as readonly { readonly id: string }[]
  const lists = await Promise.all(devices.map(({ id }) => technician.deviceAct(id, { act: 'emergencies' })))
  const all = lists.flatMap((list) => list as unknown as readonly Emergency[])
  return all.toSorted((one, other) => (one.opened_at < other.opened_at ? -1 : 1))
}
