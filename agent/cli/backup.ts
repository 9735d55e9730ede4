import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import type { Restored } from '../backup/restore.ts'
import { systemClock } from '../clock.ts'
import { readConfig } from '../config/config.ts'
import { takeLowestPriority } from '../lowest-priority.ts'
import { fileToWrite } from './file-to-write.ts'
import type { Common } from './options.ts'
import { configOption, jsonOption } from './options.ts'
import { PassphraseMissingError, readNewPassphrase, readPassphrase } from './passphrase.ts'
import type { Fetched } from './restore-source.ts'
import { print, printJson, styled } from './terminal.ts'
import { packageVersion } from './version.ts'

type BackupOptions = Common & { passphraseFile?: string; secrets: boolean; last?: boolean }
type RestoreOptions = Common & {
  fromReceiver?: string
  agent?: string
  tokenFile?: string
  caFile?: string
  certFile?: string
  keyFile?: string
  backup?: string
  passphraseFile?: string
  secrets: boolean
  tail: string[]
  nothingLost?: boolean
  closeRegisters?: boolean
  keysOnly?: boolean
}

/** In the state directory, where there is room and nobody else looks. */
const DOWNLOAD = 'restore.download'
const NO_SECRETS_MEANS =
  'Without the secrets a restored agent has new ones: Austrian registers cannot go on (AES key), simulated devices begin ' +
  'anew, data for the tax office (Fisconline) and PINs that were generated are gone.'
const ARCHIVE_MISSING_MEANS =
  'is missing: no TSE holds these signed logs any more. Copy it into archives/ from where it is kept, and check it: ' +
  'fiskal-edge verify FILE.'

export function backupCommand(): Command {
  return new Command('backup')
    .description('writes all that another machine needs into one file, beside the running agent')
    .argument('<file>', 'where to write; in a folder it gets a name', fileToWrite)
    .addOption(passphraseOption())
    .option('--no-secrets', 'leave the keys out')
    .option('--last', 'to move: ends the journal here, so that nothing can be missing there (stop the agent first)')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (file: string, options: BackupOptions) => {
      const { config } = readConfig(options.config)
      const passphrase = options.secrets
        ? await readNewPassphrase(options.passphraseFile, 'Passphrase for the secrets of the backup: ')
        : undefined
      if (options.secrets && passphrase === undefined)
        throw new PassphraseMissingError(
          'Give --passphrase-file FILE for the secrets, or --no-secrets to leave them out.',
        )
      const made = await make(config.state, file, passphrase, packageVersion(), options.last === true)
      if (options.json) return printJson(made)
      print(`${styled('green', '✔')} ${made.file}`)
      print(`  ${made.events} events, ${made.bytes} bytes, sha256 ${made.sha256}; read again and whole`)
      if (made.archives !== undefined && made.archives > 0) print(`  archives of TSEs: ${made.archives}, inside`)
      tellMissing(made.archives_missing ?? [])
      if (!made.secrets) print(`  ${NO_SECRETS_MEANS}`)
      if (made.moved) print('  This machine sells no more from this journal: restore the file on the other one.')
    })
}

async function make(state: string, file: string, passphrase: string | undefined, program: string, last: boolean) {
  const { makeBackup } = await import('../backup/make.ts')
  const { handOver } = await import('../backup/hand-over.ts')
  // Selling goes first.
  takeLowestPriority()
  const random = (length: number): Uint8Array => randomBytes(length)
  const parts = {
    stateDirectory: state,
    path: file,
    passphrase,
    archives: 'inside' as const,
    program,
    clock: systemClock,
    random,
    fault: () => undefined,
  }
  if (last) return handOver(parts)
  const { withReadableState } = await import('../journal/read-only-disk.ts')
  return withReadableState(state, (stateDirectory) => makeBackup({ ...parts, stateDirectory }))
}

export function restoreCommand(): Command {
  return new Command('restore')
    .description('puts a backup in the place of an empty or older state; the agent must be stopped')
    .argument('[file]', 'the backup')
    .option('--from-receiver <url>', 'bring the backup, and what came after it, from the cloud end')
    .option('--agent <id>', 'with --from-receiver: whose backup; "receiver token list" and the page there show agents')
    .option('--token-file <file>', 'with --from-receiver: token of the agent or of its head office')
    .option('--ca-file <file>', 'with --from-receiver: own CA')
    .option('--cert-file <file>', 'with --from-receiver: certificate, where it hears only who shows one')
    .option('--key-file <file>', 'with --cert-file: its key')
    .option('--backup <sha256>', 'with --from-receiver: another backup than the newest; the first digits are enough')
    .addOption(passphraseOption())
    .option('--no-secrets', 'go without the keys that the backup has')
    .option(
      '--tail <path>',
      'what was journalled after it: an export of the journal, or a folder of segments',
      more,
      [],
    )
    .addOption(
      new Option('--nothing-lost', 'Austria: no receipt was made after what is restored').conflicts('closeRegisters'),
    )
    .option('--keys-only', 'bring back seal.key and secrets that are lost, and touch nothing else')
    .option('--close-registers', 'Austria: end the registers whose last receipt is not known')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(restore)
}

