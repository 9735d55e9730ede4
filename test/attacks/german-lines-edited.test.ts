// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { event, goods, pay, sell } from '../e2e/goods.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Line } from './insider.ts'
import { rewriteEvents, soldDay } from './insider.ts'
import { matched } from './matched.ts'

// The insider cannot change the signed text, so he keeps it and edits the goods of the operation, or its end. He
// corrects the sums of the session and signs the journal again.

const SIGNED = 'Beleg^0.00_10.70_0.00_0.00_0.00^10.70:Bar'
const FAILED = { state: 'failed', receipt_text: 'TSE ausgefallen', error: { code: 'unavailable', message: 'away' } }

type Body = Line['body']
type Session = { set?: Members; sales?: { bons: number; gross: number }; cash?: number }

/** Takes cents off the sums in count and close of the one session. */
function lessBy(cents: number) {
  const lessIn = (members: Members, name: string): Members => {
    return { [name]: (Number(members[name]) - cents / 100).toFixed(2) }
  }
  return (line: Line): Line => {
    const session = line.body['session'] as Session | undefined
    const less = (members: Members): Members =>
      typeof members['expected_closing_amount'] === 'string'
        ? { ...members, ...lessIn(members, 'expected_closing_amount'), ...lessIn(members, 'counted_closing_amount') }
        : members
    if (session === undefined) return line
    const { set, sales } = session
    const edited = {
      ...session,
      ...(set !== undefined && { set: less(set) }),
      ...(sales !== undefined && { sales: { ...sales, gross: sales.gross - cents } }),
    }
    const own = line.body['set'] as Members | undefined
    return { ...line, body: { ...line.body, session: edited, ...(own !== undefined && { set: less(own) }) } }
  }
}

/** A tenth of the sale in lines, payments and cash; the request to the TSE and its signature stay. */
function lowered(body: Body): Body {
  const text = JSON.stringify(body)
    .replaceAll('"10.70"', '"1.07"')
    .replaceAll('"0.70"', '"0.07"')
    .replaceAll('"cash":1070', '"cash":107')
  return JSON.parse(text) as Body
}

/** Like an outage of the TSE: nothing of its answer is left. */
function asOutage({ transaction: _, ...body }: Body): Body {
  const set = body['set'] as Members
  return {
    ...body,
    set: { ...set, fiscal: FAILED, fiscal_information: null },
    law: { ...(body['law'] as Members | undefined), unsigned: true },
  }
}

/** The sale ends as cancelled: no amount, no cash. */
function asVoid(body: Body): Body {
  const { session: _, own: __, ...more } = asOutage(body)
  const { payments: ___, ...set } = more['set'] as Members
  return { ...more, status: 'voided', set: { ...set, status: 'voided', void_reason: 'operator_cancelled' } }
}

async function edited(bench: Bench, id: string, cents: number, change: (line: Line) => Line): Promise<void> {
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) =>
      lines.map((line) => (line.op === id ? change(line) : lessBy(cents)(line))),
    ),
  )
}

function isEnd({ kind }: Line): boolean {
  return kind === 'operation.completed'
}

test('a signed sale whose lines, payments and cash were lowered is not what its TSE was asked to secure', async () => {
  await using bench = await Bench.open({ edits: true })
  const { register, id } = await soldDay(bench)
  await edited(bench, id, 963, (line) => ({ ...line, body: lowered(line.body) }))
  const { codes, books } = await verifyJournal(bench.config.state)
  const facts = { register: register.id, bon: 3, stated: SIGNED, counted: 'Beleg^0.00_1.07_0.00_0.00_0.00^1.07:Bar' }
  expect([books, codes]).toMatchObject(['different', [{ code: 'tse_amounts_differ', level: 'error', facts }]])
})

test('a corrected count whose correction was edited is not what its TSE was asked to secure', async () => {
  await using bench = await Bench.open({ edits: true })
  const register = await bench.till('50.00')
  const count = (amount: string, more: Members = {}) =>
    register.till.create(event('session_cash_count', register.id, { counted_closing_amount: amount, ...more }))
  const first = await count('70.00')
  const second = await count('52.00', { corrects_operation_id: first.id })
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) =>
      lines.map((line) => {
        const set = line.body['set'] as Members | undefined
        if (line.op !== second.id || set?.['correction_amount'] === undefined) return line
        return { ...line, body: { ...line.body, set: { ...set, correction_amount: '-8.00' } } }
      }),
    ),
  )
  const { codes } = await verifyJournal(bench.config.state)
  const [stated, counted] = ['-18.00', '-8.00'].map((cents) => `Beleg^0.00_0.00_0.00_0.00_${cents}^${cents}:Bar`)
  expect(codes).toMatchObject([
    {
      code: 'session_cash_differs',
      facts: { what: expect.stringContaining('by -8.00, both counts differ by -18.00') },
    },
    { code: 'tse_amounts_differ', facts: { stated, counted } },
  ])
})

