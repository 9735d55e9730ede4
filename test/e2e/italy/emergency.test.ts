import { describe, expect, test } from 'vitest'
import { fiskalEdge, ownConfig } from '../../cli/command.ts'
import { heavy } from '../../tags.ts'
import type { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { act, findings, inEmergency, open, refusal, untilBack, voidOf } from './emergency-shop.ts'
import { PrinterBeside } from './printer-beside.ts'
import { italianTill, movement, sell, traded } from './shop.ts'

const PIE = [{ title: 'Torta', amount: '12.20' }]

function acts(bench: Bench): number {
  return bench.journal().filter(({ body }) => body.includes('"act":')).length
}

test(
  'while the register is open a sale ends in one event without an act, and its number is the receipt number',
  heavy(),
  () =>
    inEmergency(async ({ bench, register, emergency }) => {
      const before = acts(bench)
      const sold = await sell(register, '12.20')
      expect(sold).toMatchObject({
        status: 'completed',
        fiscal: { state: 'succeeded', receipt_text: 'REGISTRO DI EMERGENZA\nDOCUMENTO NON FISCALE' },
        fiscal_information: {
          ...{ regime: 'RT', document_type: 'emergency', rt_serial_number: '72IV6000001' },
          ...{ document_number: null, z_number: null, printed_at: null },
          emergency: { id: emergency, entry: 2, recorded_at: sold.completed_at },
        },
      })
      const own = bench.journal().filter(({ op }) => op === sold.id)
      expect(own.map(({ kind }) => kind)).toEqual(['operation.created', 'operation.completion_requested'])
      expect(JSON.parse(own[1]?.body ?? '{}')).toMatchObject({ answer: { status: 200 }, receipt: { number: 2 } })
      expect(acts(bench)).toBe(before)
      expect(await bench.office.get('/v1/overview')).toMatchObject({
        selling: 'outage',
        registers: [{ reason: 'emergency_open' }],
      })
      expect(await findings(bench)).toEqual([])
    }),
)

test(
  'deposit, capture and the reversal of an entry are entries, and what only a printer can do is refused',
  heavy(),
  () =>
    inEmergency(
      async ({ bench, register, emergency }) => {
        const { till } = register
        const printed = (await bench.office.get('/v1/operations?type=sale'))['data'] as Operation[]
        const [sold, kept] = [await sell(register, '12.20'), await sell(register, '12.20')]
        const back = await till.create(voidOf(register, sold.id))
        expect(back).toMatchObject({ total_amount: '-12.20', fiscal_information: { emergency: { id: emergency } } })
        for (const body of [
          movement('return', register, [{ title: 'Torta', amount: '-12.20' }], { related_operation_id: kept.id }),
          movement('sale', register, PIE, { training: true }),
          voidOf(register, String(printed[0]?.id)),
        ]) {
          const refused = await till.refused({ path: '/v1/operations', body })
          expect(refused).toMatchObject({
            code: 'emergency_open',
            fiscal_effect: 'none',
            details: { emergency_id: emergency },
          })
        }
        expect((await refusal(act(bench, 'print-report'))).code).toBe('emergency_open')
        const copy = await till.refused({
          path: `/v1/registers/${register.id}/printouts`,
          body: { type: 'last_document' },
        })
        expect(copy.code).toBe('emergency_open')
        const slip = await till.create(event('session_cash_adjustment', register.id, { cash_amount: '5.00' }))
        expect(slip).toMatchObject({ fiscal: { state: 'not_required' }, fiscal_information: null })
        const part = { title: 'Acconto', amount: '10.00', more: { type: 'deposit' } }
        const deposit = await traded(register, 'deposit', [part])
        const rest = [...PIE, { ...part, amount: '-10.00' }]
        const captured = await traded(register, 'deposit_capture', rest, { related_operation_id: deposit.id })
        expect(captured.fiscal_information).toMatchObject({ emergency: { id: emergency, entry: 7 } })
        expect(await findings(bench)).toEqual([])
      },
      async ({ register }) => {
        await sell(register, '3.00')
      },
    ),
)

test('the rules of the printed document hold for an entry: departments and classes', () =>
  inEmergency(async ({ register }) => {
    const open = await register.till.create(movement('sale', register, PIE))
    expect((await register.till.refused(completion(open, [pay('bank_transfer', '12.20')]))).code).toBe(
      'payment_method_not_supported',
    )
    const free = await register.till.create(movement('sale', register, [{ title: 'Omaggio', amount: '0.00' }]))
    expect((await register.till.refused(completion(free, [pay('cash', '0.00')]))).code).toBe('unprocessable_entity')
  }))

describe('the opening', () => {
  test(
    'is refused while the printer answers, twice, for a call in the future, and without a register',
    heavy(),
    async () => {
      await using printer = await PrinterBeside.open()
      await using bench = await printer.agent({ deadlineMs: 1500 })
      expect((await refusal(open(bench))).message).toMatch(/belongs to the shop|register in use/)
      await italianTill(bench)
      expect((await refusal(open(bench))).message).toMatch(/answers/)
      await printer.unplug()
      expect((await refusal(open(bench, { calledAt: '2999-01-01T00:00:00Z' }))).message).toMatch(/future/)
      await open(bench, { calledAt: '2026-01-01T10:00:00+01:00' })
      expect((await refusal(open(bench))).message).toMatch(/open already/)
      expect(await act(bench, { act: 'emergencies' })).toMatchObject([
        { device: 'rt-1', rt_serial_number: '72IV6000001', called_at: '2026-01-01T09:00:00.000Z', days: [] },
      ])
      // The call is done, with its time: an auditor reads when the technician was called.
      const listed = (await bench.agent.administration.listDuties()).filter(({ id }) =>
        id.startsWith('emergency-call-'),
      )
      expect(listed).toMatchObject([
        { open: false, state: 'confirmed', confirmed_by: 'person', note: 'called at 2026-01-01T09:00:00.000Z' },
      ])
      expect(await findings(bench)).toEqual([])
      await bench.restart()
      const kinds = (bench.agent.administration.listTasks() as { kind: string }[]).map(({ kind }) => kind)
      expect(kinds).not.toContain('it.emergency_call')
    },
  )

  test(
    'waits for the word of a person about a document that may be on paper, and cancels all else',
    heavy(),
    async () => {
      await using printer = await PrinterBeside.open()
      await using bench = await printer.agent({ deadlineMs: 700 })
      const register = await italianTill(bench)
      const call = completion(await register.till.create(movement('sale', register, PIE)), [pay('cash', '12.20')])
      printer.simulator.inject('unplugged=60000@=T')
      await register.till.call(call)
      await printer.unplug()
      await bench.untilDevice('down')
      const slip = await register.till.create(event('session_cash_adjustment', register.id, { cash_amount: '5.00' }))
      const undecided = await refusal(open(bench))
      expect(undecided.message).toMatch(/device resolve rt-1/)
      await act(bench, { act: 'resolve', seen: 'none' })
      await open(bench)
      expect((await register.till.read(slip.id)).fiscal.state).toBe('failed')
      expect((await register.till.call(call)).json).toMatchObject({
        fiscal_information: { document_type: 'emergency' },
      })
      expect(bench.agent.administration.devices()).toHaveLength(1)
    },
  )
})

test('nothing of an emergency is printed, and after the close the next sale is', heavy(), () =>
  inEmergency(async ({ bench, printer, register, emergency }) => {
    const call = completion(await register.till.create(movement('sale', register, PIE)), [pay('cash', '12.20')])
    const first = await register.till.call(call)
    await printer.plugIn()
    await untilBack(bench)
    await sell(register, '3.00')
    const before = printer.simulator.records().length
    await bench.restart(async () => undefined)
    await untilBack(bench)
    expect((await register.till.call(call)).text).toBe(first.text)
    expect(printer.simulator.records()).toHaveLength(before)
    expect(await act(bench, { act: 'emergency-close' })).toMatchObject({ id: emergency, device: 'rt-1' })
    expect((await refusal(act(bench, { act: 'emergency-close' }))).message).toMatch(/No emergency/)
    await sell(register, '4.00')
    expect(printer.documents.map(({ cashCents }) => cashCents)).toEqual([400])
    expect((await register.till.call(call)).text).toBe(first.text)
    const sold = JSON.parse(first.text) as Operation
    const body = movement('return', register, [{ title: 'Torta', amount: '-12.20' }], { related_operation_id: sold.id })
    const back = await register.till.complete(await register.till.create(body), [pay('cash', '-12.20')])
    expect(back.fiscal_information).toMatchObject({ document_type: 'return', reference: expect.stringMatching(/^ND /) })
    expect(await findings(bench)).toEqual([])
  }),
)

test('the command opens, lists and closes the register without a running agent', heavy(), async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  await italianTill(bench)
  await bench.stop()
  await printer.unplug()
  const config = ownConfig([printer.device()], { state: bench.config.state })
  const run = (...words: string[]) => fiskalEdge('emergency', ...words, '--config', config)
  expect(await run('open', 'rt-1')).toMatchObject({ code: 1, err: expect.stringContaining('--reason') })
  expect(await run('open', 'rt-1', '--reason', 'Guasta')).toMatchObject({
    code: 0,
    out: expect.stringContaining('emg_'),
  })
  expect(await run('list')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/emg_\S+ +rt-1 +72IV6000001 .* open/),
  })
  expect(await run('close', 'rt-1')).toMatchObject({ code: 1, err: expect.stringContaining('--for-good') })
  expect(await run('close', 'rt-1', '--for-good', '--json')).toMatchObject({
    code: 0,
    out: expect.stringContaining('for_good'),
  })
})

