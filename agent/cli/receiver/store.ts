import { closeSync, existsSync, fchmodSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Option } from 'commander'
import { systemClock } from '../../../base/clock.ts'
import type { Log } from '../../../base/log.ts'
import { openLog } from '../../../base/log.ts'
import { secretIn } from '../../../base/secret-file.ts'
import { CodedError } from '../../../base/thrown.ts'
import type { Store } from '../../../receiver/store.ts'
import { secretReader } from '../../config/credentials.ts'
import type { ReceiverConfig } from '../../config/receiver.ts'
import { readReceiverConfig } from '../../config/receiver.ts'
import { makeFolder } from '../../state/state-directory.ts'
import type { Common } from '../arguments/options.ts'

export function receiverConfigOption(): Option {
  return new Option('--config <file>', 'configuration (default: ./receiver.json, else SQLite in ./receiver)')
}

/**
 * Opens the configured store; a new SQLite file and its folder are private to their owner. `onFatal`: the last write
 * may be on disk or not; the process must end and start again.
 */
export async function openConfiguredStore(
  { store }: ReceiverConfig,
  log: Pick<Log, 'error'>,
  onFatal: (error: Error) => void = () => undefined,
): Promise<Store> {
  if (store.kind === 'sqlite') {
    const { openSqliteStore } = await import('../../../receiver/sqlite/store.ts')
    makeFolder(dirname(store.file))
    keepToOwner(store.file)
    return openSqliteStore(store.file, systemClock, onFatal)
  }
  const { openPostgresStore } = await import('../../../receiver/postgres/store.ts')
  const { demandPrepared, renewedConnection } = await import('../../../receiver/postgres/settings.ts')
  let last = await readSecret(store.connectionFile)
  await demandPrepared(last)
  const connection = (): string => {
    last = renewedConnection(last, textIn(store.connectionFile))
    return last
  }
  return openPostgresStore({ connection, onError: (error) => log.error({ error }, 'a connection of the store broke') })
}

/**
 * The file has journals and backups of shops. SQLite would create it readable for all, and its log with the same mode.
 */
function keepToOwner(file: string): void {
  const handle = openSync(file, 'a', 0o600)
  const { mode, uid } = fstatSync(handle)
  if ((mode & 0o007) !== 0 && (uid === process.getuid?.() || process.getuid?.() === 0)) fchmodSync(handle, mode & 0o770)
  closeSync(handle)
}

/** The configured store for one command, with or without a running receiver. */
export async function withStore<Result>(options: Common, work: (store: Store) => Promise<Result>): Promise<Result> {
  const log = openLog('error', { write: (line) => process.stderr.write(line) })
  let broken: Error | undefined
  const config = readReceiverConfig(options.config)
  demandStore(options, config)
  const store = await openConfiguredStore(config, log, (error) => {
    broken = error
  })
  try {
    return await work(store)
  } catch (error) {
    // After a failed commit the store only reports that it is closed.
    throw broken ?? error
  } finally {
    await store.close()
  }
}

/** A command in another folder than the receiver's would make an empty store there, and find nothing wrong in it. */
function demandStore({ config }: Common, { store }: ReceiverConfig): void {
  if (config !== undefined || store.kind !== 'sqlite' || existsSync(store.file)) return
  throw new CodedError('store_missing', `There is no receiver at ${store.file}: give its --config, or start it first.`)
}

/** Empty if it cannot be read or used: a file is missing for a moment while it is replaced. */
function textIn(file: string): string {
  try {
    return secretIn(readFileSync(file), file)
  } catch {
    return ''
  }
}

/** The secret in a file. */
export const readSecret = secretReader(undefined)