test('the same with its answer rewritten as an outage', async () => {
  await using bench = await Bench.open({ edits: true })
  const { id } = await soldDay(bench)
  await edited(bench, id, 963, (line) => {
    const body = lowered(line.body)
    return { ...line, body: isEnd(line) ? asOutage(body) : body }
  })
  const { codes } = await verifyJournal(bench.config.state)
  const facts = { bon: 3, stated: SIGNED, counted: 'Beleg^0.00_1.07_0.00_0.00_0.00^1.07:Bar' }
  expect(codes).toMatchObject([{ code: 'tse_amounts_differ', facts }])
})

test('a signed sale that was rewritten as a void in an outage is found in the journal, and by the memory of the TSE', async () => {
  await using bench = await Bench.open({ edits: true })
  const { id } = await soldDay(bench)
  await edited(bench, id, 1070, (line) =>
    isEnd(line) ? { ...line, kind: 'operation.voided', body: asVoid(line.body) } : line,
  )
  const { codes } = await verifyJournal(bench.config.state)
  const facts = { bon: 3, stated: SIGNED, counted: 'AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^' }
  expect(codes).toMatchObject([{ code: 'tse_amounts_differ', facts }])
  const report = await matched(bench)
  expect(report.codes).toEqual(['tse_log_differs'])
  expect(report.sentences[0]).toContain(`Bon 3: Die TSE hat ${SIGNED}`)
})

test('cash that was removed from a sale, its count and its close differs from the payment of the sale', async () => {
  await using bench = await Bench.open({ edits: true })
  const { register, id } = await soldDay(bench)
  const lessCash = (line: Line): Line => {
    const session = line.body['session'] as Session | undefined
    return session?.cash === 1070 ? { ...line, body: { ...line.body, session: { ...session, cash: 70 } } } : line
  }
  const isOwn = ({ op }: Line): boolean => op === id
  const taken = (line: Line): Line => {
    const sales = (line.body['session'] as Session | undefined)?.sales
    const less = lessBy(1000)(line)
    return sales === undefined
      ? less
      : { ...less, body: { ...less.body, session: { ...(less.body['session'] as Session), sales } } }
  }
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) => lines.map((line) => (isOwn(line) ? lessCash(line) : taken(line)))),
  )
  const { codes } = await verifyJournal(bench.config.state)
  const facts = { register: register.id, bon: 3, stated: '0.70', counted: '10.70' }
  expect(codes).toMatchObject([{ code: 'bon_cash_differs', level: 'error', facts }])
})

test('a sale whose goods were recorded again after its end, smaller, was changed', async () => {
  await using bench = await Bench.open({ edits: true })
  const { id } = await soldDay(bench)
  const { line_items: lines } = await bench.office.get(`/v1/operations/${id}`)
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (events) =>
      events.flatMap((line) => {
        if (line.op !== id || !isEnd(line)) return [line]
        const smaller = JSON.parse(JSON.stringify(lines).replaceAll('10.70', '1.07')) as Members
        const noted = { ...line, seq: line.seq + 0.5, kind: 'operation.noted' }
        return [line, { ...noted, body: { set: { line_items: smaller, total_amount: '1.07' } } }]
      }),
    ),
  )
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes).toMatchObject([{ code: 'operation_changed', level: 'error', facts: { operation: id } }])
})

test('a sale in the session that is still open is compared too', async () => {
  await using bench = await Bench.open({ edits: true })
  const register = await bench.till('50.00')
  const { id } = await sell(register, '10.70')
  await edited(bench, id, 0, (line) => ({ ...line, body: lowered(line.body) }))
  expect((await verifyJournal(bench.config.state)).codes).toMatchObject([{ code: 'tse_amounts_differ' }])
})

test('a signed sale that was changed into the end of an orphan keeps the text that the TSE signed', async () => {
  await using bench = await Bench.open({ edits: true })
  const { id } = await soldDay(bench)
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) =>
      lines.map((line) => {
        if (line.op !== id || line.body['act'] === undefined) return line
        const act = line.body['act'] as { name: string }
        return act.name === 'finish' ? { ...line, op: '', kind: 'transaction.abort_intended' } : line
      }),
    ),
  )
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes).toContainEqual(
    expect.objectContaining({ code: 'tse_amounts_differ', facts: expect.objectContaining({ stated: SIGNED }) }),
  )
})

test('an honest sale with tip, voucher, two rates and three payments is what its TSE secured', async () => {
  await using bench = await Bench.open({ edits: true })
  const { id, till } = await bench.till('50.00')
  const lines = [
    ['10.70', '0.07'],
    ['11.90', '0.19'],
  ] as const
  const open = await till.create(goods('sale', id, lines, { tip_amount: '1.40' }))
  await till.complete(open, [
    pay('cash', '11.00'),
    pay('card', '3.00'),
    pay('gift_card', '10.00', { gift_card_id: 'g-1' }),
  ])
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes).toEqual([])
})
