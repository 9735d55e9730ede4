import { rfc3339 } from '../../../base/clock.ts'
import type { TargetConfig } from '../../config/targets.ts'
import { addressOf } from '../../config/targets.ts'
import { placeOf } from '../../journal/books/state-maps.ts'
import type { Renewal } from '../../journal/event-facts.ts'
import type { KnownWitness, OwnChain } from '../../journal/own-chains.ts'
import type { HeldEpoch, TargetReport } from '../../sync/target-reports.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'
import { remedyFor } from './sync.ts'
import type { ReportSentence } from './target-texts.ts'
import { sentenceOf } from './target-texts.ts'

const CHANGED =
  'keep this disk as it is, export the journal here and there, and find out how the state directory was changed or rolled back'
const LOOK = 'fiskal-edge doctor shows how far the sync to it is'

const NONE = Buffer.alloc(0)
/** An epoch that began for such a reason records that events of the one before it are lost here. */
export const CONFESSED: ReadonlySet<string> = new Set<Renewal['reason']>(['restore', 'rollback'])

/**
 * `report`: for that of an audit. `isConfessed`: the journal records it, and the audit looks at it separately.
 */
type Verdict = {
  readonly state: Finding['state']
  readonly words: string
  readonly report: ReportSentence
  readonly isConfessed?: true
}

/** The result of the comparison with a target, for the report of an audit. */
export type TargetVerdict = {
  readonly target: string
  /** The auditor must see whose report it is. */
  readonly address: string
  readonly state: Finding['state']
  readonly sentences: readonly ReportSentence[]
}
type Comparison = { readonly target: TargetConfig; readonly finding: Finding; readonly verdicts: readonly Verdict[] }
type Place = { readonly seq: number; readonly head: Uint8Array }
type Position = NonNullable<HeldEpoch['position']>

/** Younger events may not have been sent yet. */
const ON_THE_WAY_MS = 15 * 60_000

/**
 * True if one of the targets vouches for all events that are old enough, and for at least one: heads there, signed by the keys
 * of the journal, cover them. A target that shows nothing vouches for nothing, also while all events are young. A `file` target
 * is a copy in the same hands and does not count.
 */
export function isWitnessed(
  targets: readonly TargetConfig[],
  reports: readonly TargetReport[],
  own: readonly OwnChain[],
  nowMs: number,
): boolean {
  const time = rfc3339(nowMs - ON_THE_WAY_MS)
  return targets.some(({ id, kind }) => {
    const report = kind === 'file' ? undefined : reports.find(({ target }) => target === id)
    if (report === undefined) return false
    const vouched = own.map((chain) => ({ chain, upTo: vouchedSeq(chain, report) }))
    return vouched.some(({ upTo }) => upTo > 0) && vouched.every(({ chain, upTo }) => upTo >= chain.lastBefore(time))
  })
}

/** The last event of the chain that a signed head at the target covers; 0 without one. */
function vouchedSeq(chain: OwnChain, { epochs }: TargetReport): number {
  const signed = epochs.find(({ chainId }) => chainId === chain.chainId)?.signed ?? []
  const ours = signed.filter((at) => chain.signed(at) && Buffer.compare(chain.hashAt(at.seq) ?? NONE, at.head) === 0)
  return Math.max(0, ...ours.map(({ seq }) => seq))
}

/** A line for each target that is in the events and not in the configuration; no reason for its removal is recorded. */
export function missingWitnesses(targets: readonly TargetConfig[], witnesses: readonly KnownWitness[]): Finding[] {
  if (witnesses.length === 0 && targets.length === 0)
    return [caution('witness', 'no outside witness', 'configure a receiver or a stream: "sync" of the configuration')]
  return unconfigured(targets, witnesses).map((one) => {
    const where = targets.some(({ id }) => id === one.target) ? ` at ${one.address}` : ''
    const since = one.removed_at === null ? '' : ` since ${one.removed_at.slice(0, 10)}`
    const message = `${untilWords(one)}not configured${where}${since} (witness_missing)`
    return caution(`sync ${one.target}`, message, `find out who took it out, and ask it: ${one.kind} ${one.address}`)
  })
}

/** The same in German, for an audit. */
export function goneWitnesses(targets: readonly TargetConfig[], witnesses: readonly KnownWitness[]): TargetVerdict[] {
  return unconfigured(targets, witnesses).map(({ target, address, last }) => {
    return {
      target,
      address,
      state: 'warning',
      sentences: [sentenceOf('gone', { seq: last.seq, day: last.at.slice(0, 10) })],
    }
  })
}

function unconfigured(targets: readonly TargetConfig[], witnesses: readonly KnownWitness[]): KnownWitness[] {
  const configured = new Set(targets.map((target) => placeOf({ target: target.id, address: addressOf(target) })))
  return witnesses.filter((one) => !configured.has(placeOf(one)))
}

