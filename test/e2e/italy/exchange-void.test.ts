// @module-tag heavy
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkpointSigner } from '../../../agent/journal/checkpoint.ts'
import type { DocumentOf } from '../../../agent/journal/documents/document.ts'
import type { Members as JournalMembers, NewEvent } from '../../../agent/journal/events.ts'
import { reversed } from '../../../agent/register/reversal.ts'
import { openStateDirectory } from '../../../agent/state/state-directory.ts'
import { openJournal } from '../../journal/temporary-journal.ts'
import type { Bench, Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { event, pay } from '../goods.ts'
import { PrinterBeside } from './printer-beside.ts'
import { italianTill, movement, receiptOf, sell } from './shop.ts'

const VOID_ID = 'op_01M89ZZZZZZZZZZZZZZZZZZZZZ'

type Shop = { bench: Bench; printer: PrinterBeside; register: Register; swapped: Operation; body: Members }

/**
 * A cup of 20.00 was sold in cash and exchanged for a pot of 35.00, the rest by card. An earlier version began to reverse
 * that: a printer that annuls a return had annulled it, and refused the annullo of the sale.
 */
async function halfReversed(use: (shop: Shop) => Promise<void>): Promise<void> {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  const register = await italianTill(bench, '0.00')
  const sold = await sell(register, '20.00')
  const lines = [
    { title: 'Tazza', amount: '-20.00' },
    { title: 'Teiera', amount: '35.00' },
  ]
  const open = await register.till.create(movement('exchange', register, lines, { related_operation_id: sold.id }))
  const swapped = await register.till.complete(open, [pay('card', '15.00')])
  // It has the number of the annullo, which this printer does not make.
  printer.simulator.keyInSale(1)
  await bench.restart(async () => {
    const { checkpointKey } = openStateDirectory(bench.config.state, randomBytes)
    const journal = await openJournal(bench.config.state, { signer: checkpointSigner(checkpointKey) })
    await journal.commit('outcome', (view, seq) => {
      const original = view.operation(swapped.id)
      const isSwap = original?.kind === 'exchange'
      return { events: isSwap ? reversalOf(original, seq) : [], result: undefined }
    })
    await journal.close()
  })
  const body = event('void', register.id, { related_operation_id: swapped.id })
  await use({ bench, printer, register, swapped, body })
}

/** The events of a void whose first annullo was printed and whose second one was refused. */
function reversalOf({ shown, parts }: DocumentOf<'exchange'>, seq: number): NewEvent[] {
  const { receipt_number: _, ...own } = parts.own
  const { id, line_items: lines, payments = [], register_id: register, merchant_id: merchant } = shown
  const { pretax_amount, tax_amount, tip_amount, total_amount, session_id: session } = shown
  const facts = receiptOf(shown)
  const [reso] = facts.documents ?? []
  const [, day = ''] = /^(.{10})/.exec(facts.printed_at) ?? []
  const named = { z: 142, number: 2, date: day, serial: facts.rt_serial_number }
  const annullo = {
    ...{ rt_serial_number: facts.rt_serial_number, z_number: '0142', document_number: '0142-0004' },
    ...{ document_type: 'void', printed_at: facts.printed_at },
    reference: `0142-0002 ${day.split('-').reverse().join('-')} ${facts.rt_serial_number}`,
  }
  expect(reso?.document_number).toBe('0142-0002')
  const document = {
    ...parts.shown,
    ...{ id: VOID_ID, type: 'void', status: 'open', related_operation_id: id, resource_version: 1 },
    ...{ completed_at: null, fiscal: { state: 'pending' }, fiscal_information: null },
    ...reversed({ pretax_amount, tax_amount, tip_amount, total_amount, line_items: lines, payments }),
  }
  const baseline = { serial: facts.rt_serial_number, z: 141, number: 3, non_fiscal: 0, restores: 0, at: '' }
  const act = { device: 'rt-1', client: 'x', name: 'print', document: { kind: 'void', original: named }, baseline }
  const index = {
    kind: 'void' as const,
    ...(merchant && { merchant }),
    register: String(register),
    session: String(session),
  }
  const set = document as unknown as JournalMembers
  const plan = { goal: 'completed' as const, status: 201, set: { status: 'completed' }, receipt: true }
  return [
    { kind: 'operation.reversal_requested', op: VOID_ID, body: { index, set, own, law: { name: 'RT' }, plan, act } },
    {
      kind: 'operation.refused',
      op: VOID_ID,
      body: {
        ref: seq,
        root: seq,
        release: seq,
        set: { status: 'voided' },
        law: { print: { printed: [annullo] } },
        status: 'voided',
        facts: { code: 'fiscal_device_error', message: '', details: {} },
      },
    },
    {
      kind: 'operation.reversal_refused',
      op: id,
      body: { own: { reversal: { state: 'refused', by: VOID_ID } } },
    },
  ]
}

async function totalsOf({ register }: Shop): Promise<unknown> {
  return (await register.till.post(`/v1/registers/${register.id}/closings`, {}))['totals']
}

test('the next void of one that an earlier version left in the middle annuls only the sale', () =>
  halfReversed(async (shop) => {
    const { register, printer, body } = shop
    const voided = receiptOf(await register.till.create(body))
    expect(voided.documents?.map(({ document_number: number }) => number)).toEqual(['0142-0004', '0142-0005'])
    expect(voided.documents?.map(({ reference }) => reference?.slice(0, 9))).toEqual(['0142-0002', '0142-0003'])
    expect(printer.documents.map(({ kind }) => kind)).toEqual(['sale', 'return', 'sale', 'sale', 'void'])
    expect(await totalsOf(shop)).toMatchObject({
      vat: [{ amount: '20.00' }],
      payments: [
        { name: 'Carte elettroniche', amount: '0.00' },
        { name: 'Contanti', amount: '20.00' },
      ],
    })
  }))

test('a void that the printer refuses again names the remedy', () =>
  halfReversed(async ({ register, printer, body }) => {
    printer.simulator.inject('error=ES0001@=k/')
    const refused = await register.till.refused({ path: '/v1/operations', body })
    expect(refused).toMatchObject({ code: 'unprocessable_entity', fiscal_effect: 'recorded' })
    expect(refused.message).toContain('The same void annuls the sale alone.')
    expect(refused.message).toMatch(/fiskal-edge operation end op_/)
  }))

test('operation end ends it with only the annulled return, by its own id or that of the exchange', () =>
  halfReversed(async (shop) => {
    const { bench, register, swapped, body } = shop
    const { administration } = bench.agent
    expect(await administration.halfPrinted(VOID_ID)).toEqual(await administration.halfPrinted(swapped.id))
    await administration.endOperation(swapped.id, 'Stampante guasta')
    expect(await register.till.read(VOID_ID)).toMatchObject({
      ...{ status: 'completed', total_amount: '20.00', hints: [{ code: 'reversal_ended_with_return' }] },
      ...{ line_items: [{ title: 'Tazza', total_amount: '20.00' }], payments: [{ method: 'cash', amount: '20.00' }] },
      fiscal_information: { document_number: '0142-0004', documents: [{ document_type: 'void' }] },
    })
    // The exchange counts as its sale, which cannot be reversed as a whole.
    expect((await register.till.refused({ path: '/v1/operations', body })).code).toBe('related_operation_invalid')
    const line = { title: 'Teiera', amount: '-35.00' }
    const back = movement('return', register, [line], { related_operation_id: swapped.id })
    await register.till.complete(await register.till.create(back), [pay('cash', '-35.00')])
    const count = event('session_cash_count', register.id, { counted_closing_amount: '5.00' })
    expect(await register.till.create(count)).toMatchObject({ expected_closing_amount: '5.00' })
    expect(await totalsOf(shop)).toMatchObject({
      vat: [{ amount: '20.00' }],
      payments: [
        { name: 'Carte elettroniche', amount: '15.00' },
        { name: 'Contanti', amount: '5.00' },
      ],
    })
  }))

test('the closing of one that ended in the middle has what is on paper', () =>
  halfReversed(async (shop) => {
    expect(await totalsOf(shop)).toMatchObject({
      vat: [{ amount: '55.00' }],
      payments: [
        { name: 'Carte elettroniche', amount: '15.00' },
        { name: 'Contanti', amount: '40.00' },
      ],
    })
    const { register, body } = shop
    expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({
      code: 'void_after_closing',
      fiscal_effect: 'recorded',
    })
  }))
