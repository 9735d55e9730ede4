import { Command, Option } from 'commander'
import type { IssuedKey } from '../till/administration.ts'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption } from './arguments/options.ts'
import { asTechnician } from './daemon/technician.ts'
import { print, printed, printJson, printTable, styled } from './terminal/output.ts'

export function keyCommand(): Command {
  return new Command('key')
    .description('keys of the sale API')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand())
}

function createCommand(): Command {
  const platform = new Command('platform').description('for a back office: everything')
  const register = new Command('register')
    .description('for one till: its own register only')
    .argument('<register>', 'register id')
  platform
    .addOption(configOption())
    .addOption(jsonOption())
    .addOption(qrOption())
    .action((options: Shown) => create(options, 'platform', undefined))
  register
    .addOption(configOption())
    .addOption(jsonOption())
    .addOption(qrOption())
    .action((id: string, options: Shown) => create(options, 'register', id))
  return new Command('create')
    .description('makes a key, valid at once and shown this once')
    .addCommand(platform)
    .addCommand(register)
}

type Shown = Common & { qr?: boolean }

/** Typed on a phone, a key is wrong: scanned, it is pasted into the page. The code is the key alone, no address. */
function qrOption(): Option {
  return new Option('--qr', 'as a QR code too: a phone scans it and pastes the key into the status page')
}

async function create(options: Shown, kind: IssuedKey['kind'], registerId: string | undefined): Promise<void> {
  const issued = await asTechnician(options.config, (technician) => technician.createKey(kind, registerId))
  if (options.json) printJson({ id: issued.id, kind: issued.kind, key: issued.key })
  else await showIssued(issued, options)
  await printed()
}

async function showIssued(issued: IssuedKey, options: Shown): Promise<void> {
  print(`${styled('dim', 'id ')}  ${issued.id}`)
  print(`${styled('dim', 'key')}  ${styled('bold', issued.key)}`)
  if (options.qr) {
    const { qrLines } = await import('./terminal/qr.ts')
    for (const line of qrLines(issued.key)) print(line)
  }
  print('It is shown this once: only its hash is kept.')
}

function listCommand(): Command {
  return new Command('list')
    .description('all keys, without their secrets')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Common) => {
      const keys = await asTechnician(options.config, (technician) => technician.listKeys())
      if (options.json) return printJson(keys)
      printTable(
        ['ID', 'KIND', 'REGISTER', 'CREATED', 'REVOKED'],
        keys.map((key) => [key.id, key.kind, key.register_id ?? '-', key.created_at, key.revoked_at ?? '-']),
      )
    })
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('makes a key invalid at once')
    .argument('<id>', 'id of the key, not the key itself')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (id: string, options: Common) => {
      await asTechnician(options.config, (technician) => technician.revokeKey(id))
      if (options.json) printJson({ id, revoked: true })
      else print(`${id} is revoked.`)
    })
}
