import { describe, expect, test } from 'vitest'
import { FaultPlan } from '../../drivers/faults.ts'
import { CommandFaults } from '../../drivers/rt/command-faults.ts'

const names = ['slow', 'busy', 'lost-answer', 'unplugged', 'blip-before', 'garbled', 'error', 'error-done'] as const
type Plan = FaultPlan<(typeof names)[number]>

const ACTS = ['open', 'start', 'finish', 'exportLogs', '301']

function planOf(...faults: readonly string[]): Plan {
  const plan = new FaultPlan(names, ACTS)
  for (const fault of faults) plan.inject(fault)
  return plan
}

/** Which of the next `count` acts are struck, counted from 1. */
function strikes(plan: Plan, act: string, count = 8): readonly number[] {
  return Array.from({ length: count }, (_, i) => (plan.strike(act).names.size > 0 ? i + 1 : 0)).filter((n) => n > 0)
}

describe('the grammar of faults', () => {
  test.each([
    ['busy@start', [1]],
    ['busy@start#3', [3]],
    ['busy@start#3+', [3, 4, 5, 6, 7, 8]],
    ['busy@start#2-4', [2, 3, 4]],
    ['busy@start#*', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['unplugged@start', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['unplugged@start#1-2', [1, 2]],
    [' LOST_ANSWER@Start ', [1]],
  ] as const)('%s strikes the acts %j', (fault, expected) => {
    expect(strikes(planOf(fault), 'start')).toEqual(expected)
  })

  test('a unit that is unplugged for a time is missing for that time, before the first act', () => {
    const plan = planOf('unplugged=500@start')
    expect(plan.strike('start')).toMatchObject({ names: new Set(['blip-before']), blipMs: 500 })
    expect(plan.strike('start').names.size).toBe(0)
    for (const wrong of ['unplugged=@start', 'unplugged=x@start', 'unplugged=99999999@start'])
      expect(() => planOf(wrong)).toThrowError(/was expected/)
  })

  test('ACT is the beginning of the act, or all of them', () => {
    const plan = planOf('busy@export#*', 'garbled@*#*')
    expect([...plan.strike('exportLogs').names]).toEqual(['busy', 'garbled'])
    expect([...plan.strike('start').names]).toEqual(['garbled'])
  })

  test('slow carries its milliseconds and adds them up', () => {
    expect(planOf('slow=300@start', 'slow=20@*').strike('start').slowMs).toBe(320)
  })

  test('a fault counts from its injection, and clearing ends all', () => {
    const plan = planOf()
    plan.strike('start')
    plan.inject('busy@start#2')
    expect(strikes(plan, 'start', 3)).toEqual([2])
    plan.inject('unplugged@*')
    plan.clear()
    expect(strikes(plan, 'start')).toEqual([])
  })

  test('an error carries its code, and no code if the device returns one that no manual has', () => {
    const plan = planOf('error=0f01@301', 'error-done@finish')
    expect(plan.strike('301')).toMatchObject({ names: new Set(['error']), slowMs: 0, code: '0f01' })
    expect(plan.strike('finish')).toMatchObject({ names: new Set(['error-done']), slowMs: 0, code: '' })
    expect(() => planOf('error=a b@start')).toThrowError(/was expected/)
  })

  test.each([
    '',
    'busy',
    'busy@',
    '@start',
    'nonsense@start',
    'busy@start#0',
    'busy@start#',
    'busy@start#4-2',
    'busy@start#x',
    'slow@start',
    'slow=@start',
    'slow=-1@start',
    'slow=99999999@start',
    'busy=3@start',
  ])('"%s" is refused and the error names the expected form', (fault) => {
    expect(() => planOf(fault)).toThrowError(/NAME\[=ARG\]@ACT\[#WHICH\] was expected.*lost-answer/)
  })

  test('faults cannot pile up without limit', () => {
    const plan = planOf(...Array.from({ length: 64 }, () => 'busy@start'))
    expect(() => plan.inject('busy@start')).toThrowError(/at most 64/)
  })

  test.each(['busy@strat', 'busy@starts', 'busy@sign#*'])(
    '"%s" names no act, and the error lists those there are',
    (fault) => {
      expect(() => planOf(fault)).toThrowError(/no act begins with .*; there are open, start, finish, exportLogs, 301/)
    },
  )
})

test('a fault of a printer at a command that it does not have is refused, one with data is not', () => {
  const faults = new CommandFaults(['lost-answer'], ['3301', '7114'])
  for (const wrong of ['lost-answer@finish', 'lost-answer@3302', 'lost-answer@=R'])
    expect(() => faults.inject(wrong)).toThrowError(/no command begins with .*; there are 3301 7114/)
  for (const right of ['lost-answer@7114R#2', 'lost-answer@33', 'lost-answer@*'])
    expect(() => faults.inject(right)).not.toThrow()
})
