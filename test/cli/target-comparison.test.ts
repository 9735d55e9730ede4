import { expect, test } from 'vitest'
import { isWitnessed, missingWitnesses, targetFindings } from '../../agent/cli/checks/target-comparison.ts'
import type { TargetConfig } from '../../agent/config/targets.ts'
import type { KnownWitness, OwnChain } from '../../agent/journal/own-chains.ts'
import type { HeldEpoch, TargetReport } from '../../agent/sync/target-reports.ts'

const TARGET = { id: 'cloud', kind: 'file', folder: '/mnt/stick' } as const
type Position = NonNullable<HeldEpoch['position']>

function hashOf(seq: number, chainId = 'present'): Buffer {
  return Buffer.alloc(32, `${chainId} ${seq}`)
}

/** Of 100 events. */
function own(more: Partial<OwnChain> = {}): OwnChain {
  const chainId = more.chainId ?? 'present'
  return {
    ...{ chainId, agentId: 'agent', epoch: 2, publicKey: '', genesis: {}, last: 100, endedBy: undefined },
    ...{ confirmed: undefined, task: undefined },
    hashAt: (seq) => (seq > 0 && seq <= 100 ? hashOf(seq, chainId) : undefined),
    signed: ({ checkpoint: { sig } }) => sig === 'ours',
    dismissal: () => undefined,
    lastBefore: () => 100,
    ...more,
  }
}

function held(headSeq: number, more: Partial<Position> = {}, signed?: { seq: number; sig: string }): HeldEpoch {
  const at = { kind: 'position', headSeq, head: hashOf(headSeq), forked: false } as const
  const heads = signed === undefined ? [] : [signedHead(signed.seq, signed.sig)]
  return { chainId: 'present', position: { ...at, ...more }, signed: heads }
}

function signedHead(seq: number, sig: string, head = hashOf(seq)): HeldEpoch['signed'][number] {
  return { seq, head, checkpoint: { alg: 'Ed25519', kid: '', sig } }
}

function told(
  epochs: readonly HeldEpoch[],
  chains = [own()],
  fault?: TargetReport['fault'],
  strangers: TargetReport['strangers'] = [],
): [string, string] {
  const [finding] = targetFindings([TARGET], [{ target: 'cloud', epochs, strangers, fault }], chains, [])
  return [finding?.state ?? '', finding?.message ?? '']
}

const OTHER = Buffer.alloc(32, 1)
const KNOWN: KnownWitness = {
  ...{ target: 'cloud', kind: 'file', address: '/mnt/stick', seq: 9, at: '2026-11-01T08:00:00.000Z', removed_at: null },
  last: { seq: 1234, at: '2026-11-25T08:00:00.000Z' },
}
const NOW_MS = Date.parse('2026-03-02T08:00:00Z')

test.each<[string, HeldEpoch, string, string]>([
  [
    'all of it',
    held(100, {}, { seq: 100, sig: 'ours' }),
    'ok',
    'vouches up to event 100 of epoch 2 (head signed by this journal, 0 events behind)',
  ],
  ['a part of it', held(60), 'ok', 'it has the same up to event 60 of 100'],
  ['none of it', held(0, { head: Buffer.alloc(32) }), 'warning', 'it has nothing of this journal'],
  [
    'another event',
    held(60, { head: OTHER }),
    'failure',
    'it has another event 60: this journal was changed at or before it',
  ],
  [
    'another event behind one that is the same',
    held(60, { head: OTHER }, { seq: 50, sig: 'ours' }),
    ...(['failure', 'it has another event 60: this journal was changed between 50 and it'] as const),
  ],
  ['more', held(101), 'failure', 'it has events up to 101, this journal up to 100: it was set back'],
  [
    'what a stranger has signed',
    held(60, {}, { seq: 60, sig: 'other' }),
    ...(['warning', "another key than this journal's has signed the head that it shows for event 60"] as const),
  ],
  [
    'files of another key alone',
    held(0, { head: Buffer.alloc(32), otherKey: { seq: 90, head: OTHER } }),
    ...(['failure', "another key than this journal's has signed what it has up to event 90"] as const),
  ],
  ['two histories', held(60, { forked: true }), 'warning', 'it was sent another history too'],
  ['a later epoch', held(60, { fenced: true }), 'warning', 'it knows a later epoch of this agent'],
  ['a later epoch by its number', held(60, { newestEpoch: 3 }), 'warning', 'it knows a later epoch of this agent'],
])('a target that holds %s', (_, epoch, state, words) => {
  expect(told([epoch])).toEqual([state, expect.stringContaining(words)])
})

