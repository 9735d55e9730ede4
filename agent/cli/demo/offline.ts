import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../../base/clock.ts'
import { openLog } from '../../../base/log.ts'
import type { Receiver } from '../../../receiver/open-receiver.ts'
import { openReceiver } from '../../../receiver/open-receiver.ts'
import { openSqliteStore } from '../../../receiver/sqlite/store.ts'
import type { Store } from '../../../receiver/store.ts'
import { issueToken } from '../../../receiver/tokens.ts'
import { ONE_TENANT } from '../../config/receiver.ts'
import type { Answer } from '../../laws/demo-shift.ts'
import { at, DemoError, demand } from '../../laws/demo-shift.ts'
import type { DemoPlace } from './pos.ts'
import { pos } from './pos.ts'
import { showDone, showSection } from './screen.ts'

const RETURN_LIMIT_MS = 120_000
const LOOK_MS = 100
const COPIES_MAX = 10
const TENANT = { tenantId: ONE_TENANT }

/** A receiver for the demo: it has an address from the start and does not listen until {@link comeBack}. */
export class DemoCloud {
  readonly #store: Store
  readonly #address: URL
  readonly #tokenFile: string
  #receiver: Receiver | undefined

  private constructor(store: Store, address: URL, tokenFile: string) {
    this.#store = store
    this.#address = address
    this.#tokenFile = tokenFile
  }

  static async open(folder: string): Promise<DemoCloud> {
    const place = join(folder, 'cloud')
    await mkdir(place, { recursive: true, mode: 0o700 })
    const store = openSqliteStore(join(place, 'receiver.db'), systemClock)
    // Listens once to get a free port.
    const receiver = await listen(store, { host: '127.0.0.1', port: 0 })
    await receiver.close()
    return new DemoCloud(store, new URL(receiver.url), join(place, 'agent.token'))
  }

  /** The sync target in the agent's configuration. */
  get targets(): readonly object[] {
    return [{ id: 'cloud', kind: 'https', url: this.#address.origin, tokenFile: this.#tokenFile }]
  }

  /** Writes the agent's token to the file in its configuration. */
  async enrol(agentId: string): Promise<void> {
    const { token } = await issueToken(this.#store, { kind: 'agent', agentId, ...TENANT })
    await writeFile(this.#tokenFile, token, { mode: 0o600 })
  }

  async comeBack(): Promise<void> {
    this.#receiver = await listen(this.#store, { host: this.#address.hostname, port: Number(this.#address.port) })
  }

  /** Fetches the whole journal of its only agent, as a head office does. */
  async exported(stop: AbortSignal): Promise<Uint8Array> {
    const { token } = await issueToken(this.#store, { kind: 'office', ...TENANT })
    const office = pos({ url: this.#address.origin, stop }, { authorization: `Bearer ${token}` })
    const { data } = await office.get('/v1/chains')
    const [chain] = data as readonly Answer[]
    return Buffer.from(await office.text(`/v1/chains/${at(chain, 'chain_id')}/journal`))
  }

  async close(): Promise<void> {
    await this.#receiver?.close()
    await this.#store.close()
  }
}

function listen(store: Store, address: { host: string; port: number }): Promise<Receiver> {
  const log = openLog('error', { write: (line) => process.stderr.write(line) })
  return openReceiver({ store, listen: address, clock: systemClock, log })
}

/** Starts the cloud after a shift without it, and shows that it receives all events. Throws DemoError. */
export async function showReturn(cloud: DemoCloud, place: DemoPlace): Promise<void> {
  const { stop, key, folder, state } = place
  const office = pos(place, { authorization: `Bearer ${key}` })
  const target = async (): Promise<Answer> => {
    const { data } = await office.get('/v1/sync')
    return (data as readonly Answer[])[0] ?? {}
  }
  showSection('The cloud, unreachable until now')
  const before = await target()
  demand(at(before, 'state') === 'offline', `the cloud is unreachable, but the agent reports ${at(before, 'state')}`)
  showDone('Cloud away', `${at(before, 'unacked')} events wait; the till noticed nothing`)
  const began = performance.now()
  await cloud.comeBack()
  let now = await target()
  while (at(now, 'unacked') !== '0') {
    if (performance.now() - began > RETURN_LIMIT_MS) throw new DemoError(`the cloud is back: ${JSON.stringify(now)}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    now = await target()
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  showDone('Cloud back', `${at(now, 'acked_seq')} of ${at(now, 'head_seq')} events acknowledged after ${seconds} s`)
  const { data } = await office.get('/v1/operations?limit=200')
  const operations = data as readonly Answer[]
  const synced = operations.filter((operation) => at(operation, 'sync_status') === 'acknowledged')
  demand(synced.length === operations.length, `${synced.length} of ${operations.length} operations are acknowledged`)
  showDone('Operations', `${synced.length} of ${operations.length} read back as acknowledged`)
  showDone('The copy', await proveCopy(() => cloud.exported(stop), join(folder, 'exports', 'cloud.ndjson'), state))
}

/** The agent may append an event between the copy and the look at its journal: then the next copy is compared. */
export async function proveCopy(exported: () => Promise<Uint8Array>, file: string, state: string): Promise<string> {
  const { verifyChains } = await import('../../journal/verify/chains.ts')
  const { LAW_BOOKS } = await import('../../laws/law-books.ts')
  const { verifyJournal } = await import('../../journal/verify/journal.ts')
  for (let copies = 1; ; copies++) {
    await writeFile(file, await exported())
    const copy = await verifyChains(createReadStream(file), { laws: LAW_BOOKS })
    const local = await verifyJournal(state, { laws: LAW_BOOKS })
    demand(copy.valid, `${file}: seq ${copy.findings[0]?.seq} ${copy.findings[0]?.what}`)
    if (copy.head === local.head)
      return `${copy.events} events verify, head ${copy.head.slice(0, 16)}… as in the journal`
    const isLast = copies === COPIES_MAX || copy.events >= local.events
    demand(!isLast, `the head of the copy is ${copy.head}, that of the journal ${local.head}`)
  }
}