async function restore(named: string | undefined, options: RestoreOptions): Promise<void> {
  const { config } = readConfig(options.config)
  const { lockHolder, StateLockedError } = await import('../journal/lock.ts')
  // Not only behind a download of hours; of a file that lies here it is asked when it has been looked at.
  const holder = named === undefined ? lockHolder(config.state) : undefined
  if (holder !== undefined) throw new StateLockedError(config.state, holder)
  const download = join(config.state, DOWNLOAD)
  const { file, tails } = await sourceOf(named, options, download)
  const passphrase = options.secrets ? await passphraseFor(file, options.passphraseFile) : undefined
  if (options.keysOnly === true) await bringKeys(config.state, file, passphrase)
  else {
    const { restoreBackup } = await import('../backup/restore.ts')
    const restored = await restoreBackup({
      stateDirectory: config.state,
      file,
      passphrase,
      withoutSecrets: !options.secrets,
      tails: [...tails, ...options.tail.map((path) => resolve(path))],
      word: wordOf(options),
      clock: systemClock,
      random: (length) => randomBytes(length),
      fault: () => undefined,
    })
    if (options.json) printJson(restored)
    else tell(config.state, restored)
  }
  rmSync(download, { recursive: true, force: true })
}

function tellMissing(archives: readonly string[]): void {
  for (const file of archives) print(`${styled('yellow', '!')} ${file} ${ARCHIVE_MISSING_MEANS}`)
}

function tell(state: string, restored: Restored): void {
  const { events, filled, left_out, epoch, made_at, complete, secrets, closed, archives, archives_missing } = restored
  print(`${styled('green', '✔')} restored to ${state}: ${events} events, epoch ${epoch}`)
  print(`  backup of ${made_at}${filled > 0 ? `, and ${filled} events that came after it` : ''}`)
  if (left_out > 0)
    print(
      `  ${left_out} events are not in it: the epoch that went on does not know them. They stay where they are; look at them there.`,
    )
  if (!complete && filled === 0) print('  What was sold after it is not here: bring it with --tail where a copy is.')
  if (!secrets) print(`  ${NO_SECRETS_MEANS}`)
  if (archives > 0) print(`  archives of TSEs: ${archives}, each with the SHA-256 that the journal names`)
  tellMissing(archives_missing)
  for (const id of closed) print(`  ${id} is ended: make a new register, and report the failure in FinanzOnline.`)
  print('  Start the agent; it asks each device what it did. Then: fiskal-edge doctor')
}

/** The file that was named, or the one that the cloud end has. */
async function sourceOf(named: string | undefined, options: RestoreOptions, folder: string): Promise<Fetched> {
  const { fromReceiver: url, agent: agentId, tokenFile, caFile, certFile, keyFile, backup } = options
  if (named !== undefined && url === undefined) return { file: resolve(named), tails: [] }
  if (named !== undefined || url === undefined || agentId === undefined || tokenFile === undefined) {
    throw new SourceUnclearError('Name a backup file, or --from-receiver URL with --agent ID and --token-file FILE.')
  }
  const { fetchFromReceiver } = await import('./restore-source.ts')
  const say = options.json === true ? () => undefined : (line: string) => print(`  ${line}`)
  const tls = { caFile, certFile, keyFile }
  return fetchFromReceiver({ url, agentId, tokenFile, ...tls, backup, needsKeys: options.secrets, folder, say })
}

class SourceUnclearError extends Error {
  override readonly name = 'SourceUnclearError'
  readonly code = 'invalid_request'
}

async function bringKeys(state: string, file: string, passphrase: string | undefined): Promise<void> {
  const { restoreKeys } = await import('../backup/restore-keys.ts')
  const brought = await restoreKeys(state, file, passphrase, randomBytes)
  if (brought.length === 0) print('Nothing was missing: nothing was changed.')
  for (const name of brought) print(`${name} is back.`)
}

/** Asked only where the backup has secrets. */
async function passphraseFor(file: string, passphraseFile: string | undefined): Promise<string | undefined> {
  const { readBackup } = await import('../backup/format.ts')
  for await (const line of readBackup(file)) {
    const has = line.t === 'backup' && line.secrets !== null
    return has ? readPassphrase(passphraseFile, 'Passphrase of the backup: ') : undefined
  }
  return undefined
}

function wordOf({ nothingLost, closeRegisters }: RestoreOptions) {
  if (nothingLost === true) return 'nothing_lost'
  return closeRegisters === true ? 'close_registers' : 'none'
}

function passphraseOption(): Option {
  return new Option('--passphrase-file <file>', 'its passphrase (default: asked on the terminal)')
}

function more(path: string, before: string[]): string[] {
  return [...before, path]
}
