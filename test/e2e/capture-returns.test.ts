// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Members, Operation } from './client.ts'
import { completion, processData } from './client.ts'
import { elsewhere, event, goods, pay } from './goods.ts'

type Lines = Parameters<typeof goods>[2]

const OFF = { type: 'deposit' }

/** What a test does with deposits: amounts as in the API, a capture of a deposit with its goods. */
class Counter {
  readonly #register: Register

  constructor(register: Register) {
    this.#register = register
  }

  async deposit(lines: Lines, more: Members = {}): Promise<Operation> {
    return this.#done(goods('deposit', this.#register.id, typed(lines), more))
  }

  async capture(of: string, sold: Lines, off: Lines, more: Members = {}): Promise<Operation> {
    return this.#done(this.capturing(of, sold, off, more))
  }

  capturing(of: string, sold: Lines, off: Lines, more: Members = {}): Members {
    return this.#of('deposit_capture', of, [...sold, ...typed(off)], more)
  }

  /** The return of a capture: goods, and the part of the deposit that is valid again. */
  async giveBack(of: string, back: Lines, again: Lines = [], more: Members = {}): Promise<Operation> {
    return this.#done(this.givingBack(of, back, again, more))
  }

  givingBack(of: string, back: Lines, again: Lines = [], more: Members = {}): Members {
    return this.#of('return', of, [...back, ...typed(again)], more)
  }

  reversal(of: string): Promise<Operation> {
    return this.#register.till.create(this.reversing(of))
  }

  reversing(of: string): Members {
    return event('void', this.#register.id, { related_operation_id: of })
  }

  async refused(body: Members): Promise<[status: number, code: string, message: string]> {
    const { status, code, message } = await this.#register.till.refused({ path: '/v1/operations', body })
    return [status, code, message]
  }

  async #done(body: Members): Promise<Operation> {
    const { till } = this.#register
    return till.complete(await till.create(body), [pay('cash', String(body['total_amount']))])
  }

  #of(type: 'deposit_capture' | 'return', of: string, lines: Lines, more: Members): Members {
    return goods(type, this.#register.id, lines, { related_operation_id: of, ...more })
  }
}

function typed(lines: Lines): Lines {
  return lines.map(([amount, rate, more]) => [amount, rate, { ...OFF, ...more }] as const)
}

async function counter(bench: Bench): Promise<Counter & { till: Register['till']; id: string }> {
  const register = await bench.till()
  return Object.assign(new Counter(register), { till: register.till, id: register.id })
}

test('the return of a capture gives back its goods, and the deposit is valid again at its own rate', async () => {
  await using bench = await Bench.open()
  const shop = await counter(bench)
  const paid = await shop.deposit([['60.00', '0.19']])
  const captured = await shop.capture(paid.id, [['210.00', '0.07']], [['-60.00', '0.19']])
  const back = await shop.giveBack(captured.id, [['-210.00', '0.07']], [['60.00', '0.19']])
  expect(processData(back)).toBe('Beleg^60.00_-210.00_0.00_0.00_0.00^-150.00:Bar')
  expect(back).toMatchObject({ type: 'return', total_amount: '-150.00', related_operation_id: captured.id })
  // It can be captured again, in whole.
  const again = await shop.capture(paid.id, [['80.00', '0.19']], [['-60.00', '0.19']])
  expect(processData(again)).toBe('Beleg^20.00_0.00_0.00_0.00_0.00^20.00:Bar')
})

test('a return of the goods alone pays all the money out, and the deposit stays used up', async () => {
  await using bench = await Bench.open()
  const shop = await counter(bench)
  const paid = await shop.deposit([['70.00', '0.19']])
  const captured = await shop.capture(paid.id, [['80.00', '0.19']], [['-70.00', '0.19']])
  const back = await shop.giveBack(captured.id, [['-80.00', '0.19']])
  expect(processData(back)).toBe('Beleg^-80.00_0.00_0.00_0.00_0.00^-80.00:Bar')
  expect(await shop.refused(shop.capturing(paid.id, [['80.00', '0.19']], [['-0.01', '0.19']]))).toEqual([
    422,
    'unprocessable_entity',
    'The deposit has 0.00 left at 0.19: 0.01 cannot be taken off.',
  ])
  // Its money is paid out: the deposit cannot come back in addition.
  const later = shop.givingBack(captured.id, [['-70.00', '0.19']], [['70.00', '0.19']])
  expect(await shop.refused(later)).toEqual([
    422,
    'unprocessable_entity',
    '80.00 of the capture was paid out already: 0.00 of the deposit can be given back, not 70.00.',
  ])
  expect((await shop.refused(shop.reversing(paid.id)))[1]).toBe('related_operation_invalid')
})