test("an ended epoch causes no finding for the journal's own statement or a dismissed event", () => {
  const ended = (endedBy: string, reason?: string): OwnChain =>
    own({ chainId: 'old', epoch: 1, endedBy, dismissal: (target) => (target === 'cloud' ? reason : undefined) })
  const old = (headSeq: number, head = hashOf(headSeq, 'old')): HeldEpoch[] => [
    held(100),
    { ...held(headSeq, { head, fenced: true }), chainId: 'old' },
  ]
  const state = (chain: OwnChain, epochs: HeldEpoch[]): string => told(epochs, [own(), chain])[0]
  expect(told(old(100), [own(), ended('operator')])).toEqual([
    ...['ok', 'it has the same up to event 100 of 100; it has the same up to event 100 of epoch 1'],
  ])
  expect(state(ended('restore'), old(120))).toBe('warning')
  expect(state(ended('rollback'), old(120))).toBe('warning')
  // The journal's statement of its end does not cover changes before it.
  const changed = old(120).map((one) => ({
    ...one,
    signed: [signedHead(one.position?.headSeq === 120 ? 95 : 100, 'ours')],
  }))
  expect(told(changed, [own(), ended('rollback')])).toEqual([
    ...['failure', expect.stringContaining('it has another event 95 of epoch 1, signed with the key of this journal')],
  ])
  expect(state(ended('operator'), old(120))).toBe('failure')
  expect(state(ended('fork'), old(120))).toBe('failure')
  expect(state(ended('fork', 'looked at'), old(120))).toBe('warning')
  expect(state(ended('restore'), old(90, OTHER))).toBe('failure')
  expect(state(ended('fork', 'looked at'), old(90, OTHER))).toBe('warning')
})

test('a target without an answer is a caution with its cause and remedy; one that omits epochs fails', () => {
  const fault = { code: 'ENOENT', message: 'The directory of cloud cannot be used.' }
  const silent: TargetReport = { target: 'cloud', epochs: [], strangers: [], fault }
  const [finding] = targetFindings([TARGET], [silent], [own()], [])
  expect(finding).toMatchObject({ state: 'warning', remedy: expect.stringContaining('/mnt/stick') })
  const why = 'did not answer (ENOENT: The directory of cloud cannot be used.) (witness_missing)'
  expect(finding?.message).toBe(why)
  // For a target that the journal knows, with the last position that it confirmed.
  expect(targetFindings([TARGET], [silent], [own()], [KNOWN])[0]?.message).toBe(
    `witness until 2026-11-25 (event 1,234); ${why}`,
  )
  const late = { code: 'time_out', message: 'It did not answer within 5 s.' }
  const old = own({ chainId: 'old', epoch: 1, endedBy: 'operator' })
  expect(told([held(100)], [own(), old], late)).toEqual([
    'failure',
    'it has the same up to event 100 of 100; epochs that were not compared: 1 (time_out: It did not answer within 5 s.) (witness_epochs_not_compared)',
  ])
})

test('a second chain of an epoch is a journal that was made again; one of a missing epoch is another copy', () => {
  const stranger = (epoch: number, signed?: number): [string, string] =>
    told([held(100)], [own()], undefined, [{ chainId: 'x', epoch, ...(signed !== undefined && { signed }) }])
  const same = 'it has the same up to event 100 of 100; '
  expect(stranger(2)).toEqual([
    ...['failure', `${same}epoch 2 of this agent is another chain there (x): this journal was created again`],
  ])
  expect(stranger(1)).toEqual([
    ...[
      'warning',
      `${same}it has an epoch 1 of this agent that is not in this journal: another copy continued there (not proven)`,
    ],
  ])
  expect(stranger(3, 70)).toEqual([
    'failure',
    `${same}it has an epoch 3 of this agent that is not in this journal: another copy continued there (proven: the key of this journal signed event 70 of it)`,
  ])
})