function untilWords(witness: KnownWitness | undefined): string {
  return witness === undefined
    ? ''
    : `witness until ${witness.last.at.slice(0, 10)} (event ${counted(witness.last.seq)}); `
}

/** A line for each queried target: whether it has the events of this journal. */
export function targetFindings(...asked: Asked): Finding[] {
  return comparisons(...asked).map(({ finding }) => finding)
}

/** The same for the report of an audit, which examines events left by a restore separately. */
export function targetVerdicts(...asked: Asked): TargetVerdict[] {
  return comparisons(...asked).map(({ target, verdicts }) => {
    const open = verdicts.filter(({ isConfessed }) => isConfessed !== true)
    const sentences = open.map(({ report }) => report)
    return { target: target.id, address: addressOf(target), state: worstOf(open), sentences }
  })
}

type Asked = [
  targets: readonly TargetConfig[],
  reports: readonly TargetReport[],
  own: readonly OwnChain[],
  known: readonly KnownWitness[],
]

function comparisons(...[targets, reports, own, witnesses]: Asked): Comparison[] {
  return targets.flatMap((target) => {
    const report = reports.find((one) => one.target === target.id)
    return report === undefined ? [] : [comparisonOf(target, report, own, witnesses)]
  })
}

function worstOf(verdicts: readonly Verdict[]): Finding['state'] {
  if (verdicts.some(({ state }) => state === 'failure')) return 'failure'
  return verdicts.some(({ state }) => state === 'warning') ? 'warning' : 'ok'
}

function comparisonOf(
  target: TargetConfig,
  { epochs, strangers, fault }: TargetReport,
  own: readonly OwnChain[],
  witnesses: readonly KnownWitness[],
): Comparison {
  const result = (finding: Finding, verdicts: readonly Verdict[]): Comparison => ({ target, finding, verdicts })
  const check = `sync ${target.id}`
  const why = fault === undefined ? '' : ` (${fault.code}: ${fault.message})`
  if (epochs.length === 0 && own.length > 0) {
    const place = placeOf({ target: target.id, address: addressOf(target) })
    const message = `${untilWords(witnesses.find((one) => placeOf(one) === place))}did not answer${why} (witness_missing)`
    return result(caution(check, message, remedyFor(target, fault?.code)), [
      { state: 'warning', words: message, report: sentenceOf('silent', { why }) },
    ])
  }
  const verdicts = epochs.flatMap((held): readonly Verdict[] => {
    const chain = own.find(({ chainId }) => chainId === held.chainId)
    return chain === undefined ? [] : verdictsOn(chain, held, target.id)
  })
  verdicts.push(...strangersIn(strangers, own))
  const isChanged = verdicts.some(({ state }) => state === 'failure')
  const uncompared = own.length - epochs.length
  if (uncompared > 0)
    verdicts.push({
      state: 'failure',
      words: `epochs that were not compared: ${uncompared}${why} (witness_epochs_not_compared)`,
      report: sentenceOf('uncompared', { count: uncompared, why }),
    })
  const message = verdicts.map(({ words }) => words).join('; ')
  if (isChanged) return result(failure(check, message, CHANGED), verdicts)
  if (uncompared > 0) return result(failure(check, message, remedyFor(target, fault?.code)), verdicts)
  return result(worstOf(verdicts) === 'ok' ? ok(check, message) : caution(check, message, LOOK), verdicts)
}

function verdictsOn(chain: OwnChain, { position, signed }: HeldEpoch, target: string): Verdict[] {
  const of = chain.endedBy === undefined ? '' : ` of epoch ${chain.epoch}`
  const others = otherKeys(chain, of, position, signed)
  if (position === undefined || position.headSeq === 0) {
    const report = sentenceOf('nothing', { epoch: chain.epoch })
    return others.length > 0
      ? others
      : [{ state: 'warning', words: `it has nothing${of || ' of this journal'}`, report }]
  }
  const held = { seq: position.headSeq, head: position.head }
  const verdict = compared(chain, of, held, signed.filter(chain.signed), target)
  return [verdict, ...others, ...(verdict.state === 'ok' ? warnings(chain, of, position) : [])]
}

/** Each epoch of an agent has one chain: a second one with the same number means that the journal was created again. */
function strangersIn(strangers: TargetReport['strangers'], own: readonly OwnChain[]): Verdict[] {
  return strangers.map(({ chainId, epoch, signed }) => {
    const proof = signed === undefined ? 'not proven' : `proven: the key of this journal signed event ${signed} of it`
    const facts = {
      epoch,
      chainId,
      proof: signed === undefined ? sentenceOf('unproven') : sentenceOf('proven', { signed }),
    }
    if (own.some((chain) => chain.epoch === epoch)) {
      const words = `epoch ${epoch} of this agent is another chain there (${chainId}): this journal was created again`
      const report = sentenceOf('remade', facts)
      return { state: 'failure', words: signed === undefined ? words : `${words} (${proof})`, report }
    }
    const words = `it has an epoch ${epoch} of this agent that is not in this journal: another copy continued there (${proof})`
    return { state: signed === undefined ? 'warning' : 'failure', words, report: sentenceOf('copied', facts) }
  })
}

