import { within } from '../../base/clock.ts'
import { uuid } from '../../base/ids.ts'
import { codeOf, messageOf } from '../../base/thrown.ts'
import type { SignedHead } from '../../sync/protocol/chain-hash.ts'
import type { KnownChain } from '../../sync/protocol/shown-head.ts'
import type { ChainFacts } from '../../sync/source.ts'
import type { AnswerOf, Target } from '../../sync/target.ts'
import { isTaken } from '../../sync/target-claims.ts'
import type { TargetSettings } from '../../sync/targets/catalog.ts'
import type { TargetSyncOptions } from './target-sync.ts'

/** For the first answer of a target: a person waits at the screen, and a shop may have no network. */
const FIRST_LIMIT_MS = 5_000
/** For all questions to one target. */
const LIMIT_MS = 60_000
/** Epochs that are asked for in parallel, each on its own connection; the newest first. */
const SIDE_BY_SIDE = 8

/** A target's part of one epoch. */
export type HeldEpoch = {
  readonly chainId: string
  /** Undefined if the target does not have that epoch. */
  readonly position: AnswerOf<'position'> | undefined
  /**
   * The newest head and, if the target holds more than the journal, the newest head that both must have. Their
   * signatures are not verified yet.
   */
  readonly signed: readonly SignedHead[]
}

/** `signed`: an event of the chain that the key of this journal has signed; looked up in the newest chain alone. */
export type Stranger = KnownChain & { readonly signed?: number }

export type TargetReport = {
  readonly target: string
  /** The epochs that the target reported. */
  readonly epochs: readonly HeldEpoch[]
  /** Chains of this agent that are not in the journal, as far as the target reported them. */
  readonly strangers: readonly Stranger[]
  /** Why the report is incomplete. */
  readonly fault: { readonly code: string; readonly message: string } | undefined
}

type Collected = { readonly epochs: HeldEpoch[]; readonly strangers: Stranger[] }
type AskedChain = ChainFacts & { readonly last: number }

export type AskOptions = Pick<TargetSyncOptions, 'targets' | 'clock' | 'random' | 'readSecret'> & {
  /** The epochs of the journal, the newest first, with the last event of each. */
  chains: readonly AskedChain[]
  /** For the first answer, if it is another one. */
  firstLimitMs?: number
}

/**
 * Asks all targets in parallel what they hold of a journal, while an agent syncs to them or not. It registers, delivers
 * and creates nothing there. Never rejects.
 */
export function collectTargetReports(options: AskOptions): Promise<TargetReport[]> {
  return Promise.all(options.targets.map((settings) => askOne(settings, options)))
}

async function askOne(settings: TargetSettings, options: AskOptions): Promise<TargetReport> {
  const stopping = new AbortController()
  const { clock, firstLimitMs = FIRST_LIMIT_MS } = options
  const report: Collected = { epochs: [], strangers: [] }
  let fault: TargetReport['fault'] = {
    code: 'time_out',
    message: `It did not answer within ${firstLimitMs / 1000} s.`,
  }
  const end = (reason: TargetReport['fault']): void => {
    fault = reason
  }
  const asking = ask(settings, options, stopping.signal, report)
  const failed = (error: unknown): void => end({ code: codeOf(error) ?? 'internal_error', message: messageOf(error) })
  const first = asking.then(({ fault: reason }) => end(reason), failed)
  await within(clock, firstLimitMs, first)
  if (fault === undefined) {
    end({ code: 'time_out', message: `It did not answer completely within ${LIMIT_MS / 1000} s.` })
    const others = asking.then(async ({ others }) => end(await others()), failed)
    await within(clock, LIMIT_MS - firstLimitMs, others)
  }
  const epochs = options.chains.flatMap(({ chainId }) => report.epochs.find((held) => held.chainId === chainId) ?? [])
  const result = { target: settings.id, epochs, strangers: [...report.strangers], fault }
  stopping.abort()
  return result
}

