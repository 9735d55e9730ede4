import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { systemClock } from '../../base/clock.ts'
import { JournalSync } from '../../sync/journal-sync.ts'
import type { ChainEvent } from '../../sync/protocol/chain-hash.ts'
import { eventHash, uuidBytes, ZERO_HASH } from '../../sync/protocol/chain-hash.ts'
import type { Source } from '../../sync/source.ts'
import { httpsTarget } from '../../sync/targets/https.ts'
import { silentLog } from '../../test/silent-log.ts'

/**
 * The number of events in the journal, the number of them to send, and the number of single ones after that, each sent
 * when the one before is acknowledged.
 */
export type SenderJob = {
  url: string
  token: string
  chainId: string
  agentId: string
  behind: number
  sent: number
  singles: number
}
export type SenderReport = {
  events: number
  seconds: number
  cpuSeconds: number
  /** Resident memory at its highest, without the table of hashes that replaces the disk. */
  peakMiB: number
  /** From the append of a single event to its acknowledgement. */
  singleMs: number[]
}

const WARM_UP = 1000

/** Events are made when they are read: only the hashes are in memory, as they would be on disk. */
class EndlessJournal implements Source {
  readonly chain: Source['chain']
  readonly base = 0
  readonly #signer = checkpointSigner(generateKeyPairSync('ed25519').privateKey)
  readonly #id: Buffer
  readonly #hashes: Buffer
  readonly #listeners = new Set<(seq: number) => void>()
  #count = 0

  constructor(chainId: string, agentId: string, most: number) {
    this.chain = { chainId, agentId, epoch: 1, publicKey: this.#signer.publicKey, genesis: {} }
    this.#id = uuidBytes(chainId)
    this.#hashes = Buffer.alloc(32 * (most + 1))
  }

  /** Touches the bytes of the table itself before the measurement. */
  grow(count: number): void {
    for (let seq = this.#count + 1; seq <= count; seq++) this.#hash(seq).copy(this.#hashes, seq * 32)
    this.#count = count
  }

  announce(): void {
    for (const listener of this.#listeners) listener(this.#count)
  }

  ended(): boolean {
    return false
  }

  head(): { seq: number; hash: Uint8Array } {
    return { seq: this.#count, hash: this.hashAt(this.#count) }
  }

  hashAt(seq: number): Uint8Array {
    return seq === 0 ? ZERO_HASH : this.#hashes.subarray(seq * 32, seq * 32 + 32)
  }

  read(afterSeq: number, limit: number): ChainEvent[] {
    const length = Math.min(limit, this.#count - afterSeq)
    return Array.from({ length }, (_, index) => {
      const seq = afterSeq + 1 + index
      return { ...eventOf(seq), hash: this.hashAt(seq) }
    })
  }

  checkpoint(seq: number, head: Uint8Array): ReturnType<Source['checkpoint']> {
    const { kid, sig } = this.#signer.sign(this.#id, 1, seq, head)
    return { alg: 'Ed25519', kid, sig: sig.toString('base64url') }
  }

  onAppend(listener: (seq: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #hash(seq: number): Buffer {
    return eventHash(this.#id, this.hashAt(seq - 1), eventOf(seq))
  }
}

function eventOf(seq: number): Omit<ChainEvent, 'hash'> {
  const lines = Array.from(
    { length: 10 },
    (_, item) => `{"id":"li_${seq}_${item}","total":"${(seq * item) % 97}.10","rate":"0.07"}`,
  )
  const body = `{"lines":[${lines.join(',')}],"signature":"${Buffer.from(String(seq * 7919).repeat(12)).toString('base64')}"}`
  return {
    seq,
    kind: 'outcome',
    op: `op_${seq}`,
    at: '2026-08-01T10:00:00.000Z',
    boot: 'boot',
    mono: String(seq),
    body,
  }
}

async function run(job: SenderJob): Promise<SenderReport> {
  const journal = new EndlessJournal(job.chainId, job.agentId, job.behind + job.singles)
  journal.grow(job.behind)
  const wait = { seq: 0, done: (): void => undefined }
  const onChange = (): void => {
    if (sender.status().acked_seq >= wait.seq) wait.done()
  }
  const token = async (): Promise<string> => job.token
  const target = httpsTarget({ id: 'cloud', url: job.url, token, clock: systemClock, requestId: randomUUID })
  const cursor = { load: () => undefined, save: () => undefined }
  const options = {
    epochs: (): [Source] => [journal],
    target,
    cursorOf: () => cursor,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    onChange,
  }
  const sender = new JournalSync(options)
  const until = (seq: number): Promise<void> =>
    new Promise((resolve) => {
      Object.assign(wait, { seq, done: resolve })
      onChange()
    })
  let peakKiB = 0
  const probe = setInterval(() => {
    peakKiB = Math.max(peakKiB, residentKiB())
  }, 20)
  await sender.open()
  await until(Math.min(WARM_UP, job.sent))
  const [startMs, cpu] = [performance.now(), process.cpuUsage()]
  const start = sender.status().acked_seq
  await until(job.sent)
  const used = process.cpuUsage(cpu)
  const seconds = (performance.now() - startMs) / 1000
  const events = sender.status().acked_seq - start
  const singleMs: number[] = []
  for (let single = 1; single <= job.singles; single++) {
    journal.grow(job.behind + single)
    const appendedMs = performance.now()
    journal.announce()
    await until(job.behind + single)
    singleMs.push(performance.now() - appendedMs)
  }
  // Until here it also keeps the process alive: the clock's timers do not.
  clearInterval(probe)
  await sender.close()
  const peakMiB = peakKiB / 1024 - ((job.behind + job.singles) * 32) / 2 ** 20
  return { events, seconds, cpuSeconds: (used.user + used.system) / 1e6, peakMiB, singleMs }
}

function residentKiB(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0)
}

process.once('message', (job: SenderJob) => {
  void run(job).then((report) => process.send?.(report, () => process.exit(0)))
})