/** Heads at the target that were signed with another key than the journal's. */
function otherKeys(
  chain: OwnChain,
  of: string,
  position: HeldEpoch['position'],
  signed: HeldEpoch['signed'],
): Verdict[] {
  const { otherKey } = position ?? {}
  const key = "another key than this journal's has signed"
  const report = (seq: number): ReportSentence => sentenceOf('otherKey', { seq, epoch: chain.epoch })
  if (otherKey !== undefined) {
    const words = `${key} what it has up to event ${otherKey.seq}${of}`
    return [{ state: 'failure', words, report: report(otherKey.seq) }]
  }
  const stranger = signed.find((head) => !chain.signed(head))
  if (stranger === undefined) return []
  const words = `${key} the head that it shows for event ${stranger.seq}${of}`
  return [{ state: 'warning', words, report: report(stranger.seq) }]
}

/** `proofs`: heads that the journal's own key has signed. */
function compared(chain: OwnChain, of: string, held: Place, proofs: readonly Place[], target: string): Verdict {
  const inOrder = [held, ...proofs].sort((one, other) => one.seq - other.seq)
  const comparable = inOrder.filter(({ seq }) => seq <= chain.last)
  const changed = comparable.find(({ seq, head }) => Buffer.compare(chain.hashAt(seq) ?? NONE, head) !== 0)
  const proof = (at: number): string =>
    proofs.some(({ seq }) => seq === at) ? ', signed with the key of this journal' : ''
  const { epoch } = chain
  const place = (at: number) => {
    return { seq: at, epoch, proof: sentenceOf(proofs.some(({ seq }) => seq === at) ? 'signed' : 'unsigned') }
  }
  if (changed !== undefined) {
    const same = comparable.findLast(({ seq }) => seq < changed.seq)?.seq
    const where = same === undefined ? 'at or before it' : `between ${same} and it`
    const words = `it has another event ${changed.seq}${of}${proof(changed.seq)}: this journal was changed ${where}`
    return unlessDismissed(chain, target, words, sentenceOf('changed', place(changed.seq)))
  }
  const last = inOrder.at(-1)?.seq ?? 0
  if (last > chain.last) {
    const words = `it has events up to ${last}${of}${proof(last)}, this journal up to ${chain.last}`
    const report = sentenceOf('ahead', { ...place(last), own: chain.last })
    return CONFESSED.has(chain.endedBy ?? '')
      ? {
          state: 'warning',
          words: `${words}, which its own event records (${chain.endedBy})`,
          report,
          isConfessed: true,
        }
      : unlessDismissed(chain, target, `${words}: it was set back`, report)
  }
  const signed = proofs.length === 0 ? undefined : Math.max(...proofs.map(({ seq }) => seq))
  if (signed === undefined) {
    const words = `it has the same up to event ${last}${of || ` of ${chain.last}`}`
    return { state: 'ok', words, report: sentenceOf('same', { seq: last, epoch }) }
  }
  const lag = chain.last - signed
  const events = `${counted(lag)} ${lag === 1 ? 'event' : 'events'} behind`
  return {
    state: 'ok',
    words: `vouches up to event ${counted(signed)} of epoch ${chain.epoch} (head signed by this journal, ${events})`,
    report: sentenceOf('vouched', { seq: signed, epoch }),
  }
}

function counted(count: number): string {
  return count.toLocaleString('en-US')
}

/** A person examined the ended epoch at the target and recorded it (`sync dismiss`). */
function unlessDismissed(chain: OwnChain, target: string, words: string, report: ReportSentence): Verdict {
  const reason = chain.endedBy === undefined ? undefined : chain.dismissal(target)
  return reason === undefined
    ? { state: 'failure', words, report }
    : {
        state: 'warning',
        words: `${words} (dismissed: ${reason})`,
        report: sentenceOf('dismissed', { what: report, reason }),
      }
}

/** Reports that prove nothing against this journal and still need attention. */
function warnings(chain: OwnChain, of: string, { forked, fenced, newestEpoch = 0 }: Position): Verdict[] {
  const isReplaced = chain.endedBy === undefined && (fenced === true || newestEpoch > chain.epoch)
  const replaced: Verdict = {
    state: 'warning',
    words: 'it knows a later epoch of this agent: another copy continues there, or this one was rolled back',
    report: sentenceOf('replaced'),
  }
  const other: Verdict = {
    state: 'warning',
    words: `it was sent another history${of} too`,
    report: sentenceOf('forked', { epoch: chain.epoch }),
  }
  return [...(isReplaced ? [replaced] : []), ...(forked ? [other] : [])]
}
