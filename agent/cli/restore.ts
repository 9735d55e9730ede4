import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { CodedError } from '../../base/thrown.ts'
import { readConfig } from '../agent-config.ts'
import type { EarlierRestores } from '../backup/earlier-restores.ts'
import { openEarlierRestores } from '../backup/earlier-restores.ts'
import type { LastNumbers } from '../backup/last-numbers.ts'
import { BROUGHT, DOWNLOAD } from '../backup/place.ts'
import type { Restored } from '../backup/restore.ts'
import type { Lock } from '../journal/disk/lock.ts'
import { LAWS } from '../laws/laws.ts'
import type { Common } from './arguments/options.ts'
import { configOption, count, jsonOption } from './arguments/options.ts'
import { NO_SECRETS_MEANS, passphraseOption, printMissing } from './backup.ts'
import { withoutLitter } from './files/without-litter.ts'
import type { HandedInput } from './owner/handed-input.ts'
import { openInput, reachInput } from './owner/handed-input.ts'
import { become, otherOwner } from './owner/owner.ts'
import type { Fetched } from './restore/source.ts'
import { print, printJson, styled } from './terminal/output.ts'
import type { ReadFile } from './terminal/passphrase.ts'
import { readNow, readPassphrase } from './terminal/passphrase.ts'

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
  unsealed?: boolean
  epochKey: string[]
  most: number
  tail: string[]
  nothingLost?: boolean
  closeRegisters?: boolean
  lastReceipt: Readonly<Record<string, number>>
  lastClosing: Readonly<Record<string, number>>
  keysOnly?: boolean
}
type CloudEnd = { url: string; agentId: string; tokenFile: string }
/** The backup, and the later events as paths that this process may read. */
type Named = { backup: { file: string } | CloudEnd; tails: readonly string[]; earlier: EarlierRestores | undefined }

/** Limit of a journal from a receiver; a larger one is refused. */
const CHAIN_BYTES = 1_073_741_824
/** The name of a TSE archive next to a backup. */
const ARCHIVE = /^fiskal-edge-.*\.archive$/

export function restoreCommand(): Command {
  const help = LAWS.flatMap(({ loss }) => loss?.help ?? [])
  return new Command('restore')
    .description('replace an empty or older state with a backup; stop the agent first')
    .argument('[file]', 'the backup')
    .option('--from-receiver <url>', 'fetch the backup, and the events after it, from the receiver')
    .option('--agent <id>', 'with --from-receiver: whose backup; "receiver token list" and the page there show agents')
    .option('--token-file <file>', 'with --from-receiver: token of the agent or of its head office')
    .option('--ca-file <file>', 'with --from-receiver: own CA')
    .option('--cert-file <file>', 'with --from-receiver: certificate, if it requires one')
    .option('--key-file <file>', 'with --cert-file: its key')
    .option('--backup <sha256>', 'with --from-receiver: another backup than the newest; the first digits are enough')
    .addOption(passphraseOption())
    .option('--no-secrets', 'go without the keys that the backup has')
    .option('--unsealed', 'restore a journal that no seal vouches for: without secrets, or without the passphrase')
    .option('--epoch-key <kid>', 'accept a later epoch under this key, as doctor of its machine shows it', kids, [])
    .option('--most <bytes>', 'with --from-receiver: at most so many bytes of each later journal', count, CHAIN_BYTES)
    .option('--tail <path>', 'the events after it: an export of the journal, or a folder of segments', more, [])
    .addOption(
      new Option('--nothing-lost', help.map(({ nothingLost }) => nothingLost).join('; ')).conflicts('closeRegisters'),
    )
    .addOption(lastNumber('receipt'))
    .addOption(lastNumber('closing'))
    .option('--keys-only', 'bring back seal.key and secrets that are lost, and touch nothing else')
    .option('--close-registers', help.map(({ closeRegisters }) => closeRegisters).join('; '))
    .addOption(configOption())
    .addOption(jsonOption())
    .action(restore)
}

