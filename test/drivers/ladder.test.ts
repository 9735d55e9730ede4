import { expect, test } from 'vitest'
import { DeviceError } from '../../drivers/errors.ts'
import { climb, QuestionAttempts } from '../../drivers/ladder.ts'
import type { Remedy } from '../../drivers/ports/remedy.ts'
import { documentedRefusal, undocumented } from '../../drivers/refusal-class.ts'

function never(): boolean {
  return false
}
const unknownWord = undocumented('0f01', 'none')
const wantsLogin = documentedRefusal(['authentication', 'not_authorised', 'none', 'a user must log in'], '0111')
const wrongPin = new DeviceError('pin_wrong', 'none', 'the PIN is wrong', '1100', [], 'pin')

/** A unit that answers once that remedy was applied, and the remedies applied to it. */
class Unit {
  readonly done: Remedy[] = []
  questions = 0
  readonly #helps: Remedy | undefined
  readonly #says: DeviceError

  constructor(says: DeviceError, helps?: Remedy) {
    this.#says = says
    this.#helps = helps
  }

  async remedy(remedy: Remedy, client: string): Promise<boolean> {
    expect(client).toBe('till-1')
    this.done.push(remedy)
    return true
  }

  readonly question = async (): Promise<string> => {
    this.questions += 1
    if (this.#helps === undefined || !this.done.includes(this.#helps)) throw this.#says
    return 'told'
  }
}

function settle(unit: Unit, attempts = new QuestionAttempts('till-1')): Promise<string> {
  return climb(unit, { attempts, atAct: false, isOver: never }, unit.question)
}

test('an unknown code takes each rung once, in order, and afterwards only the question is repeated', async () => {
  const unit = new Unit(unknownWord)
  const attempts = new QuestionAttempts('till-1')
  await expect(settle(unit, attempts)).rejects.toBe(unknownWord)
  expect(unit.done).toEqual([
    'release',
    ...['log_in_time_admin', 'log_out', 'log_in_admin', 'log_out'],
    ...['client', 'reopen', 'self_test', 'time'],
    ...['log_in_time_admin', 'log_out', 'log_in_admin', 'log_out'],
  ])
  const asked = unit.questions
  await expect(settle(unit, attempts)).rejects.toBe(unknownWord)
  expect(unit.questions).toBe(asked + 1)
  expect(unit.done).toHaveLength(13)
})

test('while a customer waits the line stays open; the unit gets neither a test nor the time', async () => {
  const unit = new Unit(unknownWord)
  const climbing = { attempts: new QuestionAttempts('till-1'), atAct: true, isOver: never }
  await expect(climb(unit, climbing, unit.question)).rejects.toBe(unknownWord)
  expect(unit.done.filter((remedy) => ['reopen', 'self_test', 'time'].includes(remedy))).toEqual([])
})

test('a known refusal takes the remedy of its class only, and ends as soon as the unit answers', async () => {
  const unit = new Unit(wantsLogin, 'log_in_admin')
  await expect(settle(unit)).resolves.toBe('told')
  expect(unit.done).toEqual(['log_in_time_admin', 'log_out', 'log_in_admin', 'log_out'])
})

test.each([
  wrongPin,
  documentedRefusal(['final', 'memory_full', 'none', 'full'], '0107'),
  new DeviceError('no_data', 'none', '-'),
])('nothing is done after a refusal that has no remedy: $message', async (refusal) => {
  const unit = new Unit(refusal)
  await expect(settle(unit)).rejects.toBe(refusal)
  expect(unit.done).toEqual([])
})

test('a PIN that is refused on the way is reported, and the rungs without a login follow', async () => {
  const unit = new Unit(unknownWord, 'reopen')
  const refusing = {
    remedy: async (remedy: Remedy, client: string): Promise<boolean> => {
      if (remedy.startsWith('log_in')) throw wrongPin
      return unit.remedy(remedy, client)
    },
  }
  const attempts = new QuestionAttempts('till-1')
  await expect(climb(refusing, { attempts, atAct: false, isOver: never }, unit.question)).resolves.toBe('told')
  expect(attempts.hindrance).toBe(wrongPin)
})

test('another unit on a reopened line ends the ladder', async () => {
  const foreign = new DeviceError('foreign', 'none', 'another unit')
  const unit = new Unit(unknownWord)
  const exchanged = {
    remedy: async (remedy: Remedy): Promise<boolean> => {
      if (remedy === 'reopen') throw foreign
      return true
    },
  }
  const climbing = { attempts: new QuestionAttempts('till-1'), atAct: false, isOver: never }
  await expect(climb(exchanged, climbing, unit.question)).rejects.toBe(foreign)
})

test('a unit with another code each time is finally left alone', async () => {
  const attempts = new QuestionAttempts('till-1')
  let words = 0
  const question = async (): Promise<never> => {
    words += 1
    throw undocumented(`W${words}`, 'none')
  }
  await expect(climb({}, { attempts, atAct: false, isOver: never }, question)).rejects.toThrow('undocumented')
  expect(words).toBeLessThan(50)
})

test('another question is put once for each code of refusal', () => {
  const attempts = new QuestionAttempts('till-1')
  expect([unknownWord, unknownWord, wantsLogin].map((refusal) => attempts.mayAskOtherwise(refusal))).toEqual([
    ...[true, false, true],
  ])
})

test('a login that a refused PIN kept out follows once the PIN is another one, and no other rung does', async () => {
  const unit = new Unit(wantsLogin, 'log_in_time_admin')
  let isRight = false
  const guarded = {
    remedy: async (remedy: Remedy, client: string): Promise<boolean> => {
      if (remedy.startsWith('log_in') && !isRight) throw wrongPin
      return unit.remedy(remedy, client)
    },
  }
  const climbing = { attempts: new QuestionAttempts('till-1'), atAct: false, isOver: never }
  for (let asked = 0; asked < 50; asked += 1)
    await expect(climb(guarded, climbing, unit.question)).rejects.toBe(wantsLogin)
  expect(climbing.attempts.hindrance).toBe(wrongPin)
  isRight = true
  await expect(climb(guarded, climbing, unit.question)).resolves.toBe('told')
  expect(unit.done).toEqual(['log_in_time_admin', 'log_out'])
})
