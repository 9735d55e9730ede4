import { onTestFinished } from 'vitest'
import type { SignedHead } from '../../sync/protocol/chain-hash.ts'
import type { ChainFacts } from '../../sync/source.ts'
import type { Answer, Outgoing, Target } from '../../sync/target.ts'
import { ManualClock } from '../manual-clock.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { RunningSync } from './rig.ts'
import { syncTo } from './rig.ts'

type Sent = { readonly atMs: number; readonly what: string; readonly batch?: Outgoing }

/** A receiver whose every answer the test gives; the default is the truth. */
export class ScriptedTarget implements Target {
  readonly id = 'cloud'
  readonly limits = { maxEvents: 200, maxBytes: 900_000, flushMs: 2000 }
  readonly sent: Sent[] = []
  answer: (batch: Outgoing, index: number) => Answer = acked
  headSeq = 0
  /** The newest head that it shows with a signature. */
  signed: SignedHead | undefined
  readonly #clock: ManualClock
  readonly #journal: MemoryJournal

  constructor(clock: ManualClock, journal: MemoryJournal) {
    this.#clock = clock
    this.#journal = journal
  }

  async position(): Promise<Answer> {
    this.#note('position')
    return {
      kind: 'position',
      headSeq: this.headSeq,
      head: this.#journal.hashAt(this.headSeq) ?? Buffer.alloc(32),
      forked: false,
    }
  }

  async signedHead(): Promise<SignedHead | undefined> {
    return this.signed
  }

  async otherChains(): Promise<[]> {
    return []
  }

  async register(): Promise<Answer> {
    this.#note('register')
    return { kind: 'registered' }
  }

  async deliver(_chain: ChainFacts, batch: Outgoing): Promise<Answer> {
    this.#note('batch', batch)
    const answer = this.answer(batch, this.batches().length - 1)
    if (answer.kind === 'acked') this.headSeq = answer.ackedSeq
    return answer
  }

  async checkpoint(): Promise<Answer> {
    this.#note('checkpoint')
    return acked({ last: this.headSeq, hashes: [this.#journal.hashAt(this.headSeq) ?? Buffer.alloc(32)] })
  }

  async close(): Promise<void> {
    this.#note('close')
  }

  batches(): Sent[] {
    return this.sent.filter(({ what }) => what === 'batch')
  }

  /** First and last event of each batch. */
  ranges(): string[] {
    return this.batches().map(({ batch }) => `${batch?.first}-${batch?.last}`)
  }

  #note(what: string, batch?: Outgoing): void {
    this.sent.push({ atMs: Number(this.#clock.mono() / 1_000_000n), what, ...(batch && { batch }) })
  }
}

/** The end of a history of that journal, signed with its key. */
export function signedHeadOf(journal: MemoryJournal, seq = journal.events.length): SignedHead {
  const head = journal.hashAt(seq) ?? Buffer.alloc(32)
  const checkpoint = journal.checkpoint(seq, head)
  if (checkpoint === undefined) throw new Error('the journal has no key')
  return { seq, head, checkpoint }
}

export function acked({ last, hashes }: Pick<Outgoing, 'last' | 'hashes'>): Answer {
  return { kind: 'acked', ackedSeq: last, head: hashes.at(-1) ?? Buffer.alloc(32) }
}

export type Stage = { clock: ManualClock; journal: MemoryJournal; target: ScriptedTarget; sync: RunningSync }

export async function stage(events: number, random: () => number = () => 0.5): Promise<Stage> {
  const clock = new ManualClock()
  const journal = new MemoryJournal()
  journal.append(events)
  const target = new ScriptedTarget(clock, journal)
  const sync = syncTo(journal, target, { clock, random })
  onTestFinished(() => sync.sender.close())
  return { clock, journal, target, sync }
}

export async function begin(scene: Stage): Promise<Stage> {
  await scene.sync.sender.open()
  await turns(scene.clock)
  return scene
}

/** Runs everything that needs no time. */
export async function turns(clock: ManualClock): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await clock.advance(0)
}