async function restore(named: string | undefined, options: RestoreOptions): Promise<void> {
  const backup = backupOf(named, options)
  const { config } = readConfig(options.config)
  const { state } = config
  const owner = otherOwner(state)
  if (owner === undefined) {
    const earlier = 'file' in backup ? earlierRestores(backup.file, options) : undefined
    const here = { backup, tails: options.tail.map((path) => resolve(path)), earlier }
    const work = (lock?: Lock) => restoreFrom(state, here, options, { read: readNow, lock })
    // Locks before a download of hours; for a local file only after the check of its content.
    return 'file' in backup ? work() : underLock(state, work)
  }
  const read = readBefore(options)
  const file = 'file' in backup ? openInput(backup.file, ARCHIVE) : undefined
  const tails = options.tail.map((path) => openInput(path))
  // A link of another user may have led there.
  const earlier = file?.files.length ? earlierRestores(file.path, options) : undefined
  become(owner, state)
  await underLock(state, async (lock) => {
    const brought = join(state, BROUGHT)
    const clear = (): void => rmSync(brought, { recursive: true, force: true })
    clear()
    await withoutLitter(clear, async () => {
      try {
        const there = file === undefined ? backup : { file: await reachInput(file, join(brought, 'backup')) }
        const here = { backup: there, tails: await reached(tails, brought), earlier }
        await restoreFrom(state, here, options, { read, lock })
      } finally {
        clear()
      }
    })
  })
}

/** Opened before this process becomes the owner of the state, who may have no right next to the backup. */
function earlierRestores(backup: string, { keysOnly }: RestoreOptions): EarlierRestores | undefined {
  return keysOnly === true ? undefined : openEarlierRestores(backup)
}

/** Locks the state, so that no other process uses the downloaded files. */
async function underLock(state: string, work: (lock: Lock) => Promise<void>): Promise<void> {
  const { lockForRestore } = await import('../backup/restore.ts')
  const lock = lockForRestore(state)
  try {
    await work(lock)
  } finally {
    lock.release()
  }
}

async function reached(tails: readonly HandedInput[], folder: string): Promise<Named['tails']> {
  const paths: string[] = []
  for (const [index, tail] of tails.entries()) paths.push(await reachInput(tail, join(folder, `tail-${index}`)))
  return paths
}

/** Files that only root may be able to read, read while this process is root. */
function readBefore({ passphraseFile, tokenFile, caFile, certFile, keyFile }: RestoreOptions): ReadFile {
  const named = [passphraseFile, tokenFile, caFile, certFile, keyFile].filter((path) => path !== undefined)
  const contents = new Map(named.map((path) => [path, readNow(path)]))
  return (path) => contents.get(path) ?? readNow(path)
}

async function restoreFrom(
  state: string,
  named: Named,
  options: RestoreOptions,
  { read, lock }: { read: ReadFile; lock: Lock | undefined },
): Promise<void> {
  const download = join(state, DOWNLOAD)
  const { file, tails } = await fetched(named.backup, options, download, read)
  const isAsked = options.secrets || options.passphraseFile !== undefined
  const passphrase = isAsked ? await passphraseFor(file, options.passphraseFile, read) : undefined
  if (options.keysOnly === true) {
    const { restoreKeys } = await import('../backup/restore-keys.ts')
    const brought = await restoreKeys(state, file, passphrase, randomBytes, lock)
    if (options.json) printJson({ brought })
    else printKeys(brought)
  } else {
    const { restoreBackup } = await import('../backup/restore.ts')
    const { machineNumbers } = await import('../state/machine-numbers.ts')
    const { remedies, ...restored } = await restoreBackup(
      {
        stateDirectory: state,
        file,
        passphrase,
        withoutSecrets: !options.secrets,
        unsealed: options.unsealed === true,
        epochKeys: options.epochKey,
        tails: [...tails, ...named.tails],
        word: wordOf(options),
        ...lastNumbersOption(options),
        earlierRestores: named.earlier,
        laws: LAWS,
        clock: systemClock,
        random: (length) => randomBytes(length),
        fault: () => undefined,
        machineNumbers,
      },
      lock,
    )
    if (options.json) printJson(restored)
    else printRestored(state, restored, remedies, tails.length + named.tails.length > 0)
  }
  rmSync(download, { recursive: true, force: true })
}

/** Nothing says what came after the backup. */
function printUncertain({ restored_before: before }: Pick<Restored, 'restored_before'>, hasTails: boolean): void {
  print(
    hasTails
      ? '  What you named has no event that came after it.'
      : '  What was sold after it is not here: bring it with --tail where a copy is.',
  )
  if (before === null)
    print('  If this backup was restored before: restore it with --last-receipt, the number on the newest paper.')
  else if (before > 0) print(`  It was restored before (${before}): more numbers are set aside for that time.`)
}