test(
  'a sale that a person missed on the paper is entered, found at the close, and left out of the sums',
  heavy(),
  async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent({ deadlineMs: 700 })
    const register = await italianTill(bench)
    const call = completion(await register.till.create(movement('sale', register, PIE)), [pay('cash', '12.20')])
    printer.simulator.inject('unplugged=60000@=T')
    await register.till.call(call)
    await printer.unplug()
    await bench.untilDevice('down')
    await act(bench, { act: 'resolve', seen: 'none' })
    await open(bench)
    expect((await register.till.call(call)).json).toMatchObject({ fiscal_information: { document_type: 'emergency' } })
    await sell(register, '3.00')
    await printer.plugIn()
    await untilBack(bench)
    await act(bench, { act: 'emergency-close' })
    const [sheet] = (await act(bench, { act: 'emergency-sheet' })) as unknown as Record<string, unknown>[]
    expect(sheet).toMatchObject({
      ...{ entries: 2, total: '3.00', payments: [{ name: 'Contanti', amount: '3.00' }] },
      rates: [{ rate: '0.22', gross: '3.00' }],
      lines: [{ amount: '12.20', printed_as: '0142-0001' }, { amount: '3.00' }],
    })
    expect(await findings(bench)).toEqual(['rt_entry_printed'])
    await sell(register, '4.00')
    const closing = await register.till.post(`/v1/registers/${register.id}/closings`, {})
    expect(closing).toMatchObject({
      hints: [{ code: 'rt_documents_unknown' }, { code: 'emergency_entries', amount: '3.00' }],
    })
  },
)

