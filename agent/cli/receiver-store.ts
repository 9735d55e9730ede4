import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Store } from '../../sync/receiver/store.ts'
import { systemClock } from '../clock.ts'
import type { ReceiverConfig } from '../config-receiver.ts'
import type { Log } from '../log.ts'

/** Opens the store that the configuration names; the folder of a new SQLite file is made, 0700. */
export async function openConfiguredStore({ store }: ReceiverConfig, log: Pick<Log, 'error'>): Promise<Store> {
  if (store.kind === 'sqlite') {
    const { openSqliteStore } = await import('../../sync/receiver/store-sqlite.ts')
    mkdirSync(dirname(store.file), { recursive: true, mode: 0o700 })
    return openSqliteStore(store.file, systemClock)
  }
  const { openPostgresStore } = await import('../../sync/receiver/store-postgres.ts')
  const connection = await readSecret(store.connectionFile)
  return openPostgresStore({ connection, onError: (error) => log.error({ error }, 'a connection of the store broke') })
}

/** The content of a secret file without its last line break. */
export async function readSecret(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
}
