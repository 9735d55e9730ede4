// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { pay } from '../goods.ts'
import type { FamilyName } from './printer-beside.ts'
import { printerOf } from './printer-beside.ts'
import { italianTill, movement, receiptOf, wordsOf } from './shop.ts'

type Lines = Parameters<typeof movement>[2]
type Kind = Parameters<typeof movement>[0]
type Line = Lines[number]
type Printer = Awaited<ReturnType<typeof printerOf>>

const FAMILIES: readonly FamilyName[] = ['rch', 'custom', 'epson']

function deposit(amount: string, of?: Operation, rate?: string): Line {
  const more = { type: 'deposit', ...(of !== undefined && { related_operation_id: of.id }) }
  return { title: 'Acconto', amount, ...(rate !== undefined && { rate }), more }
}

function chair(amount: string, rate?: string): Line {
  return { title: 'Sedia', amount, ...(rate !== undefined && { rate }) }
}

async function traded(register: Register, kind: Kind, lines: Lines, more: Members = {}): Promise<Operation> {
  const body = movement(kind, register, lines, more)
  return register.till.complete(await register.till.create(body), [pay('cash', String(body['total_amount']))])
}

/** Total of each reso, and the number of the document that it is on. */
function resiOf(printer: Printer): unknown[] {
  return printer.documents
    .filter(({ kind }) => kind === 'return')
    .map(({ totalCents, original }) => [totalCents, original?.number])
}

/** Deposits of 100.00 and 50.00 as documents 0001 and 0002, and goods of 160.00 as 0003, which comes to 10.00. */
async function capturedChair(register: Register) {
  const first = await traded(register, 'deposit', [deposit('100.00')])
  const second = await traded(register, 'deposit', [deposit('50.00')])
  const lines = [chair('160.00'), deposit('-100.00', first), deposit('-50.00', second)]
  return { first, second, captured: await traded(register, 'deposit_capture', lines) }
}

describe.each(FAMILIES)('%s', (family) => {
  test('a document deducts each deposit, and its return is on its own document, then on those of the deposits', async () => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench)
    const { first, second, captured } = await capturedChair(register)
    const document = printer.documents.at(-1)
    expect(document?.totalCents).toBe(1000)
    expect(wordsOf(document).filter((word) => word.includes('Acconto'))).toHaveLength(2)
    const of = { related_operation_id: captured.id }
    const back = await traded(register, 'return', [chair('-160.00')], of)
    expect(resiOf(printer)).toEqual([
      [1000, 3],
      [10_000, 1],
      [5000, 2],
    ])
    expect(receiptOf(back).documents).toHaveLength(3)
    for (const used of [first, second]) {
      const body = movement('deposit_capture', register, [chair('9.00'), deposit('-1.00', used)])
      expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({ status: 422 })
    }
    await bench.stop()
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
  })

  test('a return that leaves one deposit used is on its document alone, less what came back of it before', async () => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench)
    const { first, second, captured } = await capturedChair(register)
    const of = { related_operation_id: captured.id }
    // 30.00 are paid out: 10.00 of the capture, 20.00 of the oldest deposit, of which 80.00 are left.
    await traded(register, 'return', [chair('-30.00')], of)
    await traded(register, 'return', [chair('-130.00'), deposit('50.00', second)], of)
    expect(resiOf(printer)).toEqual([
      [1000, 3],
      [2000, 1],
      [8000, 1],
    ])
    await traded(register, 'deposit_capture', [chair('60.00'), deposit('-50.00', second)])
    const used = movement('deposit_capture', register, [chair('9.00'), deposit('-1.00', first)])
    expect(await register.till.refused({ path: '/v1/operations', body: used })).toMatchObject({ status: 422 })
    await bench.stop()
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
  })

  test('a return of several deposits has one reso on the document of each', async () => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench)
    const first = await traded(register, 'deposit', [deposit('100.00')])
    const second = await traded(register, 'deposit', [deposit('50.00')])
    await traded(register, 'return', [deposit('-60.00', first), deposit('-50.00', second), deposit('-30.00', first)])
    expect(resiOf(printer)).toEqual([
      [9000, 1],
      [5000, 2],
    ])
    await traded(register, 'return', [deposit('-10.00', first)])
    expect(resiOf(printer)).toHaveLength(3)
    expect(await register.till.get(`/v1/registers/${register.id}/session`)).toMatchObject({
      expected_closing_amount: '50.00',
    })
    await bench.stop()
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
  })
})