type Asked = {
  readonly fault: TargetReport['fault']
  /** Asks for the epochs before the newest; resolves with the reason if the report is incomplete. */
  readonly others: () => Promise<TargetReport['fault']>
}

/** Asks for the newest epoch and for the chains that are not in the journal. */
async function ask(
  settings: TargetSettings,
  options: AskOptions,
  signal: AbortSignal,
  report: Collected,
): Promise<Asked> {
  const [newest, ...older] = options.chains
  const target = await openTarget(settings, options)
  try {
    const fault = newest && (await askInto(report, target, newest, signal))
    if (fault === undefined && newest !== undefined) {
      const others = await target.otherChains(newest, signal)
      const strangers = others.filter(({ chainId }) => !options.chains.some((own) => own.chainId === chainId))
      report.strangers.push(...(await withProof(target, newest, strangers, signal)))
    }
    return { fault, others: () => askOlder(settings, options, older, signal, report) }
  } finally {
    await target.close()
  }
}

async function withProof(
  target: Target,
  own: AskedChain,
  strangers: readonly KnownChain[],
  signal: AbortSignal,
): Promise<Stranger[]> {
  const newest = strangers.toSorted((one, other) => other.epoch - one.epoch)[0]
  if (newest === undefined) return []
  const signed = await target.signedHead({ ...own, ...newest }, Number.MAX_SAFE_INTEGER, signal)
  const isProven = signed !== undefined && isTaken(own, { ...newest, ...signed })
  return strangers.map((stranger) => (isProven && stranger === newest ? { ...stranger, signed: signed.seq } : stranger))
}

/** Asks for all of them, however many. */
async function askOlder(
  settings: TargetSettings,
  options: AskOptions,
  older: readonly AskedChain[],
  signal: AbortSignal,
  report: Collected,
): Promise<TargetReport['fault']> {
  const waiting = [...older]
  let fault: TargetReport['fault']
  const askNext = async (): Promise<void> => {
    const target = await openTarget(settings, options)
    try {
      for (let chain = waiting.shift(); chain !== undefined && fault === undefined; chain = waiting.shift())
        fault ??= await askInto(report, target, chain, signal)
    } finally {
      await target.close()
    }
  }
  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, older.length) }, askNext))
  return fault
}

async function openTarget(settings: TargetSettings, { clock, random, readSecret }: AskOptions): Promise<Target> {
  const { makeTarget } = await import('../../sync/targets/catalog.ts')
  return makeTarget(settings, { clock, requestId: () => uuid(random, 4), readSecret })
}

/** Returns the fault if the target does not report the epoch. */
async function askInto(
  report: Collected,
  target: Target,
  chain: AskedChain,
  signal: AbortSignal,
): Promise<TargetReport['fault']> {
  const held = await askEpoch(target, chain, signal)
  if ('code' in held) return held
  report.epochs.push(held)
  return undefined
}

async function askEpoch(
  target: Target,
  chain: AskedChain,
  signal: AbortSignal,
): Promise<HeldEpoch | NonNullable<TargetReport['fault']>> {
  const { chainId } = chain
  const answer = await target.position(chain, signal)
  switch (answer.kind) {
    case 'position':
      return { chainId, position: answer, signed: await signedHeads(target, chain, answer.headSeq, signal) }
    case 'unknown_chain':
      return { chainId, position: undefined, signed: [] }
    case 'unknown':
    case 'denied':
    case 'refused':
      return { code: answer.code, message: answer.message }
    case 'busy':
      return { code: 'busy', message: 'It asks to wait.' }
    default:
      return { code: 'unexpected_answer', message: 'It sent an invalid answer.' }
  }
}

async function signedHeads(
  target: Target,
  chain: AskedChain,
  headSeq: number,
  signal: AbortSignal,
): Promise<SignedHead[]> {
  const places = headSeq > chain.last ? [headSeq, chain.last] : [headSeq]
  const signed: SignedHead[] = []
  for (const upTo of places) signed.push(...[(await target.signedHead(chain, upTo, signal)) ?? []].flat())
  return signed
}
