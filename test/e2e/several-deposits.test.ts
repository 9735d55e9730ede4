// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../verified-journal.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Members, Operation } from './client.ts'
import { amending, completion, processData } from './client.ts'
import { elsewhere, event, goods, goodsOf, pay, trade } from './goods.ts'
import { closeAndReport } from './shift.ts'

type Lines = Parameters<typeof goods>[2]
type Line = Lines[number]
type Kind = Parameters<typeof goods>[0]

const DEPOSIT = { type: 'deposit', title: 'Anzahlung' }

function of(deposit: Operation | undefined, amount: string, rate = '0.19'): Line {
  return [amount, rate, { ...DEPOSIT, ...(deposit !== undefined && { related_operation_id: deposit.id }) }]
}

/** What a counter does with deposits. */
class Counter {
  readonly #register: Register

  constructor(register: Register) {
    this.#register = register
  }

  body(kind: Kind, lines: Lines, more: Members = {}): Members {
    return goods(kind, this.#register.id, lines, more)
  }

  done(kind: Kind, lines: Lines, more: Members = {}): Promise<Operation> {
    return trade(this.#register, kind, lines, more)
  }

  paid(amount: string, rate = '0.19'): Promise<Operation> {
    return this.done('deposit', [of(undefined, amount, rate)])
  }

  reversed({ id }: Operation): Promise<Operation> {
    return this.#register.till.create(event('void', this.#register.id, { related_operation_id: id }))
  }

  async refused(kind: Kind | 'void', lines: Lines, more: Members = {}): Promise<Members> {
    const body = kind === 'void' ? event('void', this.#register.id, more) : this.body(kind, lines, more)
    const { status, code, message, details } = await this.#register.till.refused({ path: '/v1/operations', body })
    return { status, code, message, details }
  }
}

test('a capture takes several deposits off, each line its own, and leaves nothing of them', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const shop = new Counter(register)
  const [first, second] = [await shop.paid('100.00'), await shop.paid('50.00')]
  const lines: Lines = [['400.00', '0.19'], of(first, '-100.00'), of(second, '-50.00')]
  const capture = await shop.done('deposit_capture', lines)
  expect(processData(capture)).toBe('Beleg^250.00_0.00_0.00_0.00_0.00^250.00:Bar')
  expect(capture).not.toHaveProperty('related_operation_id')
  expect((capture as Members)['line_items']).toMatchObject([
    {},
    { related_operation_id: first.id },
    { related_operation_id: second.id },
  ])
  for (const deposit of [first, second])
    expect(await shop.refused('deposit_capture', [['9.00', '0.19'], of(deposit, '-0.01')])).toMatchObject({
      ...{ status: 422, code: 'unprocessable_entity', details: { pointer: '/line_items' } },
      message: `The deposit ${deposit.id} has 0.00 left at 0.19: 0.01 cannot be taken off.`,
    })
  await shop.reversed(capture)
  await shop.done('deposit_capture', lines)
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})

test('a line without a reference takes off the deposit of the operation, and lines of one deposit add up', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const shop = new Counter(register)
  const [first, second] = [await shop.paid('100.00'), await shop.paid('50.00')]
  const more = { related_operation_id: first.id }
  const bought: Line = ['400.00', '0.19']
  const tooMuch = [bought, of(undefined, '-60.00'), of(first, '-40.01'), of(second, '-50.00')]
  expect(await shop.refused('deposit_capture', tooMuch, more)).toMatchObject({
    code: 'unprocessable_entity',
    message: `The deposit ${first.id} has 100.00 left at 0.19: 100.01 cannot be taken off.`,
  })
  const all = [bought, of(undefined, '-60.00'), of(second, '-50.00'), of(first, '-40.00')]
  expect(await shop.done('deposit_capture', all, more)).toMatchObject({ total_amount: '250.00', ...more })
  // Of several, one may be used by its reference alone.
  const [third, fourth] = [await shop.paid('10.00'), await shop.paid('20.00')]
  const only = await shop.done('deposit_capture', [bought, of(fourth, '-20.00')], { related_operation_id: third.id })
  expect(only).toMatchObject({ total_amount: '380.00' })
  await shop.done('deposit_capture', [bought, of(third, '-10.00')])
})

test('each rate of each deposit gives at most what is left of it, at any register of the merchant', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  for (const { id, till } of [one, two])
    await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  const [shop, other] = [new Counter(one), new Counter(two)]
  const mixed = await shop.done('deposit', [of(undefined, '60.00'), of(undefined, '40.00', '0.07')])
  const plain = await shop.paid('100.00')
  await closeAndReport(one)
  const bought: Line = ['400.00', '0.19']
  const beyond = [bought, of(plain, '-100.00'), of(mixed, '-40.01', '0.07')]
  expect(await other.refused('deposit_capture', beyond)).toMatchObject({
    message: `The deposit ${mixed.id} has 40.00 left at 0.07: 40.01 cannot be taken off.`,
  })
  expect(await other.refused('deposit_capture', [bought, of(plain, '-1.00', '0.07')])).toMatchObject({
    message: `The deposit ${plain.id} is booked at 0.19 and cannot be taken off at 0.07.`,
  })
  const done = await other.done('deposit_capture', [bought, of(plain, '-100.00'), of(mixed, '-40.00', '0.07')])
  expect(processData(done)).toBe('Beleg^300.00_-40.00_0.00_0.00_0.00^260.00:Bar')
})

