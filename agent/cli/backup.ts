import { randomBytes } from 'node:crypto'
import { setPriority } from 'node:os'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { systemClock } from '../clock.ts'
import { readConfig } from '../config.ts'
import type { Common } from './options.ts'
import { configOption, jsonOption } from './options.ts'
import { PassphraseMissingError, readPassphrase } from './passphrase.ts'
import { print, printJson, styled } from './terminal.ts'
import { packageVersion } from './version.ts'

type BackupOptions = Common & { passphraseFile?: string; secrets: boolean; last?: boolean }
type RestoreOptions = Common & {
  passphraseFile?: string
  secrets: boolean
  tail: string[]
  nothingLost?: boolean
  closeRegisters?: boolean
  keysOnly?: boolean
}

const NO_SECRETS_MEANS =
  'Without the secrets a restored agent has new ones: Austrian registers cannot go on (AES key), simulated devices begin ' +
  'anew, data for the tax office (Fisconline) and PINs that were generated are gone.'

export function backupCommand(): Command {
  return new Command('backup')
    .description('writes all that another machine needs into one file, beside the running agent')
    .argument('<file>', 'where to write; in a folder it gets a name')
    .addOption(passphraseOption())
    .option('--no-secrets', 'leave the keys out')
    .option('--last', 'to move: ends the journal here, so that nothing can be missing there (stop the agent first)')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (file: string, options: BackupOptions) => {
      const { config } = readConfig(options.config)
      const passphrase = options.secrets
        ? await readPassphrase(options.passphraseFile, 'Passphrase for the secrets of the backup: ')
        : undefined
      if (options.secrets && passphrase === undefined)
        throw new PassphraseMissingError(
          'Give --passphrase-file FILE for the secrets, or --no-secrets to leave them out.',
        )
      const made = await make(config.state, resolve(file), passphrase, packageVersion(), options.last === true)
      if (options.json) return printJson(made)
      print(`${styled('green', '✔')} ${made.file}`)
      print(`  ${made.events} events, ${made.bytes} bytes, sha256 ${made.sha256}; read again and whole`)
      if (!made.secrets) print(`  ${NO_SECRETS_MEANS}`)
      if (made.moved) print('  This machine sells no more from this journal: restore the file on the other one.')
    })
}

async function make(state: string, file: string, passphrase: string | undefined, program: string, last: boolean) {
  const { makeBackup } = await import('../backup/make.ts')
  const { handOver } = await import('../backup/hand-over.ts')
  // Selling goes first.
  setPriority(19)
  const random = (length: number): Uint8Array => randomBytes(length)
  const parts = {
    stateDirectory: state,
    path: file,
    passphrase,
    program,
    clock: systemClock,
    random,
    fault: () => undefined,
  }
  return last ? handOver(parts) : makeBackup(parts)
}

export function restoreCommand(): Command {
  return new Command('restore')
    .description('puts a backup in the place of an empty or older state; the agent must be stopped')
    .argument('<file>', 'the backup')
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
    .action(async (file: string, options: RestoreOptions) => {
      const { config } = readConfig(options.config)
      const passphrase = options.secrets ? await passphraseFor(resolve(file), options.passphraseFile) : undefined
      if (options.keysOnly === true) return bringKeys(config.state, resolve(file), passphrase)
      const { restoreBackup } = await import('../backup/restore.ts')
      const restored = await restoreBackup({
        stateDirectory: config.state,
        file: resolve(file),
        passphrase,
        withoutSecrets: !options.secrets,
        tails: options.tail.map((path) => resolve(path)),
        word: wordOf(options),
        clock: systemClock,
        random: (length) => randomBytes(length),
        fault: () => undefined,
      })
      if (options.json) return printJson(restored)
      const { events, filled, epoch, made_at, complete, secrets, closed } = restored
      print(`${styled('green', '✔')} restored to ${config.state}: ${events} events, epoch ${epoch}`)
      print(`  backup of ${made_at}${filled > 0 ? `, and ${filled} events that came after it` : ''}`)
      if (!complete && filled === 0)
        print('  What was sold after it is not here: bring it with --tail where a copy is.')
      if (!secrets) print(`  ${NO_SECRETS_MEANS}`)
      for (const id of closed) print(`  ${id} is ended: make a new register, and report the failure in FinanzOnline.`)
      print('  Start the agent; it asks each device what it did. Then: fiskal-edge doctor')
    })
}

async function bringKeys(state: string, file: string, passphrase: string | undefined): Promise<void> {
  const { restoreKeys } = await import('../backup/restore-keys.ts')
  const brought = await restoreKeys(state, file, passphrase)
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
