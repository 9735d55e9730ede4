// @module-tag heavy
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import type { Bench, Register } from '../e2e/bench.ts'
import { event } from '../e2e/goods.ts'
import { sell } from '../e2e/italy/shop.ts'
import { endShift } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../verified-journal.ts'
import type { Line } from './insider.ts'
import { configOf, rewriteEvents, withoutOperation } from './insider.ts'
import { openShop, reportOf } from './italian-insider.ts'

// The insider has the machine's own key, and he renumbers: every hash, signature, number and drawer of his journal is
// right. He cannot change the memory of the printer, whose counters are in every act.

function cutOut(bench: Bench, op: string): Promise<void> {
  return bench.restart(() => rewriteEvents(bench.config.state, (lines) => withoutOperation(lines, op)))
}

async function codesOf({ config: { state } }: Bench): Promise<unknown[]> {
  const { codes } = await verifyJournal(state)
  return codes.map(({ code }) => code)
}

function close({ id, till }: Register): Promise<unknown> {
  return till.post(`/v1/registers/${id}/closings`, {})
}

test('a document that was cut out of the middle is missing between the counters of the printer', () =>
  openShop(async ({ bench, register, printer }) => {
    await sell(register, '4.50')
    const { id } = await sell(register, '3.00')
    await sell(register, '2.00')
    await close(register)
    await cutOut(bench, id)
    const { codes, books } = await verifyJournal(bench.config.state)
    expect(books).toBe('different')
    expect(codes).toMatchObject([
      { code: 'rt_document_unknown', level: 'error', serial: '72IV6000001', facts: { document: '0142-0002' } },
      { code: 'rt_totals_differ', facts: { z: '0142', what: 'documenti', stated: 3, counted: 2 } },
    ])
    await inDirectory(async (directory) => {
      const file = join(directory, 'journal.ndjson')
      const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
      await bench.agent.administration.exportTo('journal', range, file)
      const verified = await fiskalEdge('verify', file)
      expect(verified.code).toBe(1)
      expect(verified.out).toContain('(rt_document_unknown)')
    })
    const { code, report } = await reportOf({ bench, printer })
    expect(code).toBe(1)
    expect(report).toContain('il documento 0142-0002, che manca nelle registrazioni. (rt_document_unknown)')
    // The printer's own text for the document.
    expect(report).toMatch(/Nella memoria della stampante: documento 0142-0002, vendita, .*3,00 EUR, REF /)
    expect(report).toContain(`REF ${id.slice(-12)}`)
  }))

test('the newest document that was cut out is the last one of the printer, with the mark of an agent', () =>
  openShop(async ({ bench, register, printer }) => {
    await sell(register, '4.50')
    const { id } = await sell(register, '3.00')
    await cutOut(bench, id)
    expect(await codesOf(bench)).toEqual([])
    const config = await configOf(bench, { devices: [printer.device()] })
    const shown = await fiskalEdge('device', 'last-document', 'rt-1', '--config', config)
    expect(shown.code).toBe(1)
    expect(shown.out).toContain(`REF ${id.slice(-12)}`)
    expect(shown.out).toContain('(rt_memory_ahead)')
    const verified = await fiskalEdge('journal', 'verify', '--config', config)
    expect(verified.out).toContain('(rt_memory_ahead)')
    expect(verified.code).toBe(1)
    const examined = await fiskalEdge('doctor', '--config', config)
    expect(examined.out).toContain('(rt_memory_ahead)')
    expect(examined.code).toBe(1)
  }))

test('if the shop continues after the cut, the agent records what it finds, and its mark stays a finding', () =>
  openShop(async ({ bench, register }) => {
    await sell(register, '4.50')
    const { id } = await sell(register, '3.00')
    await cutOut(bench, id)
    await sell(register, '2.00')
    const { codes } = await verifyJournal(bench.config.state)
    const document = `0142-0002 (REF ${id.slice(-12)})`
    expect(codes).toMatchObject([{ code: 'rt_document_unknown', level: 'error', facts: { document } }])
  }))

