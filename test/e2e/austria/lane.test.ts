import { expect, test } from 'vitest'
import type { Answer } from '../../../agent/till/requests.ts'
import { systemClock } from '../../../base/clock.ts'
import { heavy } from '../../tags.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { goods, pay } from '../goods.ts'
import { austrianTill, ONE_CARD, receiptOf, verifiedDep } from './shop.ts'

const SALES = 10
/** A group may be decided for some milliseconds: here a slow machine must not cut it short. */
const clock = { ...systemClock, mono: () => 1n }

/** A shop whose commits are counted, and sales of one register that were rung up. */
async function rungUp() {
  const commits = { count: 0 }
  const atPoint = (point: string): void => {
    if (point === 'journal.after-commit') commits.count++
  }
  const bench = await Bench.open({ config: ONE_CARD, atPoint, clock })
  const register = await austrianTill(bench)
  const rung: Operation[] = []
  while (rung.length < SALES) rung.push(await register.till.create(goods('sale', register.id, [['2.00', '0.20']])))
  commits.count = 0
  return { bench, register, rung, commits }
}

/** All of them asked for in one turn of the event loop, as no client over HTTP could. */
function completeAll({ agent }: Bench, { key }: Register, open: readonly Operation[]): Promise<Answer[]> {
  const caller = agent.application.authenticate('register', key)
  if (caller === undefined) throw new Error('the key is not known')
  return Promise.all(
    open.map(({ id, merchant_id: merchantId }) => {
      const mutation = {
        caller,
        merchantId,
        idempotency: undefined,
        ifMatch: 1,
        organization: undefined,
      }
      return agent.application.operations.complete(mutation, { payments: [pay('cash', '2.00')] as never }, id)
    }),
  )
}

function receiptsOf(answers: readonly Answer[]) {
  return answers.map(({ body }) => receiptOf(JSON.parse(body) as Operation))
}

test(
  'receipts of one register that wait for each other share a sync: the outcome of one, the plan of the next',
  heavy(),
  async () => {
    const { bench, register, rung, commits } = await rungUp()
    await using _ = bench
    const receipts = receiptsOf(await completeAll(bench, register, rung))
    expect(commits.count).toBe(SALES + 1)
    expect(receipts.map(({ receipt_number: number }) => Number(number))).toEqual(rung.map((_, index) => index + 2))
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: SALES + 1 })
  },
)

test('while the card is unplugged, receipts that wait for each other share one sync', async () => {
  const { bench, register, rung, commits } = await rungUp()
  await using _ = bench
  await bench.faultAt('card-1', 'unplugged@*')
  const receipts = receiptsOf(await completeAll(bench, register, rung))
  expect(receipts.every(({ security_device_failed: isUnsigned }) => isUnsigned)).toBe(true)
  // The plan of the first, its outcome with all the others, and the change of the device.
  expect(commits.count).toBeLessThanOrEqual(4)
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: SALES + 1 })
})

test(
  'a card that fails among waiting receipts: the earlier are signed, the later carry the marker, in one chain',
  heavy(),
  async () => {
    const { bench, register, rung } = await rungUp()
    await using _ = bench
    await bench.faultAt('card-1', 'blip-in=60000@sign#5')
    const receipts = receiptsOf(await completeAll(bench, register, rung))
    const unsigned = receipts.map(({ security_device_failed: isUnsigned }) => isUnsigned)
    expect(unsigned.slice(0, 5)).toEqual([false, false, false, false, true])
    expect(unsigned.slice(5)).toContain(true)
    const numbers = receipts.map(({ receipt_number: number }) => Number(number))
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true })
  },
)

test('a refused completion does not delay the receipts after it', async () => {
  const { bench, register, rung } = await rungUp()
  await using _ = bench
  const [first, ...others] = rung
  if (first === undefined) throw new Error('nothing was rung up')
  await register.till.void(first)
  const refused = expect(completeAll(bench, register, [first])).rejects.toMatchObject({ code: 'precondition_failed' })
  const answers = await completeAll(bench, register, others)
  await refused
  expect(receiptsOf(answers).map(({ receipt_number: number }) => Number(number))).toEqual(
    others.map((_, index) => index + 2),
  )
})
