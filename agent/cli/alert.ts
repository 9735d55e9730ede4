import { Command } from 'commander'
import type { Channel } from '../../alerts/message.ts'
import { localMinute, parseRfc3339, SHOP_ZONE } from '../../base/clock.ts'
import { visible } from '../../base/text.ts'
import type { Common } from './arguments/options.ts'
import { commonCommand } from './arguments/options.ts'
import { channelRemedy } from './checks/channel-remedies.ts'
import { asTechnician } from './daemon/technician.ts'
import { print, printJson, printTable, styled } from './terminal/output.ts'

/** The running daemon may be older than this command. */
type Tested = {
  channel: string
  kind: Channel['kind']
  address: string
  error: string | null
  code?: string | null
  answer?: string | null
}
type Listed = {
  open: readonly { id: string; severity: string; since: string; message: string }[]
  channels: readonly {
    id: string
    kind: string
    address: string
    waiting: number
    last_delivery: { at: string } | null
    last_error: { message: string } | null
  }[]
}

const NO_CHANNEL =
  'No channel is configured: no one is notified of a warning ("webhooks" and "alerts" of the configuration).'

export function alertCommand(): Command {
  return new Command('alert')
    .description('messages about warnings: by mail and webhook')
    .addCommand(testCommand())
    .addCommand(listCommand())
}

function testCommand(): Command {
  return commonCommand('test', "send a test message to each channel, and show the server's answer")
    .argument('[channel]', 'id of a webhook, or mail')
    .action(async (channel: string | undefined, options: Common) => {
      const answers = (await asTechnician(options.config, (technician) =>
        technician.testAlert(channel),
      )) as unknown as readonly Tested[]
      if (options.json) printJson(answers)
      else if (answers.length === 0) print(NO_CHANNEL)
      else answers.forEach(show)
      if (answers.length === 0 || answers.some(({ error }) => error !== null)) process.exitCode = 1
    })
}

/** One line of a channel, with the words of its server; then the remedy. */
function show({ channel, kind, address, error, code, answer }: Tested): void {
  const said = (answer ?? '') === '' ? 'sent' : `sent (${answer})`
  const isTaken = error === null || typeof answer === 'string'
  print(`${channel} (${address}): ${[isTaken ? said : '', error ?? ''].filter((part) => part !== '').join('; ')}`)
  if (error !== null) print(`  ${styled('dim', '→')} ${channelRemedy(kind, channel, code ?? undefined)}`)
}

function listCommand(): Command {
  return commonCommand('list', 'open alerts, and the last delivery of each channel').action(async (options: Common) => {
    const { open, channels } = (await asTechnician(options.config, (technician) =>
      technician.listAlerts(),
    )) as unknown as Listed
    if (options.json) return printJson({ open, channels })
    if (channels.length === 0) return print(NO_CHANNEL)
    print(open.length === 0 ? 'No alert is open.' : 'Open:')
    for (const { severity, since, message } of open) print(`  ${severity} since ${local(since)}: ${visible(message)}`)
    printTable(
      ['CHANNEL', 'ADDRESS', 'WAITING', 'LAST DELIVERY', 'LAST ERROR'],
      channels.map(({ id, address, waiting, last_delivery, last_error }) => [
        id,
        address,
        String(waiting),
        last_delivery === null ? '-' : local(last_delivery.at),
        last_error === null ? '-' : last_error.message,
      ]),
    )
  })
}

/** In the time of the shop. */
function local(at: string): string {
  return localMinute(parseRfc3339(at) ?? 0, SHOP_ZONE)
}
