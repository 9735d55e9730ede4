import type { Clock } from '../../drivers/ports/clock.ts'
import type { SignedHead } from '../../sync/chain-hash.ts'
import type { ChainFacts } from '../../sync/source.ts'
import type { AnswerOf, KnownChain, Target } from '../../sync/target.ts'
import type { TargetSettings } from '../../sync/targets/catalog.ts'
import { within } from '../clock.ts'
import { uuid } from '../ids.ts'
import { codeOf, messageOf } from '../thrown.ts'

/** For all that is asked of one target: somebody stands before the screen, and a shop may have no network. */
const LIMIT_MS = 5_000
/** The newest are asked first. */
const EPOCHS_MOST = 20

/** What a target has of one epoch. */
export type HeldEpoch = {
  readonly chainId: string
  /** Undefined where it knows nothing of that epoch. */
  readonly position: AnswerOf<'position'> | undefined
  /** The newest head, and where it holds more than the journal the newest that both must have: whose signatures nobody has looked at. */
  readonly signed: readonly SignedHead[]
}

export type Holding = {
  readonly target: string
  /** As far as they were told. */
  readonly epochs: readonly HeldEpoch[]
  /** Chains of this agent that are none of the journal, as far as they were told. */
  readonly strangers: readonly KnownChain[]
  /** Why not all was told. */
  readonly fault: { readonly code: string; readonly message: string } | undefined
}

type Told = { readonly epochs: HeldEpoch[]; readonly strangers: KnownChain[] }
type AskedChain = ChainFacts & { readonly last: number }

export type HoldingsOptions = {
  targets: readonly TargetSettings[]
  /** The epochs of the journal, the newest first, with the last event of each. */
  chains: readonly AskedChain[]
  clock: Clock
  random: (length: number) => Uint8Array
  readSecret: (path: string) => Promise<string>
}

/**
 * What each target holds of a journal, all asked side by side, whether an agent replays to them meanwhile or not: nothing is registered,
 * delivered or made there. Never rejects.
 */
export function askHoldings(options: HoldingsOptions): Promise<Holding[]> {
  return Promise.all(options.targets.map((settings) => holdingOf(settings, options)))
}

async function holdingOf(settings: TargetSettings, options: HoldingsOptions): Promise<Holding> {
  const stopping = new AbortController()
  const told: Told = { epochs: [], strangers: [] }
  let fault: Holding['fault'] = { code: 'time-out', message: `It did not tell within ${LIMIT_MS / 1000} s.` }
  const asking = ask(settings, options, stopping.signal, told).then(
    (end) => {
      fault = end
    },
    (error: unknown) => {
      fault = { code: codeOf(error) ?? 'internal_error', message: messageOf(error) }
    },
  )
  await within(options.clock, LIMIT_MS, asking)
  const holding = { target: settings.id, epochs: [...told.epochs], strangers: [...told.strangers], fault }
  stopping.abort()
  return holding
}

/** Returns why it does not tell more. */
async function ask(
  settings: TargetSettings,
  { chains, clock, random, readSecret }: HoldingsOptions,
  signal: AbortSignal,
  told: Told,
): Promise<Holding['fault']> {
  const { makeTarget } = await import('../../sync/targets/catalog.ts')
  const target = await makeTarget(settings, { clock, requestId: () => uuid(random, 4), readSecret })
  try {
    for (const [index, chain] of chains.slice(0, EPOCHS_MOST).entries()) {
      const held = await askEpoch(target, chain, signal)
      if ('code' in held) return held
      told.epochs.push(held)
      if (index > 0) continue
      const others = await target.otherChains(chain, signal)
      told.strangers.push(...others.filter(({ chainId }) => !chains.some((own) => own.chainId === chainId)))
    }
    return undefined
  } finally {
    await target.close()
  }
}

async function askEpoch(
  target: Target,
  chain: AskedChain,
  signal: AbortSignal,
): Promise<HeldEpoch | NonNullable<Holding['fault']>> {
  const { chainId } = chain
  const answer = await target.position(chain, signal)
  switch (answer.kind) {
    case 'position':
      return { chainId, position: answer, signed: await signedHeads(target, chain, answer.headSeq, signal) }
    case 'unknown-chain':
      return { chainId, position: undefined, signed: [] }
    case 'unknown':
    case 'denied':
    case 'refused':
      return { code: answer.code, message: answer.message }
    case 'busy':
      return { code: 'busy', message: 'It asks to wait.' }
    default:
      return { code: 'unexpected-answer', message: 'It answers something else than it was asked.' }
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
