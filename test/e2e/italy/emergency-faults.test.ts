// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Bench, Register } from '../bench.ts'
import type { Call, Members } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { brokenSums } from './emergency-oracle.ts'
import { act, findings, inEmergency, open, untilBack } from './emergency-shop.ts'
import { PrinterBeside } from './printer-beside.ts'
import { closed, italianShop, italianTill, movement, sell, traded } from './shop.ts'

async function isWhole(bench: Bench): Promise<void> {
  expect(await brokenSums(bench)).toEqual([])
  expect(await findings(bench)).toEqual([])
}

function zOf(closing: Members): unknown {
  return [closing['z_numbers'], (closing['totals'] as Members | null)?.['payments']]
}

describe('the printer is back', () => {
  test('with a Z that it made itself: it gets nothing until the close, and its Z counts its documents alone', () =>
    inEmergency(
      async ({ bench, printer, register }) => {
        await sell(register, '12.20')
        await printer.plugIn()
        printer.simulator.closeByItself()
        await untilBack(bench)
        const meanwhile = await sell(register, '3.00')
        expect(meanwhile.fiscal_information).toMatchObject({ document_type: 'emergency' })
        expect(printer.documents).toHaveLength(1)
        await act(bench, { act: 'emergency-close' })
        await sell(register, '4.00')
        await closed(register)
        const closings = await bench.office.list(`/v1/registers/${register.id}/closings`)
        expect(closings.map(zOf)).toEqual([
          [[142], [{ name: 'Contanti', amount: '2.00' }]],
          [[143], [{ name: 'Contanti', amount: '4.00' }]],
        ])
        await isWhole(bench)
      },
      async ({ register }) => void (await sell(register, '2.00')),
    ))

  test('after a close for good: it sells again, and its Z names the entries', () =>
    inEmergency(
      async ({ bench, printer, register, emergency }) => {
        await sell(register, '12.20')
        expect(await act(bench, { act: 'emergency-close', forGood: true })).toMatchObject({ id: emergency })
        const waiting = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '5.00' }]))
        const call = completion(waiting, [pay('cash', '5.00')])
        expect((await register.till.refused(call)).code).toBe('fiscal_device_unavailable')
        await printer.plugIn()
        await untilBack(bench)
        expect((await register.till.call(call)).json).toMatchObject({
          fiscal_information: { document_type: 'sale', document_number: '0142-0002' },
        })
        expect(await closed(register)).toMatchObject({ hints: [{ code: 'emergency_entries', amount: '12.20' }] })
        await isWhole(bench)
      },
      async ({ register }) => void (await sell(register, '2.00')),
    ))

  test('and dies again: a second emergency of the same day has a separate sheet', () =>
    inEmergency(async ({ bench, printer, register }) => {
      await sell(register, '12.20')
      await printer.plugIn()
      await untilBack(bench)
      await act(bench, { act: 'emergency-close' })
      await sell(register, '4.00')
      await printer.unplug()
      await open(bench)
      await sell(register, '3.00')
      const sheets = (await act(bench, { act: 'emergency-sheet' })) as unknown as Members[]
      expect(sheets.map(({ total }) => total)).toEqual(['12.20', '3.00'])
      // The report of the day has both.
      expect(await closed(register)).toMatchObject({ totals: { payments: [{ amount: '15.20' }] } })
      await printer.plugIn()
      await untilBack(bench)
      await act(bench, { act: 'emergency-close' })
      expect(await closed(register)).not.toHaveProperty('hints')
      await isWhole(bench)
    }))
})

test('a printer that dies in a Z due before a sale: the sale becomes an entry, and the Z is found', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent({ deadlineMs: 700 })
  const register = await italianTill(bench)
  await sell(register, '2.00')
  const next = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '12.20' }]))
  const call = completion(next, [pay('cash', '12.20')])
  printer.simulator.inject('error=ES0030@=R')
  printer.simulator.inject('unplugged=60000@=C10')
  expect((await register.till.refused(call)).fiscal_effect).not.toBe('recorded')
  await printer.unplug()
  await bench.untilDevice('down')
  expect(await open(bench)).toMatchObject({ given_up: [{ id: next.id, act: 'close' }] })
  expect((await register.till.call(call)).json).toMatchObject({ fiscal_information: { document_type: 'emergency' } })
  await printer.plugIn()
  await untilBack(bench)
  await act(bench, { act: 'emergency-close' })
  await sell(register, '4.00')
  await closed(register)
  const closings = await bench.office.list(`/v1/registers/${register.id}/closings`)
  expect(closings.map(({ z_numbers: z }) => z)).toEqual([[142], [143]])
  await isWhole(bench)
})