test('at most the part that the capture took comes back, by rate, in all its returns together', async () => {
  await using bench = await Bench.open()
  const shop = await counter(bench)
  const paid = await shop.deposit([
    ['60.00', '0.19'],
    ['20.00', '0.07'],
  ])
  const captured = await shop.capture(
    paid.id,
    [
      ['100.00', '0.19'],
      ['50.00', '0.07'],
    ],
    [
      ['-40.00', '0.19'],
      ['-20.00', '0.07'],
    ],
  )
  const back = (again: Lines, of = captured.id) => shop.givingBack(of, [['-50.00', '0.19']], again)
  const tooMuch = 'The capture took 40.00 of the deposit at 0.19 that did not come back: 40.01 cannot be given back.'
  expect(await shop.refused(back([['40.01', '0.19']]))).toEqual([422, 'unprocessable_entity', tooMuch])
  expect((await shop.refused(back([['20.01', '0.07']])))[1]).toBe('unprocessable_entity')
  expect((await shop.refused(back([['10.00', '0']])))[1]).toBe('unprocessable_entity')
  const part = await shop.giveBack(
    captured.id,
    [['-50.00', '0.19']],
    [
      ['15.00', '0.19'],
      ['15.00', '0.19'],
    ],
  )
  expect(processData(part)).toBe('Beleg^-20.00_0.00_0.00_0.00_0.00^-20.00:Bar')
  expect((await shop.refused(back([['10.01', '0.19']])))[1]).toBe('unprocessable_entity')
  // The rest of the deposit, and what came back of it.
  const other = (off: string) => shop.capturing(paid.id, [['200.00', '0.19']], [[off, '0.19']])
  expect((await shop.refused(other('-50.01')))[2]).toBe(
    'The deposit has 50.00 left at 0.19: 50.01 cannot be taken off.',
  )
  await shop.till.create(other('-50.00'))
  // Both rates at once, the deposit first.
  const rest = goods(
    'return',
    shop.id,
    [
      ['10.00', '0.19', OFF],
      ['20.00', '0.07', OFF],
      ['-50.00', '0.19'],
      ['-50.00', '0.07'],
    ],
    { related_operation_id: captured.id },
  )
  const all = await shop.till.complete(await shop.till.create(rest), [pay('cash', '-70.00')])
  expect(processData(all)).toBe('Beleg^-40.00_-30.00_0.00_0.00_0.00^-70.00:Bar')
  expect((await shop.refused(back([['0.01', '0.19']])))[1]).toBe('unprocessable_entity')
})

test('a deposit that came back can be captured, returned or reversed; one that is used again cannot be taken back', async () => {
  await using bench = await Bench.open()
  const shop = await counter(bench)
  const round = async () => {
    const paid = await shop.deposit([['70.00', '0.19']])
    const captured = await shop.capture(paid.id, [['70.00', '0.19']], [['-70.00', '0.19']])
    expect((await shop.refused(shop.reversing(paid.id)))[2]).toBe(
      `Operation ${paid.id} is taken off by ${captured.id} already.`,
    )
    const back = await shop.giveBack(captured.id, [['-70.00', '0.19']], [['70.00', '0.19']])
    expect(processData(back)).toBe('Beleg^0.00_0.00_0.00_0.00_0.00^')
    return { paid, captured, back }
  }
  const reversed = await round()
  const undone = await shop.reversal(reversed.paid.id)
  expect(undone).toMatchObject({ total_amount: '-70.00' })
  expect(await shop.refused(shop.reversing(reversed.back.id))).toEqual([
    422,
    'related_operation_invalid',
    `Operation ${reversed.back.id} gave back a deposit that is reversed by ${undone.id}.`,
  ])
  const returned = await round()
  const out = await shop.giveBack(returned.paid.id, [], [['-70.00', '0.19']])
  expect(processData(out)).toBe('Beleg^-70.00_0.00_0.00_0.00_0.00^-70.00:Bar')
  expect(await shop.refused(shop.reversing(returned.back.id))).toEqual([
    422,
    'related_operation_invalid',
    `Operation ${returned.back.id} gave back a deposit that ${out.id} has used since.`,
  ])
  const taken = await round()
  const open = await shop.till.create(shop.capturing(taken.paid.id, [['70.00', '0.19']], [['-0.01', '0.19']]))
  expect((await shop.refused(shop.reversing(taken.back.id)))[1]).toBe('related_operation_invalid')
  await shop.till.void(open)
  // The reversal takes the deposit again: the capture holds as before.
  await shop.reversal(taken.back.id)
  expect((await shop.refused(shop.capturing(taken.paid.id, [['70.00', '0.19']], [['-0.01', '0.19']])))[1]).toBe(
    'unprocessable_entity',
  )
  await shop.giveBack(taken.captured.id, [['-70.00', '0.19']], [['70.00', '0.19']])
})