test('an amendment frees the deposits that its lines no longer name, and holds those that they name', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { till } = register
  const shop = new Counter(register)
  const [first, second] = [await shop.paid('100.00'), await shop.paid('50.00')]
  const bought: Line = ['400.00', '0.19']
  const open = await till.create(shop.body('deposit_capture', [bought, of(first, '-100.00')]))
  const amended = await till.amend(open, shop.body('deposit_capture', [bought, of(second, '-50.00')]))
  expect(await shop.refused('deposit_capture', [bought, of(second, '-1.00')])).toMatchObject({ status: 422 })
  const other = await till.create(shop.body('deposit_capture', [bought, of(first, '-100.00')]))
  expect(
    await till.refused(amending(amended, shop.body('deposit_capture', [bought, of(first, '-1.00')]))),
  ).toMatchObject({ status: 422, code: 'unprocessable_entity' })
  await till.void(other)
  const last = goodsOf(shop.body('deposit_capture', [bought, of(first, '-100.00'), of(second, '-50.00')]))
  await till.call({ ...completion(amended, [pay('cash', '250.00')], last), ifMatch: 2 })
  for (const deposit of [first, second])
    expect(await shop.refused('void', [], { related_operation_id: deposit.id })).toMatchObject({
      code: 'related_operation_invalid',
    })
})

test('the return of a capture of several gives back at most what it took of each, and says of which', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('500.00')
  const shop = new Counter(register)
  const [first, second] = [await shop.paid('100.00'), await shop.paid('50.00')]
  const lines: Lines = [['400.00', '0.19'], of(first, '-80.00'), of(second, '-50.00')]
  const capture = await shop.done('deposit_capture', lines)
  const more = { related_operation_id: capture.id }
  const back: Line = ['-400.00', '0.19']
  expect(await shop.refused('return', [back, of(undefined, '50.00')], more)).toMatchObject({
    ...{ status: 422, code: 'unprocessable_entity' },
    details: { pointer: '/line_items/1/related_operation_id' },
  })
  expect(await shop.refused('return', [back, of(first, '80.01')], more)).toMatchObject({
    code: 'unprocessable_entity',
    message: `The capture took 80.00 of the deposit ${first.id} at 0.19 that did not come back: 80.01 cannot be given back.`,
  })
  const third = await shop.paid('500.00')
  expect(await shop.refused('return', [back, of(third, '1.00')], more)).toMatchObject({ code: 'unprocessable_entity' })
  const returned = await shop.done('return', [back, of(first, '80.00'), of(second, '30.00')], more)
  expect(processData(returned)).toBe('Beleg^-290.00_0.00_0.00_0.00_0.00^-290.00:Bar')
  expect(await shop.refused('return', [['-1.00', '0.19'], of(first, '0.01')], more)).toMatchObject({ status: 422 })
  // 100.00 are free of the first again, of the second 30.00; the return holds them as long as both are used.
  const again = await shop.done('deposit_capture', [['400.00', '0.19'], of(first, '-100.00'), of(second, '-30.00')])
  expect(await shop.refused('void', [], { related_operation_id: returned.id })).toMatchObject({
    code: 'related_operation_invalid',
    message: `Operation ${returned.id} gave back a deposit that ${again.id} has used since.`,
  })
  await shop.reversed(again)
  await shop.reversed(returned)
  expect(await shop.refused('deposit_capture', [['9.00', '0.19'], of(second, '-0.01')])).toMatchObject({ status: 422 })
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
})

