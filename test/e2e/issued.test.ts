// @module-tag heavy
import { expect, test } from 'vitest'
import { EDITED_STATES } from '../edited-states.ts'
import { rewriteJournal } from '../journal/rewritten-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import { Bench } from './bench.ts'
import { ChangeReader } from './change-reader.ts'
import type { Operation } from './client.ts'
import { completion } from './client.ts'
import { event, goods, goodsOf, order, pay } from './goods.ts'
import { italianTill, ONE_PRINTER } from './italy/shop.ts'

test.each([
  ['KassenSichV', {}, '0.07', (bench: Bench) => bench.till('50.00')],
  ['RKSV', ONE_CARD, '0.10', austrianTill],
  ['RT', ONE_PRINTER, '0.10', italianTill],
] as const)(
  'under %s a till says how each receipt was issued, and the last word counts',
  async (_law, config, rate, tillOf) => {
    await using bench = await Bench.open({ config })
    const { id, till, key } = await tillOf(bench)
    const reader = await ChangeReader.open(bench.url, { 'X-Register-Api-Key': key })
    const issued = async (operation: string, as: string, idempotencyKey?: string) => {
      const more = idempotencyKey === undefined ? {} : { key: idempotencyKey }
      const answer = await till.call({ path: `/v1/operations/${operation}/issued`, body: { issued_as: as }, ...more })
      expect(answer.status, answer.text).toBe(200)
      return answer.json
    }

    const open = await till.create(goods('sale', id, [['4.50', rate]]))
    expect(
      await till.refused({ path: `/v1/operations/${open.id}/issued`, body: { issued_as: 'paper' } }),
    ).toMatchObject({
      status: 409,
      code: 'operation_invalid_state',
      fiscal_effect: 'none',
    })
    const paid = await till.complete(open, [pay('cash', '4.50')], { issued_as: 'paper' })
    expect(paid).toMatchObject({ status: 'completed', resource_version: 2, issued_as: 'paper' })

    const silent = await till.complete(await till.create(goods('sale', id, [['2.00', rate]])), [pay('card', '2.00')])
    expect(silent).toMatchObject({ issued_as: null })
    // A read is what was answered: a till may compare the two.
    expect(await till.read(silent.id)).toEqual(silent)
    const said = await issued(silent.id, 'digital', 'shown')
    expect(said).toMatchObject({ id: silent.id, resource_version: 2, issued_as: 'digital' })
    expect(await issued(silent.id, 'paper_and_digital')).toMatchObject({ issued_as: 'paper_and_digital' })
    // A repetition of the first word is answered as it was, and changes nothing.
    expect(await issued(silent.id, 'digital', 'shown')).toEqual(said)
    expect(await till.read(silent.id)).toMatchObject({ issued_as: 'paper_and_digital', resource_version: 2 })
    const firm = await till.create(goods('sale', id, [['317.00', rate]]))
    const invoiced = await till.call(completion(firm, [pay('card', '317.00')], { issued_as: 'e_invoice' }))
    expect(invoiced.json).toMatchObject({ status: 'completed', issued_as: 'e_invoice' })

    const listed = await till.get(`/v1/operations?issued_as=paper_and_digital`)
    expect((listed['data'] as { id: string }[]).map((each) => each.id)).toEqual([silent.id])
    await reader.until(() => reader.words().filter((word) => word === 'operation.changed completed').length === 2)
    reader.close()
    const notes = await bench.agent.administration.auditNotes(
      { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' },
      true,
    )
    // The opening of the session is not a customer's receipt.
    expect(notes.issued).toEqual({ paper: 1, digital: 0, paper_and_digital: 1, e_invoice: 1, none: 0, unsaid: 0 })
    await bench.stop()
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
    await bench.start()
  },
)

test('the explanation of a receipt says how it was issued', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const sale = await till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
  const explained = () => till.get(`/v1/operations/${sale.id}/explain`)
  expect(await explained()).toMatchObject({ issued_as: null })
  await till.post(`/v1/operations/${sale.id}/issued`, { issued_as: 'none' }, 200)
  expect(await explained()).toMatchObject({ issued_as: 'none' })
})

test('an operation says null until something is recorded, in each answer and in each read', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const seen: Operation[] = []
  const answered = (operation: Operation) => {
    seen.push(operation)
    return operation
  }
  const open = answered(await till.create(goods('sale', id, [['4.50', '0.07']])))
  const amended = answered(await till.amend(open, goodsOf(goods('sale', id, [['2.00', '0.07']]))))
  expect(await till.read(open.id)).toEqual(amended)
  answered(await till.void(answered(await till.create(goods('sale', id, [['1.00', '0.07']])))))
  const table = answered(await till.create(order(id, [['3.00', '0.07']])))
  answered(await till.create(event('session_cash_adjustment', id, { cash_amount: '5.00' })))
  answered(await bench.office.create(goods('sale', null, [['9.00', '0.07']])))
  expect(seen.map(({ issued_as }) => issued_as)).toEqual(seen.map(() => null))
  expect(await till.read(table.id)).toEqual(table)
  const listed = await till.list('/v1/operations')
  expect(listed.map((each) => each['issued_as'])).toEqual(listed.map(() => null))
})