test('a required witness is a receiver or a stream whose signed head covers all events that are old enough', () => {
  const covers = (settings: Partial<TargetConfig>, epochs: readonly HeldEpoch[], chains = [own()]): boolean => {
    const target = { ...TARGET, kind: 'https', url: 'https://x', tokenFile: 't', ...settings } as TargetConfig
    return isWitnessed([target], [{ target: 'cloud', epochs, strangers: [], fault: undefined }], chains, NOW_MS)
  }
  const all = held(100, {}, { seq: 100, sig: 'ours' })
  expect(covers({}, [all])).toBe(true)
  // A disk in the same hands, an unsigned head, a foreign one, one that is too old, and none at all.
  expect(covers({ kind: 'file' }, [all])).toBe(false)
  expect(covers({}, [held(100)])).toBe(false)
  expect(covers({}, [held(100, {}, { seq: 100, sig: 'other' })])).toBe(false)
  expect(covers({}, [held(99, {}, { seq: 99, sig: 'ours' })])).toBe(false)
  expect(covers({}, [])).toBe(false)
  expect(covers({}, [{ ...all, signed: [signedHead(100, 'ours', OTHER)] }])).toBe(false)
  // Events younger than a quarter of an hour may be in transit.
  const asked: string[] = []
  const young = own({
    lastBefore: (time) => {
      asked.push(time)
      return 60
    },
  })
  expect(covers({}, [held(60, {}, { seq: 60, sig: 'ours' })], [young])).toBe(true)
  expect(asked).toEqual(['2026-03-02T07:45:00.000Z'])
  // While all events are young the target must vouch for one of them.
  const allYoung = own({ lastBefore: () => 0 })
  expect(covers({}, [held(1, {}, { seq: 1, sig: 'ours' })], [allYoung])).toBe(true)
  expect(covers({}, [held(60)], [allYoung])).toBe(false)
  expect(covers({}, [held(1, {}, { seq: 1, sig: 'other' })], [allYoung])).toBe(false)
  expect(covers({}, [{ chainId: allYoung.chainId, position: undefined, signed: [] }], [allYoung])).toBe(false)
  expect(covers({}, [], [allYoung])).toBe(false)
  expect(covers({}, [all], [])).toBe(false)
  // An epoch that ended must be covered as well.
  expect(covers({}, [all], [own(), own({ chainId: 'old', epoch: 1, endedBy: 'restore' })])).toBe(false)
})

test('a target in the events but not in the configuration has a line; so has a shop that never had one', () => {
  const told = (targets: readonly TargetConfig[], witnesses: readonly KnownWitness[]): unknown[] =>
    missingWitnesses(targets, witnesses).map(({ check, state, message }) => [check, state, message])
  expect(told([TARGET], [KNOWN])).toEqual([])
  expect(told([TARGET], [])).toEqual([])
  expect(told([], [])).toEqual([['witness', 'warning', 'no outside witness']])
  const until = 'witness until 2026-11-25 (event 1,234); '
  expect(told([], [KNOWN])).toEqual([['sync cloud', 'warning', `${until}not configured (witness_missing)`]])
  const removed = { ...KNOWN, address: '/mnt/old', removed_at: '2026-11-26T08:00:00.000Z' }
  expect(told([TARGET], [KNOWN, removed])).toEqual([
    ['sync cloud', 'warning', `${until}not configured at /mnt/old since 2026-11-26 (witness_missing)`],
  ])
})

test('a head signed some events ago is named with how many are after it', () => {
  const words = (seq: number): string => told([held(100, {}, { seq, sig: 'ours' })])[1]
  expect(words(88)).toBe('vouches up to event 88 of epoch 2 (head signed by this journal, 12 events behind)')
  expect(words(99)).toBe('vouches up to event 99 of epoch 2 (head signed by this journal, 1 event behind)')
})
