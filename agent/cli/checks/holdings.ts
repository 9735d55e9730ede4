import { rfc3339 } from '../../clock.ts'
import type { TargetConfig } from '../../config/targets.ts'
import { addressOf } from '../../config/targets.ts'
import { placeOf } from '../../journal/books/book-state.ts'
import type { KnownWitness, OwnChain } from '../../journal/own-chains.ts'
import type { HeldEpoch, Holding } from '../../replay/holdings.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'
import { mendAt } from './replay.ts'

const CHANGED =
  'keep this disk as it is, export the journal here and there, and find out who has changed or set back the state directory'
const LOOK = 'fiskal-edge doctor tells how far the replay to it is'

const NONE = Buffer.alloc(0)
/** An epoch that began for such a reason says by itself that events of the one before it are lost here. */
const CONFESSED: ReadonlySet<string> = new Set(['restore', 'rollback'])

type Verdict = { readonly state: Finding['state']; readonly words: string }
type Place = { readonly seq: number; readonly head: Uint8Array }
type Position = NonNullable<HeldEpoch['position']>

/** Events that are younger may be on their way. */
const ON_THE_WAY_MS = 15 * 60_000

/**
 * True if one of the targets vouches for all events that are old enough: heads there, signed by the keys of the journal, cover
 * them. A `file` target is a copy in the same hands and does not count.
 */
export function isWitnessed(
  targets: readonly TargetConfig[],
  holdings: readonly Holding[],
  own: readonly OwnChain[],
  nowMs: number,
): boolean {
  const time = rfc3339(nowMs - ON_THE_WAY_MS)
  return targets.some(({ id, kind }) => {
    const holding = kind === 'file' ? undefined : holdings.find(({ target }) => target === id)
    return (
      holding !== undefined &&
      own.every((chain) => vouchedSeq(chain, holding) >= chain.lastBefore(time)) &&
      own.length > 0
    )
  })
}

/** Up to which event of the chain a signed head there is ours; 0 without one. */
function vouchedSeq(chain: OwnChain, { epochs }: Holding): number {
  const signed = epochs.find(({ chainId }) => chainId === chain.chainId)?.signed ?? []
  const ours = signed.filter((at) => chain.signed(at) && Buffer.compare(chain.hashAt(at.seq) ?? NONE, at.head) === 0)
  return Math.max(0, ...ours.map(({ seq }) => seq))
}

/** A line for each target that the events know and the configuration does not; whoever took it out was not asked why. */
export function missingWitnesses(targets: readonly TargetConfig[], known: readonly KnownWitness[]): Finding[] {
  if (known.length === 0 && targets.length === 0)
    return [caution('witness', 'no outside witness', 'configure a cloud end or a stream (sync.targets)')]
  const configured = new Set(targets.map((target) => placeOf({ target: target.id, address: addressOf(target) })))
  return known
    .filter((one) => !configured.has(placeOf(one)))
    .map((one) => {
      const where = targets.some(({ id }) => id === one.target) ? ` at ${one.address}` : ''
      const since = one.removed_at === null ? '' : ` since ${one.removed_at.slice(0, 10)}`
      const message = `${untilWords(one)}not configured${where}${since} (witness_missing)`
      return caution(`sync ${one.target}`, message, `find out who took it out, and ask it: ${one.kind} ${one.address}`)
    })
}

function untilWords(known: KnownWitness | undefined): string {
  return known === undefined ? '' : `witness until ${known.last.at.slice(0, 10)} (event ${counted(known.last.seq)}); `
}

/** A line for each target that was asked: whether it holds what this journal has. */
export function holdingFindings(
  targets: readonly TargetConfig[],
  holdings: readonly Holding[],
  own: readonly OwnChain[],
  known: readonly KnownWitness[],
): Finding[] {
  return targets.flatMap((target) => {
    const holding = holdings.find((one) => one.target === target.id)
    return holding === undefined ? [] : [findingOf(target, holding, own, known)]
  })
}

function findingOf(
  target: TargetConfig,
  { epochs, strangers, fault }: Holding,
  own: readonly OwnChain[],
  known: readonly KnownWitness[],
): Finding {
  const check = `sync ${target.id}`
  const why = fault === undefined ? '' : ` (${fault.code}: ${fault.message})`
  if (epochs.length === 0 && own.length > 0) {
    const place = placeOf({ target: target.id, address: addressOf(target) })
    const message = `${untilWords(known.find((one) => placeOf(one) === place))}did not answer${why} (witness_missing)`
    return caution(check, message, mendAt(target, fault?.code))
  }
  const verdicts = epochs.flatMap((held): readonly Verdict[] => {
    const chain = own.find(({ chainId }) => chainId === held.chainId)
    return chain === undefined ? [] : verdictsOn(chain, held, target.id)
  })
  verdicts.push(...strangersIn(strangers, own))
  const isChanged = verdicts.some(({ state }) => state === 'failure')
  const left = own.length - epochs.length
  if (left > 0)
    verdicts.push({
      state: 'failure',
      words: `epochs that were not compared: ${left}${why} (witness_epochs_not_compared)`,
    })
  const message = verdicts.map(({ words }) => words).join('; ')
  if (isChanged) return failure(check, message, CHANGED)
  if (left > 0) return failure(check, message, mendAt(target, fault?.code))
  return verdicts.every(({ state }) => state === 'ok') ? ok(check, message) : caution(check, message, LOOK)
}