test('words that no receipt is issued by are refused, and nothing is recorded', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const open = await till.create(goods('sale', id, [['4.50', '0.07']]))
  const sold = await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])
  const head = bench.head()
  const words = [
    '',
    'Paper',
    'email',
    'paper ',
    'paper,digital',
    'none\u0000',
    1,
    true,
    ['paper'],
    { issued_as: 'paper' },
  ]
  for (const word of [...words, null]) {
    const refused = [
      await till.refused({ path: `/v1/operations/${sold.id}/issued`, body: { issued_as: word } }),
      await till.refused({ ...completion(open, [pay('cash', '4.50')], { issued_as: word }) }),
    ]
    expect(refused, String(word)).toMatchObject([
      { status: 400, code: 'invalid_request', details: { errors: [{ pointer: '/issued_as' }] } },
      { status: 400, code: 'invalid_request', details: { errors: [{ pointer: '/issued_as' }] } },
    ])
  }
  for (const body of [{}, { issued_as: 'paper', more: 1 }, [], 'paper'])
    expect(await till.refused({ path: `/v1/operations/${sold.id}/issued`, body })).toMatchObject({ status: 400 })
  for (const word of ['Paper', 'null', 'paper,digital'])
    expect(await till.refused({ path: `/v1/operations?issued_as=${word}` }), word).toMatchObject({ status: 400 })
  expect(bench.requestedSince(head)).toEqual([])
})

test('a word for an operation that has no receipt, or is of another till, is refused', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [own, other] = [await bench.register(locationId), await bench.register(locationId)]
  await own.till.create(event('session_open', own.id, { opening_balance_amount: '5.00' }))
  const voided = await own.till.void(await own.till.create(goods('sale', own.id, [['1.00', '0.07']])))
  const sale = await own.till.create(goods('sale', own.id, [['2.00', '0.07']]))
  const sold = await own.till.complete(sale, [pay('card', '2.00')])
  const head = bench.head()
  const issue = (id: string) => ({ path: `/v1/operations/${id}/issued`, body: { issued_as: 'paper' } })
  const invalid = { status: 409, code: 'operation_invalid_state', details: { status: 'voided' }, fiscal_effect: 'none' }
  expect(await own.till.refused(issue(voided.id))).toMatchObject(invalid)
  expect(await other.till.refused(issue(sold.id))).toMatchObject({ status: 404, code: 'not_found' })
  expect(await own.till.refused(issue('op_01M8F27GMV0JMPN6T92BZ0ZAKC'))).toMatchObject({ status: 404 })
  expect(bench.requestedSince(head)).toEqual([])
  expect(await bench.office.post(`/v1/operations/${sold.id}/issued`, { issued_as: 'none' }, 200)).toMatchObject({
    issued_as: 'none',
  })
})

test('a receipt is issued while its signature is pending, and the later outcome leaves the last word', async () => {
  await using bench = await Bench.open({ config: { deadlineMs: 1000 } })
  const { id, till } = await bench.till('50.00')
  await bench.fault('lost-answer@finish#1', 'unplugged@recall')
  const asked = completion(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')], {
    issued_as: 'paper',
  })
  const early = await till.call(asked)
  expect(early.json).toMatchObject({ fiscal: { state: 'pending' }, issued_as: 'paper' })
  const operation = String(early.json['id'])
  const said = await till.post(`/v1/operations/${operation}/issued`, { issued_as: 'paper_and_digital' }, 200)
  expect(said).toMatchObject({ fiscal: { state: 'pending' }, issued_as: 'paper_and_digital' })
  await bench.fault('clear')
  await bench.until(async () => (await till.read(operation)).fiscal.state === 'succeeded')
  expect(await till.read(operation)).toMatchObject({ issued_as: 'paper_and_digital' })
  const again = await till.call(asked)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect((await till.call(asked)).text).toBe(again.text)
})

test('an operation that an earlier version made reads null, and a repeated key keeps its bytes', async () => {
  await using bench = await Bench.open()
  const { id, till, key } = await bench.till('50.00')
  const call = { path: '/v1/operations', body: goods('sale', id, [['4.50', '0.07']]), key: 'first' }
  const made = await till.call(call)
  const sold = await till.complete({ id: String(made.json['id']) }, [pay('cash', '4.50')])
  const { seq } = bench.journal().find(({ op }) => op === sold.id) ?? { seq: 0 }
  await bench.restart(async () => {
    EDITED_STATES.add(bench.config.state)
    await rewriteJournal(bench.config.state, seq, (body) => body.replace('"issued_as":null,', ''))
  })
  const replay = await fetch(new URL(call.path, bench.url), {
    method: 'POST',
    headers: { 'X-Register-Api-Key': key, 'Idempotency-Key': call.key, 'Content-Type': 'application/json' },
    body: JSON.stringify(call.body),
  })
  expect(await replay.text()).toBe(made.text.replace('"issued_as":null,', ''))
  expect(await till.read(sold.id)).toMatchObject({ issued_as: null })
  expect(await till.list('/v1/operations?type=sale')).toMatchObject([{ id: sold.id, issued_as: null }])
  expect(await till.get(`/v1/operations/${sold.id}/explain`)).toMatchObject({ issued_as: null })
  const { documents } = (await bench.office.get('/v1/overview')) as { documents: object[] }
  expect(documents).toContainEqual(expect.objectContaining({ id: sold.id, issued_as: null }))
  await till.post(`/v1/operations/${sold.id}/issued`, { issued_as: 'digital' }, 200)
  expect(await till.read(sold.id)).toMatchObject({ issued_as: 'digital' })
})
