import { X509Certificate } from 'node:crypto'
import { Command, InvalidArgumentError, Option } from 'commander'
import { sha256 } from '../../base/sha256.ts'
import { readConfig } from '../agent-config.ts'
import type { IssuedKey } from '../till/administration.ts'
import { readPlainFile } from '../tls/plain-file.ts'
import type { Common } from './arguments/options.ts'
import { commonCommand, configOption, jsonOption } from './arguments/options.ts'
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
  return new Command('create')
    .description('create a key, valid at once and shown only now')
    .addCommand(
      kindCommand('platform', 'for a back office: everything').action((options: Shown) =>
        create(options, 'platform', undefined),
      ),
    )
    .addCommand(
      kindCommand('register', 'for one till: its own register only')
        .argument('<register>', 'register id')
        .action((id: string, options: Shown) => create(options, 'register', id)),
    )
    .addCommand(
      kindCommand('reader', 'for the status page and for lists: reads what is of one merchant, changes nothing')
        .argument('[merchant]', 'merchant id, if there are several')
        .action((id: string | undefined, options: Shown) => create(options, 'reader', id)),
    )
}

function kindCommand(kind: IssuedKey['kind'], description: string): Command {
  return new Command(kind)
    .description(description)
    .addOption(configOption())
    .addOption(jsonOption())
    .addOption(qrOption())
    .addOption(certificateOption())
}

type Shown = Common & { qr?: boolean; certificate?: string }

/**
 * A key is too long to type on a phone; a scanned one is pasted into the page. The code has only the key, no address.
 */
function qrOption(): Option {
  return new Option('--qr', 'as a QR code too: a phone scans it and pastes the key into the status page')
}

function certificateOption(): Option {
  const text = 'client certificate that alone opens the key: its file, or its SHA-256 fingerprint'
  return new Option('--certificate <file|sha256>', text).argParser(certificateHash)
}

/** SHA-256 (hex) of the first certificate in a file, or a fingerprint as openssl and browsers print it. */
function certificateHash(text: string): string {
  const fingerprint = text.replaceAll(':', '').toLowerCase()
  if (/^[0-9a-f]{64}$/.test(fingerprint)) return fingerprint
  try {
    return sha256(new X509Certificate(readPlainFile(text)).raw).toString('hex')
  } catch {
    throw new InvalidArgumentError('A file with a certificate (PEM or DER) or its SHA-256, 64 hex digits, is needed.')
  }
}

async function create(options: Shown, kind: IssuedKey['kind'], ownerId: string | undefined): Promise<void> {
  // Read before this process becomes the owner of the state, who may not be able to read it.
  const asked = readConfig(options.config).config.tls?.clientCertificates ?? 'off'
  const issued = await asTechnician(options.config, (technician) =>
    technician.createKey(kind, ownerId, options.certificate),
  )
  const { id, certificate } = issued
  if (options.json) printJson({ id, kind, key: issued.key, ...(certificate !== undefined && { certificate }) })
  else await showIssued(issued, options, asked !== 'off')
  await printed()
}

async function showIssued(issued: IssuedKey, options: Shown, asksTerminals: boolean): Promise<void> {
  print(`${styled('dim', 'id ')}  ${issued.id}`)
  print(`${styled('dim', 'key')}  ${styled('bold', issued.key)}`)
  if (options.qr) {
    const { qrLines } = await import('./terminal/qr.ts')
    for (const line of qrLines(issued.key)) print(line)
  }
  print('It is shown this once: only its hash is kept.')
  if (issued.certificate === undefined) return
  print(`Only the client certificate ${issued.certificate} opens it.`)
  if (!asksTerminals) print('Set "clientCertificates": "required" or "optional" in "tls": the agent asks for none now.')
}

function listCommand(): Command {
  return commonCommand('list', 'all keys, without their secrets').action(async (options: Common) => {
    const keys = await asTechnician(options.config, (technician) => technician.listKeys())
    if (options.json) return printJson(keys)
    printTable(
      ['ID', 'KIND', 'OF', 'CREATED', 'REVOKED', 'CERTIFICATE'],
      keys.map((key) => [
        key.id,
        key.kind,
        key.register_id ?? key.merchant_id ?? '-',
        key.created_at,
        key.revoked_at ?? '-',
        key.certificate ?? '-',
      ]),
    )
  })
}

function revokeCommand(): Command {
  return commonCommand('revoke', 'make a key invalid at once')
    .argument('<id>', 'id of the key, not the key itself')
    .action(async (id: string, options: Common) => {
      await asTechnician(options.config, (technician) => technician.revokeKey(id))
      if (options.json) printJson({ id, revoked: true })
      else print(`${id} is revoked.`)
    })
}