test(
  'a printer that died in its Z does not block the opening: its closing is cancelled, and the Z is found',
  heavy(),
  async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent({ deadlineMs: 700 })
    const register = await italianTill(bench)
    await sell(register, '2.00')
    printer.simulator.inject('unplugged=60000@=C10')
    const closing = { path: `/v1/registers/${register.id}/closings`, body: {} }
    expect((await register.till.refused(closing)).fiscal_effect).toBe('unknown')
    await printer.unplug()
    await bench.untilDevice('down')
    expect(await open(bench)).toMatchObject({ given_up: [{ act: 'close' }] })
    await sell(register, '3.00')
    await printer.plugIn()
    await untilBack(bench)
    await act(bench, { act: 'emergency-close' })
    await sell(register, '4.00')
    const closings = (await bench.office.get(`/v1/registers/${register.id}/closings`))['data'] as {
      z_numbers: number[]
    }[]
    expect(closings.flatMap(({ z_numbers: z }) => z)).toEqual([142])
    expect(await findings(bench)).toEqual([])
  },
)

test(
  'another printer ends the emergency of the one that it replaces, and the next sale is printed there',
  heavy(),
  () =>
    inEmergency(async ({ bench, printer, register, emergency }) => {
      await sell(register, '3.00')
      await printer.plugIn('72IV6000002')
      await bench.until(async () => bench.agent.application.devices().some(({ state }) => state === 'foreign'))
      const foreign = await sell(register, '4.00')
      expect(foreign.fiscal_information).toMatchObject({ document_type: 'emergency' })
      await act(bench, 'init')
      expect(await act(bench, { act: 'emergencies' })).toMatchObject([{ id: emergency, for_good: true }])
      await untilBack(bench)
      const sold = await sell(register, '5.00')
      expect(sold.fiscal_information).toMatchObject({ document_type: 'sale', rt_serial_number: '72IV6000002' })
      expect(printer.documents.map(({ cashCents }) => cashCents)).toEqual([500])
      const closing = await register.till.post(`/v1/registers/${register.id}/closings`, {})
      expect(closing).toMatchObject({ hints: [{ code: 'emergency_entries', amount: '7.00' }] })
      expect(await findings(bench)).toEqual([])
    }),
)