function printRestored(
  state: string,
  restored: Omit<Restored, 'remedies'>,
  remedies: Restored['remedies'],
  hasTails: boolean,
): void {
  const { events, filled, left_out, epoch, created_at, secrets, closed, archives, archives_missing } = restored
  print(`${styled('green', '✔')} restored to ${state}: ${events} events, epoch ${epoch}`)
  if (!restored.sealed) print(`  ${styled('yellow', '!')} no seal was checked: nothing proves this journal`)
  for (const { register, name, receipt_number: number } of restored.receipts)
    print(`  ${name} (${register}): last receipt ${number}`)
  print(`  backup of ${created_at}${filled > 0 ? `, and ${filled} events that came after it` : ''}`)
  if (left_out > 0)
    print(
      `  ${left_out} events are not in it: they are missing in the epoch that continued. They stay where they are; check them there.`,
    )
  if (!restored.complete && filled === 0) printUncertain(restored, hasTails)
  for (const { id, kind, register, created_at: at } of restored.keys_of_tails) {
    const whose = register === null ? kind : `${kind}, ${register}`
    print(`  ${styled('yellow', '!')} key ${id} (${whose}) of ${at} came with the events after the backup alone.`)
    print(`    If no one knows it: fiskal-edge key revoke ${id}`)
  }
  if (!secrets) print(`  ${NO_SECRETS_MEANS}`)
  if (archives > 0) print(`  archives of TSEs: ${archives}, each with the SHA-256 that the journal names`)
  printMissing(archives_missing)
  for (const [index, id] of closed.entries()) print(`  ${id} is ended: ${remedies[index]}`)
  print('  Start the agent; it asks each device what it did. Then: fiskal-edge doctor')
}

/** The given file, or its source at a receiver. Throws `invalid_request`. */
function backupOf(named: string | undefined, options: RestoreOptions): Named['backup'] {
  const { fromReceiver: url, agent: agentId, tokenFile } = options
  if (named !== undefined && url === undefined) return { file: resolve(named) }
  if (named === undefined && url !== undefined && agentId !== undefined && tokenFile !== undefined)
    return { url, agentId, tokenFile }
  throw new CodedError(
    'invalid_request',
    'Name a backup file, or --from-receiver URL with --agent ID and --token-file FILE.',
  )
}

async function fetched(
  from: Named['backup'],
  { caFile, certFile, keyFile, backup, secrets, json, most }: RestoreOptions,
  folder: string,
  read: ReadFile,
): Promise<Fetched> {
  if ('file' in from) return { file: from.file, tails: [] }
  const { fetchFromReceiver } = await import('./restore/source.ts')
  const say = json === true ? () => undefined : (line: string) => print(`  ${line}`)
  const tls = { caFile, certFile, keyFile }
  return fetchFromReceiver({ ...from, ...tls, backup, needsKeys: secrets, most, folder, say, read })
}

function printKeys(brought: readonly string[]): void {
  if (brought.length === 0) print('Nothing was missing: nothing was changed.')
  for (const name of brought) print(`${name} is back.`)
}

/** Asks only if the backup has secrets. */
async function passphraseFor(
  file: string,
  passphraseFile: string | undefined,
  read: ReadFile,
): Promise<string | undefined> {
  const { readBackup } = await import('../backup/format.ts')
  for await (const line of readBackup(file)) {
    const has = line.t === 'backup' && line.secrets !== null
    return has ? readPassphrase(passphraseFile, 'Passphrase of the backup: ', undefined, read) : undefined
  }
  return undefined
}

function wordOf({ nothingLost, closeRegisters }: RestoreOptions) {
  if (nothingLost === true) return 'nothing_lost'
  return closeRegisters === true ? 'close_registers' : 'none'
}

/** Read on the newest paper: the numbers up to this one are not given again. */
function lastNumber(of: 'receipt' | 'closing'): Option {
  return new Option(
    `--last-${of} <register=number>`,
    `do not give ${of} numbers again up to the one on the newest paper`,
  )
    .argParser(numberOf)
    .default({}, 'none')
    .conflicts(['nothingLost'])
}

function numberOf(text: string, before: Readonly<Record<string, number>>): Record<string, number> {
  const [, register = '', number = ''] = /^(\w+)=([1-9]\d{0,8})$/.exec(text) ?? []
  if (register !== '') return { ...before, [register]: Number(number) }
  throw new InvalidArgumentError('A register and a number are wanted, e.g. reg_abc123=1042.')
}

function lastNumbersOption({ lastReceipt: receipts, lastClosing: closings }: RestoreOptions): {
  lastNumbers?: LastNumbers
} {
  return Object.keys({ ...receipts, ...closings }).length === 0 ? {} : { lastNumbers: { receipts, closings } }
}

/** Key ids as in the checkpoints of a journal. */
function kids(kid: string, before: string[]): string[] {
  if (/^[0-9a-f]{16}$/.test(kid)) return [...before, kid]
  throw new InvalidArgumentError('16 hex digits are wanted, as "fiskal-edge doctor" shows them.')
}

function more(path: string, before: string[]): string[] {
  return [...before, path]
}
