import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgresStore } from '../../receiver/postgres/store.ts'
import { openSqliteStore } from '../../receiver/sqlite/store.ts'
import { issueToken } from '../../receiver/tokens.ts'
import { MemoryCursor, MemoryJournal } from './memory-journal.ts'
import type { RunningSync } from './rig.ts'
import { cloud, done, fastClock, journalHashes, seeded, storedHashes, syncTo } from './rig.ts'
import { FaultProxy } from './servers/fault-proxy.ts'
import type { TestPostgres } from './servers/postgres.ts'
import { startReceiver } from './servers/receiver-child.ts'

type KillOptions = {
  readonly rounds: number
  readonly seed: number
  /** The receiver's database, killed as well; undefined for SQLite. */
  readonly postgres?: TestPostgres
}

/**
 * Kills the receiver, its database and the sync at random while events are appended. Each sync begins again from any
 * cursor that was ever saved, as after a crash that lost the newest. In the end the receiver must hold the journal.
 */
export async function killRounds({
  rounds,
  seed,
  postgres,
}: KillOptions): Promise<{ stored: string[]; expected: string[] }> {
  const random = seeded(seed)
  const directory = mkdtempSync(join(tmpdir(), 'kills-'))
  const place = postgres?.application ?? join(directory, 'receiver.db')
  const openStore = (): ReturnType<typeof openSqliteStore> =>
    postgres === undefined
      ? openSqliteStore(place, fastClock(1))
      : openPostgresStore({ connection: place, onError: () => undefined })
  const journal = new MemoryJournal()
  journal.append(50)
  const store = openStore()
  const identity = { kind: 'agent', tenantId: randomUUID(), agentId: journal.chain.agentId } as const
  const { token } = await issueToken(store, identity)
  await store.close()
  const proxy = new FaultProxy(() => 'pass', 1)
  let receiver = await startReceiver(place)
  const url = await proxy.listen(receiver.url)
  const saved = new MemoryCursor()
  const begin = async (): Promise<RunningSync> => {
    const cursor = new MemoryCursor()
    const earlier = saved.saved[Math.floor(random() * saved.saved.length)]
    if (earlier !== undefined) cursor.save(earlier)
    const clock = fastClock(40)
    const sync = syncTo(journal, cloud(url, token, clock), { clock, cursor, random: () => random() / 100 })
    await sync.sender.open()
    return sync
  }
  let sync = await begin()
  for (let round = 0; round < rounds; round++) {
    journal.append(1 + Math.floor(random() * 60))
    await new Promise((resolve) => setTimeout(resolve, random() * 60))
    const kind = random()
    if (kind < 0.4) {
      await receiver.kill()
      receiver = await startReceiver(place)
      proxy.redirectTo(receiver.url)
    } else if (kind < 0.7 && postgres !== undefined) {
      await postgres.kill()
      await postgres.start()
    } else {
      await sync.sender.close()
      saved.saved.push(...sync.cursor.saved)
      sync = await begin()
    }
  }
  await sync.until(done)
  await sync.sender.close()
  await proxy.close()
  await receiver.kill()
  const last = openStore()
  const stored = await storedHashes(last, journal.chain.chainId)
  await last.close()
  rmSync(directory, { recursive: true, force: true })
  return { stored, expected: journalHashes(journal) }
}
