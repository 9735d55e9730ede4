import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkCode } from '../../../agent/laws/germany/verify-code.ts'
import { matched } from '../../attacks/matched.ts'
import { heavy } from '../../tags.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { processData } from '../client.ts'
import { event } from '../goods.ts'
import { closing } from '../shift.ts'
import { expectSound } from '../sound.ts'
import { agentOf, LOTTO } from './agencies.ts'
import { verifiedPackage } from './package-rows.ts'
import type { Vector } from './vectors.ts'
import { MISCOUNT, VECTORS } from './vectors.ts'

type Evening = { bench: Bench; registers: readonly [Register, Register]; played: Map<Vector, readonly Operation[]> }

/** Every case at one register, the miscount at another one; the sessions stay open. */
async function evening(isDown: boolean): Promise<Evening> {
  const bench = await Bench.open()
  const { register, locationId } = await agentOf(bench, [LOTTO])
  const other = await bench.register(locationId)
  await other.till.create(event('session_open', other.id, { opening_balance_amount: '127.50' }))
  if (isDown) {
    await bench.fault('unplugged@*')
    await bench.untilDevice('down')
  }
  const played = new Map<Vector, readonly Operation[]>()
  for (const vector of VECTORS) played.set(vector, await vector.play(register))
  played.set(MISCOUNT, await MISCOUNT.play(other))
  if (isDown) {
    await bench.fault('clear')
    await bench.untilDevice('ready')
  }
  return { bench, registers: [register, other], played }
}

/** The sums of both closings, without their times. */
async function closed({ bench, registers: [register, other] }: Evening): Promise<string[]> {
  const { id, till } = register
  const { expected_closing_amount: expected } = await till.get(`/v1/registers/${id}/session`)
  const francs = { foreign_cash: [{ currency: 'CHF', counted_amount: '20.00' }] }
  await till.create(event('session_cash_count', id, { counted_closing_amount: String(expected), ...francs }))
  for (const one of [register, other]) await one.till.create(closing(one, '0.00'))
  const { businessCases, payments, cash } = await verifiedPackage(bench)
  return [...businessCases, ...payments, ...cash]
    .map(({ Z_KASSE_ID, Z_ERSTELLUNG: _, ...sums }) => JSON.stringify([Z_KASSE_ID === id, sums]))
    .sort()
}

let signedOne: Evening
let unsigned: Evening

beforeAll(async () => {
  signedOne = await evening(false)
  unsigned = await evening(true)
})
afterAll(async () => {
  for (const { bench } of [signedOne, unsigned]) await bench[Symbol.asyncDispose]()
})

function receiptOf({ registers: [{ till }, other] }: Evening, { id }: Operation, isCount: boolean): Promise<Members> {
  return (isCount ? other.till : till).get(`/v1/operations/${id}/receipt`)
}

describe.each([...VECTORS, MISCOUNT].map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
  test('is signed as the page says, and the code on its receipt verifies', async () => {
    const operations = signedOne.played.get(vector) ?? []
    expect(operations.map(processData)).toEqual(vector.texts)
    for (const [index, operation] of operations.entries()) {
      const { qr } = await receiptOf(signedOne, operation, vector === MISCOUNT)
      expect(String(qr)).toContain(vector.texts[index])
      expect(checkCode(String(qr))).toMatchObject({ isWhole: true, valid: true, findings: [] })
    }
  })

  test('is completed while the TSE is down, and its receipt has the words of the outage', async () => {
    const operations = unsigned.played.get(vector) ?? []
    expect(operations).toHaveLength(vector.texts.length)
    for (const operation of operations) {
      expect(operation).toMatchObject({ status: 'completed', fiscal: { state: 'failed' } })
      const { qr, notices } = await receiptOf(unsigned, operation, vector === MISCOUNT)
      expect({ qr, notices }).toMatchObject({ qr: null, notices: expect.arrayContaining(['TSE ausgefallen']) })
    }
  })
})

test('all cases are exported, the package has each signed text, and an outage changes no sum', heavy(), async () => {
  const [sums, unsignedSums] = [await closed(signedOne), await closed(unsigned)]
  expect(unsignedSums).toEqual(sums)
  const { signatures } = await verifiedPackage(signedOne.bench)
  const texts = signatures.map((row) => row['TSE_VORGANGSDATEN'])
  expect(texts).toEqual(expect.arrayContaining([...VECTORS, MISCOUNT].flatMap((vector) => vector.texts)))
  for (const { bench } of [signedOne, unsigned]) {
    expect((await matched(bench)).codes).toEqual([])
    await expectSound(bench)
  }
})