function verdictsOn(chain: OwnChain, { position, signed }: HeldEpoch, target: string): Verdict[] {
  const of = chain.endedBy === undefined ? '' : ` of epoch ${chain.epoch}`
  const others = otherKeys(chain, of, position, signed)
  if (position === undefined || position.headSeq === 0)
    return others.length > 0 ? others : [{ state: 'warning', words: `it has nothing${of || ' of this journal'}` }]
  const held = { seq: position.headSeq, head: position.head }
  const verdict = compared(chain, of, held, signed.filter(chain.signed), target)
  return [verdict, ...others, ...(verdict.state === 'ok' ? doubts(chain, of, position) : [])]
}

/** An epoch of an agent is one chain: a second one of the same number is a journal that was made anew. */
function strangersIn(strangers: Holding['strangers'], own: readonly OwnChain[]): Verdict[] {
  return strangers.map(({ chainId, epoch, signed }) => {
    const proof = signed === undefined ? 'not proven' : `proven: the key of this journal signed event ${signed} of it`
    if (own.some((chain) => chain.epoch === epoch)) {
      const words = `epoch ${epoch} of this agent is another chain there (${chainId}): this journal was made anew`
      return { state: 'failure', words: signed === undefined ? words : `${words} (${proof})` }
    }
    const words = `it has an epoch ${epoch} of this agent that this journal lacks: another copy went on there (${proof})`
    return { state: signed === undefined ? 'warning' : 'failure', words }
  })
}

/** What another key than that of the journal has signed there. */
function otherKeys(
  chain: OwnChain,
  of: string,
  position: HeldEpoch['position'],
  signed: HeldEpoch['signed'],
): Verdict[] {
  const { otherKey } = position ?? {}
  const key = "another key than this journal's has signed"
  if (otherKey !== undefined)
    return [{ state: 'failure', words: `${key} what it has up to event ${otherKey.seq}${of}` }]
  const stranger = signed.find((head) => !chain.signed(head))
  if (stranger === undefined) return []
  return [{ state: 'warning', words: `${key} the head that it shows for event ${stranger.seq}${of}` }]
}

/** `proofs`: places that the key of the journal itself has signed. */
function compared(chain: OwnChain, of: string, held: Place, proofs: readonly Place[], target: string): Verdict {
  const inOrder = [held, ...proofs].sort((one, other) => one.seq - other.seq)
  const known = inOrder.filter(({ seq }) => seq <= chain.last)
  const changed = known.find(({ seq, head }) => Buffer.compare(chain.hashAt(seq) ?? NONE, head) !== 0)
  const proof = (at: number): string =>
    proofs.some(({ seq }) => seq === at) ? ', signed with the key of this journal' : ''
  if (changed !== undefined) {
    const same = known.findLast(({ seq }) => seq < changed.seq)?.seq
    const where = same === undefined ? 'at or before it' : `between ${same} and it`
    const words = `it has another event ${changed.seq}${of}${proof(changed.seq)}: this journal was changed ${where}`
    return unlessSetAside(chain, target, words)
  }
  const last = inOrder.at(-1)?.seq ?? 0
  if (last > chain.last) {
    const words = `it has events up to ${last}${of}${proof(last)}, this journal up to ${chain.last}`
    return CONFESSED.has(chain.endedBy ?? '')
      ? { state: 'warning', words: `${words}, which says so itself (${chain.endedBy})` }
      : unlessSetAside(chain, target, `${words}: it was set back`)
  }
  const signed = proofs.length === 0 ? undefined : Math.max(...proofs.map(({ seq }) => seq))
  if (signed === undefined)
    return { state: 'ok', words: `it has the same up to event ${last}${of || ` of ${chain.last}`}` }
  const behind = chain.last - signed
  const events = `${counted(behind)} ${behind === 1 ? 'event' : 'events'} behind`
  return {
    state: 'ok',
    words: `vouches up to event ${counted(signed)} of epoch ${chain.epoch} (head signed by this journal, ${events})`,
  }
}

function counted(count: number): string {
  return count.toLocaleString('en-US')
}

/** A person has looked at what an ended epoch came to there, and it is on record (`sync set-aside`). */
function unlessSetAside(chain: OwnChain, target: string, words: string): Verdict {
  const reason = chain.endedBy === undefined ? undefined : chain.setAside(target)
  return reason === undefined
    ? { state: 'failure', words }
    : { state: 'warning', words: `${words} (set aside: ${reason})` }
}

/** What is no proof against this journal, and yet is not as it should be. */
function doubts(chain: OwnChain, of: string, { forked, fenced, newestEpoch = 0 }: Position): Verdict[] {
  const isReplaced = chain.endedBy === undefined && (fenced === true || newestEpoch > chain.epoch)
  return [
    ...(isReplaced
      ? ['it knows a later epoch of this agent: another copy goes on there, or this one was set back']
      : []),
    ...(forked ? [`it was sent another history${of} too`] : []),
  ].map((words) => ({ state: 'warning', words }))
}