test('two tills on one printer have one sheet, a report each, and separate numbers', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent({ deadlineMs: 1500 })
  const location = await italianShop(bench)
  const [one, two] = [await italianTill(bench, '0.00', location), await italianTill(bench, '0.00', location)]
  await printer.unplug()
  await open(bench)
  await Promise.all([sell(one, '12.20'), sell(two, '3.00'), sell(one, '1.00'), sell(two, '6.10')])
  await traded(two, 'sale', [{ title: 'Libro', amount: '5.00', code: 'N4' }])
  const reports = [await closed(one), await closed(two)]
  expect(reports.map((report) => (report['totals'] as Members)['payments'])).toEqual([
    [{ name: 'Contanti', amount: '13.20' }],
    [{ name: 'Contanti', amount: '14.10' }],
  ])
  const sheets = (await act(bench, { act: 'emergency-sheet' })) as unknown as Members[]
  expect(sheets).toMatchObject([{ entries: 5, total: '27.30', natures: [{ code: 'N4', amount: '5.00' }] }])
  await printer.plugIn()
  await untilBack(bench)
  await act(bench, { act: 'emergency-close' })
  await sell(one, '4.00')
  expect(await closed(two)).not.toHaveProperty('hints')
  await isWhole(bench)
})

describe('a key that is repeated', () => {
  test('from before, in or after the emergency answers its old bytes, and prints nothing', () => {
    const [calls, texts]: [Call[], string[]] = [[], []]
    const complete = async ({ till, ...register }: Register, amount: string): Promise<void> => {
      const open = await till.create(movement('sale', register, [{ title: 'Pane', amount }]))
      const call = completion(open, [pay('cash', amount)])
      calls.push(call)
      texts.push((await till.call(call)).text)
    }
    const again = ({ till }: Register) => Promise.all(calls.map(async (call) => (await till.call(call)).text))
    return inEmergency(
      async ({ bench, printer, register }) => {
        await complete(register, '3.00')
        expect(await again(register)).toEqual(texts)
        await printer.plugIn()
        await untilBack(bench)
        await act(bench, { act: 'emergency-close' })
        expect(await again(register)).toEqual(texts)
        await bench.restart()
        await untilBack(bench)
        expect(await again(register)).toEqual(texts)
        expect(texts[1]).toContain('"document_type":"emergency"')
        expect(printer.documents).toHaveLength(1)
      },
      ({ register }) => complete(register, '2.00'),
    )
  })

  test('of a sale that was refused before the opening is entered', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent({ deadlineMs: 1500 })
    const register = await italianTill(bench)
    await printer.unplug()
    const made = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '3.00' }]))
    const call = completion(made, [pay('cash', '3.00')])
    expect((await register.till.refused(call)).code).toBe('fiscal_device_unavailable')
    await open(bench)
    expect((await register.till.call(call)).json).toMatchObject({ fiscal_information: { document_type: 'emergency' } })
    expect(await findings(bench)).toEqual([])
  })
})

test('a return that was begun before the opening stays open until the till voids it, and the day can then be counted', () => {
  let begun = ''
  return inEmergency(
    async ({ bench, register }) => {
      const call = { ...completion({ id: begun }, [pay('cash', '-2.00')]) }
      expect(await register.till.refused(call)).toMatchObject({ code: 'emergency_open', fiscal_effect: 'none' })
      const count = event('session_cash_count', register.id, { counted_closing_amount: '52.00' })
      expect((await register.till.refused({ path: '/v1/operations', body: count })).code).toBe('open_operations')
      await register.till.void({ id: begun })
      await register.till.create(count)
      expect(await findings(bench)).toEqual([])
    },
    async ({ register }) => {
      const sold = await sell(register, '2.00')
      const back = movement('return', register, [{ title: 'Caffè', amount: '-2.00' }], {
        related_operation_id: sold.id,
      })
      begun = (await register.till.create(back)).id
    },
  )
})
