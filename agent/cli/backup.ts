import { randomBytes } from 'node:crypto'
import { Command, Option } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { takeLowestPriority } from '../../base/lowest-priority.ts'
import { CodedError } from '../../base/thrown.ts'
import { packageVersion } from '../../base/version.ts'
import { readConfig } from '../agent-config.ts'
import type { Outside } from '../backup/format.ts'
import type { LastBackup } from '../backup/last.ts'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption } from './arguments/options.ts'
import { fileToWrite } from './files/file-to-write.ts'
import { otherOwner, withRightsOf } from './owner/owner.ts'
import { withStateTasks } from './owner/state-tasks.ts'
import { print, printJson, styled } from './terminal/output.ts'
import { readNewPassphrase } from './terminal/passphrase.ts'

type BackupOptions = Common & { passphraseFile?: string; secrets: boolean; final?: boolean }
export const NO_SECRETS_MEANS =
  'Without the secrets a restored agent has new ones: Austrian registers cannot continue (AES key), simulated devices begin ' +
  'again, data for the tax office (Fisconline), generated PINs and the authority of "tls" are lost ' +
  '(fiskal-edge tls init: each terminal has to trust the new one).'
const ARCHIVE_MISSING_MEANS =
  'is missing: no TSE holds these signed logs any longer. Copy it into archives/ from where it is kept, and check it: ' +
  'fiskal-edge verify FILE.'

export function backupCommand(): Command {
  return new Command('backup')
    .description('write a full backup to one file while the agent runs')
    .argument('<file>', 'the file to write; in a folder it gets a name', fileToWrite)
    .addOption(passphraseOption().conflicts('secrets'))
    .option('--no-secrets', 'leave the keys out')
    .option('--final', 'to move: ends the journal here, so that nothing can be missing there (stop the agent first)')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (file: string, options: BackupOptions) => {
      const { config } = readConfig(options.config)
      const passphrase = options.secrets
        ? await readNewPassphrase(options.passphraseFile, 'Passphrase for the secrets of the backup: ')
        : undefined
      if (options.secrets && passphrase === undefined)
        throw new CodedError(
          'passphrase_missing',
          'Give --passphrase-file FILE for the secrets, or --no-secrets to leave them out.',
        )
      const backup = await make(config.state, file, passphrase, packageVersion(), options.final === true)
      if (options.json) return printJson(shown(backup))
      print(`${styled('green', '✔')} ${backup.file}`)
      print(`  ${backup.events} events, ${backup.bytes} bytes, sha256 ${backup.sha256}; read again and whole`)
      if (backup.archives !== undefined && backup.archives > 0) print(`  archives of TSEs: ${backup.archives}, inside`)
      printMissing(backup.archives_missing ?? [])
      if (!backup.secrets) print(`  ${NO_SECRETS_MEANS}`)
      if (backup.moved) print('  This machine no longer sells from this journal: restore the file on the other one.')
    })
}

/** Without what the agent remembers of it for its targets and its next daily one. */
function shown({
  file,
  agent,
  created_at,
  events,
  bytes,
  sha256,
  secrets,
  moved,
  archives,
  archives_missing,
}: LastBackup) {
  return { file, agent, created_at, events, bytes, sha256, secrets, moved, archives, archives_missing }
}

async function make(state: string, file: string, passphrase: string | undefined, program: string, isFinal: boolean) {
  const { makeBackup } = await import('../backup/make.ts')
  // Sales have priority.
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
  const { Places } = await import('../state/places.ts')
  const { withReadableState } = await import('../journal/read-only-disk.ts')
  return withStateTasks(state, async (tasks) => {
    if (isFinal) await tasks.endJournal(file)
    // A state on a read-only disk is read through a copy, and the place of the backup is not recorded.
    const places = new Places(state, { remember: tasks.rememberPlace })
    const backUp = (more: { outside?: Outside } = {}) =>
      withReadableState(state, (stateDirectory) =>
        makeBackup({ ...parts, ...more, places, stateDirectory, ...(stateDirectory === state && { notes: tasks }) }),
      )
    const owner = otherOwner(state)
    return owner === undefined ? backUp() : withRightsOf(owner, (outside) => backUp({ outside }))
  })
}

export function printMissing(archives: readonly string[]): void {
  for (const file of archives) print(`${styled('yellow', '!')} ${file} ${ARCHIVE_MISSING_MEANS}`)
}

export function passphraseOption(): Option {
  return new Option('--passphrase-file <file>', 'its passphrase (default: asked on the terminal)')
}
