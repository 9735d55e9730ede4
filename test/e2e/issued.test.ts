import { expect, test } from 'vitest'
import { verifyJournal } from '../verified-journal.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import { Bench } from './bench.ts'
import { ChangeReader } from './change-reader.ts'
import { goods, pay } from './goods.ts'
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
      const answer = await till.call({ path: `/v1/operations/${operation}/issued`, body: { as }, ...more })
      expect(answer.status, answer.text).toBe(200)
      return answer.json
    }

    const open = await till.create(goods('sale', id, [['4.50', rate]]))
    expect(await till.refused({ path: `/v1/operations/${open.id}/issued`, body: { as: 'paper' } })).toMatchObject({
      status: 409,
      code: 'operation_invalid_state',
      fiscal_effect: 'none',
    })
    const paid = await till.complete(open, [pay('cash', '4.50')], { issued_as: 'paper' })
    expect(paid).toMatchObject({ status: 'completed', resource_version: 2, issued_as: 'paper' })

    const silent = await till.complete(await till.create(goods('sale', id, [['2.00', rate]])), [pay('card', '2.00')])
    expect(silent).not.toHaveProperty('issued_as')
    // A read is what was answered: a till may compare the two.
    expect(await till.read(silent.id)).toEqual(silent)
    const said = await issued(silent.id, 'digital', 'shown')
    expect(said).toMatchObject({ id: silent.id, resource_version: 2, issued_as: 'digital' })
    expect(await issued(silent.id, 'paper_and_digital')).toMatchObject({ issued_as: 'paper_and_digital' })
    // A repetition of the first word is answered as it was, and changes nothing.
    expect(await issued(silent.id, 'digital', 'shown')).toEqual(said)
    expect(await till.read(silent.id)).toMatchObject({ issued_as: 'paper_and_digital', resource_version: 2 })

    const listed = await till.get(`/v1/operations?issued_as=paper_and_digital`)
    expect((listed['data'] as { id: string }[]).map((each) => each.id)).toEqual([silent.id])
    await reader.until(() => reader.words().filter((word) => word === 'operation.changed completed').length === 2)
    reader.close()
    const notes = await bench.agent.administration.auditNotes({
      from: '1970-01-01T00:00:00Z',
      to: '9999-12-31T23:59:59Z',
    })
    expect(notes.issued).toMatchObject({ paper: 1, digital: 0, paper_and_digital: 1, none: 0 })
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
  await till.post(`/v1/operations/${sale.id}/issued`, { as: 'none' }, 200)
  expect(await explained()).toMatchObject({ issued_as: 'none' })
})
