import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { readSyncBacklog } from '../../agent/journal/cursors.ts'
import { auditChains } from '../../receiver/audit.ts'
import { openPostgresStore } from '../../receiver/postgres/store.ts'
import type { Store } from '../../receiver/store.ts'
import { issueToken } from '../../receiver/tokens.ts'
import { storedHashes } from '../sync/rig.ts'
import { FaultProxy } from '../sync/servers/fault-proxy.ts'
import type { TestPostgres } from '../sync/servers/postgres.ts'
import { startPostgres } from '../sync/servers/postgres.ts'
import type { ReceiverChild } from '../sync/servers/receiver-child.ts'
import { startReceiver } from '../sync/servers/receiver-child.ts'
import { BUILD_LIMIT_MS, looked } from '../waits.ts'
import { ownPlace } from './daemon.ts'
import type { Course } from './kill-run.ts'
import { GERMAN } from './kill-run.ts'
import type { Seeded } from './seeded.ts'

const LOOK_MS = 100
/** The share of the agent's kills that follow a kill of the receiver, and the share that follow one of PostgreSQL. */
const SHARE = 0.75

/**
 * The German course, synced to a receiver on PostgreSQL during the sales; receiver and PostgreSQL are killed too. In
 * the end the receiver holds the journal, hash for hash.
 */
export class ReplayedCourse implements Course {
  readonly device = GERMAN.device
  readonly killAfterMs = { least: 5, most: 1500 }
  readonly openShop = GERMAN.openShop
  readonly work = GERMAN.work
  /** Kills of the receiver and of PostgreSQL. */
  readonly kills = { receiver: 0, postgres: 0 }
  readonly #postgres: TestPostgres
  readonly #proxy = new FaultProxy(() => 'pass', 1)
  #url = ''
  #receiver: ReceiverChild
  #restarting: Promise<void> = Promise.resolve()
  #tokenFile = ''

  private constructor(postgres: TestPostgres, receiver: ReceiverChild) {
    this.#postgres = postgres
    this.#receiver = receiver
  }

  static async open(): Promise<ReplayedCourse> {
    const postgres = await startPostgres()
    const receiver = await startReceiver(postgres.application)
    const course = new ReplayedCourse(postgres, receiver)
    course.#url = await course.#proxy.listen(receiver.url)
    return course
  }

  place(): ReturnType<Course['place']> {
    const targets = [{ id: 'cloud', kind: 'https', url: this.#url, tokenFile: 'cloud.token' }]
    // Warnings of the sync are the purpose here, and not a fault of the daemon.
    const place = ownPlace({}, { sync: { targets }, log: { level: 'error' } })
    this.#tokenFile = join(place.folder, 'cloud.token')
    return place
  }

  async prepare(state: string): Promise<void> {
    await this.#withStore(async (store) => {
      const { agentId } = readSyncBacklog(state)
      const { token } = await issueToken(store, { kind: 'agent', tenantId: randomUUID(), agentId })
      writeFileSync(this.#tokenFile, token, { mode: 0o600 })
    })
  }

  async disturb(_state: string, random: Seeded): Promise<void> {
    await this.#restarting
    const hits = { receiver: random.chance(SHARE), postgres: random.chance(SHARE) }
    if (hits.receiver) {
      this.kills.receiver++
      await this.#receiver.kill()
    }
    if (hits.postgres) {
      await this.kills.postgres++
      await this.#postgres.kill()
    }
    this.#restarting = this.#restart(hits)
  }

  async prove({ state }: ReturnType<Course['place']>): Promise<string[]> {
    await this.#restarting
    const { waiting } = readSyncBacklog(state)
    await looked(() => readSyncBacklog(state).waiting('cloud') === 0, { everyMs: LOOK_MS, limitMs: BUILD_LIMIT_MS })
    const waitingCount = readSyncBacklog(state).waiting('cloud')
    if (waitingCount > 0) return [`${waitingCount} of ${waiting('cloud')} events never reached the receiver`]
    const db = new Database(join(state, 'journal.db'), { readonly: true })
    const hashes = db.prepare<[], { hash: Buffer }>('SELECT hash FROM event ORDER BY seq').all()
    db.close()
    return this.#withStore(async (store) => {
      const violations: string[] = []
      for await (const { chainId, finding } of auditChains(store)) {
        if (finding !== undefined) violations.push(`the receiver's chain ${chainId}: ${finding}`)
        const stored = await storedHashes(store, chainId)
        const at = hashes.findIndex(({ hash }, index) => stored[index] !== hash.toString('hex'))
        if (at !== -1 || stored.length !== hashes.length) {
          violations.push(
            `the receiver has ${stored.length} of ${hashes.length} events, the first other one is ${at + 1}`,
          )
        }
      }
      return violations
    })
  }

  async close(): Promise<void> {
    await this.#restarting
    await this.#receiver.kill()
    await this.#proxy.close()
    await this.#postgres.stop()
  }

  async #restart(hits: { receiver: boolean; postgres: boolean }): Promise<void> {
    if (hits.postgres) await this.#postgres.start()
    if (!hits.receiver) return
    this.#receiver = await startReceiver(this.#postgres.application)
    this.#proxy.redirectTo(this.#receiver.url)
  }

  async #withStore<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
    const store = openPostgresStore({ connection: this.#postgres.application, onError: () => undefined })
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }
}
