// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { choiceIn } from '../../scripts/tests/choice.ts'
import { smoke } from '../tags.ts'
import { SHOPS, simulate } from './world.ts'

const OPS = 60
const KINDS = [
  { name: 'a till', from: 1_000, seeds: 4, options: {}, flags: '' },
  {
    name: 'a till with a channel for alerts that fails',
    ...{ from: 1_004, seeds: 4, options: { alerts: true }, flags: '--alerts ' },
  },
  {
    name: 'a till on a disk that fails and loses power',
    ...{ from: 3_000, seeds: 4, options: { disk: true }, flags: '--disk ' },
  },
  {
    name: 'a till with such a channel on such a disk',
    ...{ from: 3_004, seeds: 4, options: { disk: true, alerts: true }, flags: '--disk --alerts ' },
  },
  {
    name: 'the books of days in which everything happens',
    from: 2_000,
    seeds: 5,
    options: { busy: true },
    flags: '--busy ',
  },
  {
    name: 'those books on a disk that fails and loses power',
    ...{ from: 4_000, seeds: 3, options: { busy: true, disk: true }, flags: '--busy --disk ' },
  },
  ...(['diebold', 'epson', 'rksv', 'rch', 'custom', 'fpmate'] as const).flatMap((shop) => [
    { name: `a shop of ${shop}`, from: 5_000, seeds: 2, options: { shop }, flags: `--shop ${shop} ` },
    {
      name: `a shop of ${shop} on such a disk`,
      ...{ from: 6_000, seeds: 1, options: { shop, disk: true }, flags: `--shop ${shop} --disk ` },
    },
  ]),
  ...(['rch', 'custom', 'fpmate'] as const).map((shop) => ({
    name: `a shop of ${shop} whose printer dies and whose sales are entered`,
    ...{ from: 7_000, seeds: 1, options: { shop, emergency: true }, flags: `--shop ${shop} --emergency ` },
  })),
]
const RUNS = KINDS.flatMap(({ name, from, seeds, options, flags }) =>
  Array.from({ length: seeds }, (_, index) => ({ name, seed: from + index, options, flags })),
)

/** What a request goes through, as far as four seeds of a law meet it. */
const STEPS = ['register.fiscalize_requested', 'operation.created', 'operation.completion_requested', 'act.intended']
const LAW_STEPS = [
  {
    name: 'Germany',
    shop: 'tse',
    busy: true,
    kinds: [...STEPS, 'operation.started', 'operation.completed', 'operation.void_requested', 'operation.voided'],
  },
  {
    name: 'Austria',
    shop: 'rksv',
    busy: false,
    kinds: [
      ...STEPS,
      'operation.completed',
      'operation.reversal_requested',
      'closing.recorded',
      'register.decommissioned',
    ],
  },
  {
    name: 'Italy',
    shop: 'rch',
    busy: false,
    kinds: [...STEPS, 'operation.completed', 'operation.reconciled', 'closing.requested', 'closing.recorded'],
  },
] as const

/** The same for one commit, so that a failure can be run again; many in `test:long`. */
const FIRST_DRAWN = 10_000 + (choiceIn(process.env).seed % 1_000_000)
const DRAWN = process.env['TEST_LONG'] === undefined ? 1 : 25

async function holds({ seed, options, flags }: Pick<(typeof RUNS)[number], 'seed' | 'options' | 'flags'>) {
  const { failures, trace } = await simulate({ seed, ops: OPS, ...options })
  const again = `node test/simulation/simulate.ts ${flags}--seed ${seed} --ops ${OPS}`
  expect(failures, `${again}\n${trace.join('\n')}`).toEqual([])
}

describe('simulated with every fault there is,', () => {
  test.each(RUNS)('$name holds with seed $seed', holds)

  test.each(KINDS)('$name holds with the seed of the commit', smoke(), async ({ options, flags }) => {
    for (let index = 0; index < DRAWN; index++) await holds({ seed: FIRST_DRAWN + index, options, flags })
  })

  test.each(LAW_STEPS)('keeps the document that the stored events make after each step: $name', async (law) => {
    const met = new Set<string>()
    for (let seed = 1; seed <= 4; seed++) {
      const { failures, stepKinds } = await simulate({ seed, ops: OPS, shop: law.shop, busy: law.busy })
      expect(failures).toEqual([])
      for (const kind of stepKinds) met.add(kind)
    }
    expect([...met]).toEqual(expect.arrayContaining([...law.kinds]))
  })

  test.each(SHOPS.map((shop) => ({ shop, disk: shop === 'tse' })))(
    'plays the same seed in the same way, byte for byte: $shop, faulty disk $disk',
    async ({ shop, disk }) => {
      const ops = OPS / 2
      const first = await simulate({ seed: 7, ops, shop, disk })
      const second = await simulate({ seed: 7, ops, shop, disk })
      expect(second.lines).toEqual(first.lines)
      expect(second.hash).toBe(first.hash)
      const other = await simulate({ seed: 8, ops, shop, disk })
      expect(other.hash).not.toBe(first.hash)
    },
  )

  test('answers each till at the same moment with a channel that fails as without one', async () => {
    const run = { seed: 17, ops: OPS, onlyDevices: true }
    const answersOf = async (alerts: boolean) => {
      const { failures, trace } = await simulate({ ...run, alerts })
      expect(failures).toEqual([])
      return { answers: trace.filter((line) => line.includes('→')), last: trace.at(-1) }
    }
    const [without, beside] = [await answersOf(false), await answersOf(true)]
    expect(without.answers.some((line) => line.includes('completed failed'))).toBe(true)
    expect(beside.last).toMatch(/ [1-9]\d* messages about alerts$/)
    expect(beside.answers).toEqual(without.answers)
  })

  // A start was reconciled while the device could not identify itself: the next question did not find that start again.
  test('finds a lost start again, after any failures during the search', async () => {
    const { failures, trace } = await simulate({ seed: 4, ops: 2 * OPS })
    expect(failures, trace.join('\n')).toEqual([])
  })

  test('meets crashes and refusals during the run', async () => {
    const { lives, trace } = await simulate({ seed: 7, ops: 3 * OPS })
    expect(lives).toBeGreaterThan(2)
    expect(trace.some((line) => line.includes('no answer'))).toBe(true)
    expect(trace.some((line) => line.includes('completed failed'))).toBe(true)
  })
})