test('a memory that ends before the journal does is reported by the doctor too', () =>
  openShop(async ({ bench, register, printer }) => {
    await sell(register, '4.50')
    await printer.unplug()
    // Another memory with the same matricola.
    await printer.plugIn('72IV6000001')
    const config = await configOf(bench, { devices: [printer.device()] })
    const { code, out } = await fiskalEdge('doctor', '--config', config)
    expect(out).toContain('(rt_memory_behind)')
    expect(code).toBe(1)
  }))

test('a closing that was cut out leaves a hole in the Z numbers of the printer', () =>
  openShop(async ({ bench, register }) => {
    for (const amount of ['4.50', '3.00', '2.00']) {
      await sell(register, amount)
      await close(register)
    }
    await withoutClosing(bench, 1)
    const { codes } = await verifyJournal(bench.config.state)
    expect(codes).toMatchObject([{ code: 'rt_z_gap', serial: '72IV6000001', facts: { closing: '0143' } }])
  }))

/** The events of a closing, with the receipt number that it used. */
function withoutClosing(bench: Bench, place: number): Promise<void> {
  const closing = bench.journal().filter(({ kind }) => kind === 'closing.recorded')[place]
  return cutOut(bench, String(closing?.op))
}

test('the first closing that was cut out is proved by the documents after it', () =>
  openShop(async ({ bench, register }) => {
    await sell(register, '4.50')
    await close(register)
    await sell(register, '3.00')
    await withoutClosing(bench, 0)
    const { codes } = await verifyJournal(bench.config.state)
    expect(codes).toMatchObject([{ code: 'rt_z_gap', serial: '72IV6000001', facts: { closing: '0142' } }])
  }))

test('the newest closing that was cut out is proved by the next counters of the printer', () =>
  openShop(async ({ bench, register }) => {
    for (const amount of ['4.50', '3.00']) {
      await sell(register, amount)
      await close(register)
    }
    await register.till.create(event('session_cash_adjustment', register.id, { cash_amount: '5.00' }))
    await withoutClosing(bench, 1)
    const { codes } = await verifyJournal(bench.config.state)
    expect(codes).toMatchObject([{ code: 'rt_z_gap', facts: { closing: '0143' } }])
  }))

test("an amount that was lowered differs from the printer's count", () =>
  openShop(async ({ bench, register }) => {
    const { id } = await sell(register, '30.00')
    await close(register)
    const smaller = (line: Line): Line =>
      line.op === id ? { ...line, body: JSON.parse(JSON.stringify(line.body).replaceAll('3000', '1000')) } : line
    await bench.restart(() => rewriteEvents(bench.config.state, (lines) => lines.map(smaller)))
    const { codes } = await verifyJournal(bench.config.state)
    expect(codes).toMatchObject([
      { code: 'rt_amounts_differ', facts: { stated: '10.00', counted: '30.00', paid: '30.00' } },
      { code: 'rt_totals_differ', facts: { z: '0142', what: 'vendite', stated: '30.00', counted: '10.00' } },
    ])
  }))

test('a document that a person keyed in is not a finding, and stays a note with its total', () =>
  openShop(async ({ bench, register, printer }) => {
    await sell(register, '4.50')
    printer.simulator.keyInSale(990)
    const config = await configOf(bench, { devices: [printer.device()] })
    const shown = await fiskalEdge('device', 'last-document', 'rt-1', '--config', config)
    expect(shown.out).toContain('(rt_memory_ahead)')
    expect(shown.code).toBe(0)
    await register.till.create(event('session_cash_adjustment', register.id, { cash_amount: '30.00' }))
    const { books, codes } = await verifyJournal(bench.config.state)
    expect(books).toBe('consistent')
    expect(codes).toMatchObject([
      { code: 'rt_document_by_hand', level: 'note', facts: { document: '0142-0002', sum: '9.90' } },
    ])
    expect(bench.journal().filter(({ kind }) => kind === 'printer.foreign_document_found')).toHaveLength(1)
    await endShift(register)
    const { code, report } = await reportOf({ bench, printer })
    expect(code, report).toBe(0)
    expect(report).toContain(
      'il documento 0142-0002 di 9,90 EUR è stato digitato sulla stampante stessa. (rt_document_by_hand)',
    )
  }))