test('the return of a capture of one deposit gives that one back without a reference on its line', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('500.00')
  const shop = new Counter(register)
  const first = await shop.paid('100.00')
  const capture = await shop.done('deposit_capture', [['400.00', '0.19'], of(first, '-100.00')])
  await shop.done('return', [['-400.00', '0.19'], of(undefined, '100.00')], { related_operation_id: capture.id })
  await shop.done('deposit_capture', [['400.00', '0.19'], of(first, '-100.00')])
})

test('a return gives several deposits back by their lines, in parts, and holds them while it is open', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('500.00')
  const shop = new Counter(register)
  const [first, second] = [await shop.paid('100.00'), await shop.paid('50.00')]
  const open = await register.till.create(shop.body('return', [of(first, '-60.00'), of(second, '-50.00')]))
  expect(await shop.refused('deposit_capture', [['400.00', '0.19'], of(first, '-40.01')])).toMatchObject({
    status: 422,
  })
  const done = await register.till.complete(open, [pay('cash', '-110.00')])
  expect(processData(done)).toBe('Beleg^-110.00_0.00_0.00_0.00_0.00^-110.00:Bar')
  await shop.done('return', [of(undefined, '-40.00')], { related_operation_id: first.id })
})

test('a line that names another operation than a deposit to take off is refused, unrecorded', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('500.00')
  const shop = new Counter(register)
  const first = await shop.paid('100.00')
  const gone = await shop.paid('10.00')
  await shop.reversed(gone)
  const practised = await register.till.create(shop.body('deposit', [of(undefined, '10.00')], { training: true }))
  const practice = await register.till.complete(practised, [pay('cash', '10.00')])
  const sale = await shop.done('sale', [['400.00', '0.19']])
  const bought: Line = ['400.00', '0.19']
  const capture = (line: Line, more: Members = {}) => shop.refused('deposit_capture', [bought, line], more)
  const open = await register.till.create(shop.body('deposit', [of(undefined, '10.00')]))
  for (const other of [{ id: 'op_x' } as Operation, sale, gone, practice, open])
    expect(await capture(of(other, '-1.00'))).toMatchObject({ code: 'related_operation_invalid' })
  expect(await capture(of(sale, '-1.00'))).toMatchObject({
    message: `${sale.id} of line 1 is not a completed deposit of this merchant.`,
    details: { pointer: '/line_items/1/related_operation_id', related_operation_id: sale.id, line_index: 1 },
  })
  const needs = { status: 422, code: 'unprocessable_entity', details: { pointer: '/related_operation_id' } }
  expect(await capture(of(undefined, '-1.00'))).toMatchObject(needs)
  expect(await shop.refused('deposit_capture', [bought, of(first, '-1.00'), of(undefined, '-1.00')])).toMatchObject(
    needs,
  )
  expect(await shop.refused('return', [of(first, '-1.00'), of(undefined, '-1.00')])).toMatchObject(needs)
  expect(await shop.refused('return', [of(first, '-1.00'), ['-1.00', '0.19']])).toMatchObject(needs)
  expect(await shop.refused('deposit_capture', [])).toMatchObject(needs)
  expect(await capture(of(first, '-1.00'), elsewhere)).toMatchObject(needs)
  const both = { ...DEPOSIT, ...elsewhere, related_operation_id: first.id }
  for (const [kind, line] of [
    ['deposit_capture', ['-1.00', '0.19', both]],
    ['deposit', of(first, '1.00')],
  ] as const)
    expect(await shop.refused(kind, kind === 'deposit' ? [line] : [bought, line])).toMatchObject({
      code: 'unprocessable_entity',
    })
  await shop.done('deposit_capture', [bought, of(first, '-100.00')])
})