test('an open return holds the deposit: it cannot come back twice, and is free only when the return is completed', async () => {
  await using bench = await Bench.open()
  const shop = await counter(bench)
  const paid = await shop.deposit([['70.00', '0.19']])
  const captured = await shop.capture(paid.id, [['80.00', '0.19']], [['-70.00', '0.19']])
  const back = shop.givingBack(captured.id, [['-80.00', '0.19']], [['70.00', '0.19']])
  const other = shop.capturing(paid.id, [['90.00', '0.19']], [['-70.00', '0.19']])
  const open = await shop.till.create(back)
  expect((await shop.refused(other))[1]).toBe('unprocessable_entity')
  expect((await shop.refused(back))[1]).toBe('unprocessable_entity')
  expect((await shop.refused(shop.reversing(paid.id)))[1]).toBe('related_operation_invalid')
  expect((await shop.refused(shop.reversing(captured.id)))[1]).toBe('related_operation_invalid')
  await shop.till.void(open)
  expect((await shop.refused(other))[1]).toBe('unprocessable_entity')
  const again = await shop.till.create(back)
  await bench.restart()
  const { status } = await shop.till.call(completion(again, [pay('cash', '-10.00')]))
  expect(status).toBe(200)
  await shop.till.create(other)
})

test('a return has deposit lines next to the goods of a capture; anything else is refused', async () => {
  await using bench = await Bench.open()
  const shop = await counter(bench)
  const paid = await shop.deposit([['70.00', '0.19']])
  const captured = await shop.capture(paid.id, [['80.00', '0.19']], [['-70.00', '0.19']])
  const sold = await shop.till.complete(await shop.till.create(goods('sale', shop.id, [['80.00', '0.19']])), [
    pay('cash', '80.00'),
  ])
  const codeOf = async (body: Members) => (await shop.refused(body)).slice(0, 2)
  const back: Lines = [['-80.00', '0.19']]
  const again: Lines = [['70.00', '0.19']]
  // The deposit alone, with either sign.
  expect(await codeOf(shop.givingBack(captured.id, [], again))).toEqual([422, 'unprocessable_entity'])
  expect(await codeOf(shop.givingBack(captured.id, [], [['-70.00', '0.19']]))).toEqual([422, 'unprocessable_entity'])
  // The wrong sign, more deposit than goods, another operation, none.
  expect(await codeOf(shop.givingBack(captured.id, back, [['-70.00', '0.19']]))).toEqual([422, 'unprocessable_entity'])
  expect(await codeOf(shop.givingBack(captured.id, [['-60.00', '0.19']], again))).toEqual([422, 'unprocessable_entity'])
  for (const { id } of [paid, sold])
    expect(await codeOf(shop.givingBack(id, back, again))).toEqual([422, 'related_operation_invalid'])
  const external = goods('return', shop.id, [...back, ['70.00', '0.19', OFF]], elsewhere)
  expect(await codeOf(external)).toEqual([422, 'unprocessable_entity'])
  const exchange = goods('exchange', shop.id, [...back, ['70.00', '0.19', OFF]], { related_operation_id: captured.id })
  expect(await codeOf(exchange)).toEqual([422, 'unprocessable_entity'])
})

test('training gives no deposit back, and a capture of training gives none', async () => {
  await using bench = await Bench.open()
  const shop = await counter(bench)
  const paid = await shop.deposit([['70.00', '0.19']])
  const captured = await shop.capture(paid.id, [['80.00', '0.19']], [['-70.00', '0.19']])
  const practised = await shop.giveBack(captured.id, [['-80.00', '0.19']], [['70.00', '0.19']], { training: true })
  expect((await shop.refused(shop.capturing(paid.id, [['80.00', '0.19']], [['-0.01', '0.19']])))[1]).toBe(
    'unprocessable_entity',
  )
  await shop.reversal(practised.id)
  const taught = await shop.capture(paid.id, [['80.00', '0.19']], [['-70.00', '0.19']], { training: true })
  const back = shop.givingBack(taught.id, [['-80.00', '0.19']], [['70.00', '0.19']])
  expect((await shop.refused(back))[1]).toBe('related_operation_invalid')
  // The real one is untouched by all of it.
  await shop.giveBack(captured.id, [['-80.00', '0.19']], [['70.00', '0.19']])
})