test('a capture takes off 100 deposits, and 101 are refused', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const shop = new Counter(register)
  const paid: Operation[] = []
  for (let count = 0; count < 101; count++) paid.push(await shop.paid('1.00'))
  const lines = (count: number): Lines => [['400.00', '0.19'], ...paid.slice(0, count).map((one) => of(one, '-1.00'))]
  expect(await shop.refused('deposit_capture', lines(101))).toMatchObject({
    ...{ status: 422, code: 'unprocessable_entity', details: { pointer: '/line_items', limit: 100 } },
  })
  expect(await shop.done('deposit_capture', lines(100))).toMatchObject({ total_amount: '300.00' })
})

test('a capture that leaves deposits of its customer open is read with a hint of them, the newest first', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { till } = register
  const shop = new Counter(register)
  const customer = { id: 'c-1', name: 'Anna' }
  const paid = (more: Members) => shop.done('deposit', [of(undefined, '10.00')], more)
  const [used, first, second] = [await paid({ customer }), await paid({ customer }), await paid({ customer })]
  const other = await paid({ customer: { id: 'c-2', name: 'Bert' } })
  const capture = await shop.done('deposit_capture', [['400.00', '0.19'], of(used, '-10.00')], { customer })
  expect(capture).not.toHaveProperty('hints')
  const read = async ({ id }: Operation) => (await till.get(`/v1/operations/${id}`))['hints']
  expect(await read(capture)).toMatchObject([{ code: 'other_deposits_open', operation_ids: [second.id, first.id] }])
  await shop.reversed(first)
  const rest = await shop.done('deposit_capture', [['400.00', '0.19'], of(second, '-10.00')], { customer })
  for (const done of [capture, rest, other, used]) expect(await read(done)).toBeUndefined()
  const late = await paid({ customer })
  expect(await till.get(`/v1/registers/${register.id}/last-operation?type=deposit_capture`)).toMatchObject({
    hints: [{ operation_ids: [late.id] }],
  })
  await shop.reversed(rest)
  expect(await read(rest)).toBeUndefined()
})

test('the receipt of a capture names the day and the receipt of each deposit that a line takes off', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const shop = new Counter(register)
  const [first, second] = [await shop.paid('100.00'), await shop.paid('50.00', '0.07')]
  const lines: Lines = [['400.00', '0.19'], of(first, '-100.00'), of(second, '-50.00', '0.07')]
  const { id } = await shop.done('deposit_capture', lines)
  for (const [language, words] of [
    ['de', /^Anzahlung vom \d\d\.\d\d\.\d{4}, Beleg [23]$/],
    ['en', /^Deposit of \d{4}-\d\d-\d\d, receipt [23]$/],
    ['it', /^Acconto del \d\d\/\d\d\/\d{4}, documento [23]$/],
  ] as const) {
    const receipt = await register.till.get(`/v1/operations/${id}/receipt?language=${language}`)
    const [, ...deposits] = receipt['lines'] as { label: string; value: string; tax_key: string }[]
    expect(deposits.map(({ value, tax_key: key }) => [value, key])).toEqual([
      ['-100.00', 'A'],
      ['-50.00', 'B'],
    ])
    for (const { label } of deposits) expect(label).toMatch(words)
  }
})
