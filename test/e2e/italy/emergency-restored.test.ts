// @module-tag heavy
import { expect, test } from 'vitest'
import { asidesOf, keyed } from '../../backup/restored-shop.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Bench, Register } from '../bench.ts'
import type { Call, Members } from '../client.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import { act, inEmergency, open, untilBack } from './emergency-shop.ts'
import { PrinterBeside } from './printer-beside.ts'
import { restoredAfter } from './restored-shop.ts'
import { closed, italianTill, movement, sell } from './shop.ts'

async function begun({ till, ...register }: Register, amount: string): Promise<Call> {
  const made = await till.create(movement('sale', register, [{ title: 'Pane', amount }]))
  return completion(made, [pay('cash', amount)])
}

/** The errors of the journal; a restore leaves notes. */
async function errorsIn(shop: Bench): Promise<string[]> {
  const { codes } = await verifyJournal(shop.config.state)
  return codes.filter(({ level }) => level === 'error').map(({ code }) => code)
}

async function sheetsOf(shop: Bench): Promise<Members[]> {
  return (await act(shop, { act: 'emergency-sheet' })) as unknown as Members[]
}

test('a backup from before an emergency does not have it, and the duty of the restore says to compare the slips', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent({ deadlineMs: 1500 })
  const before = await italianTill(bench)
  await sell(before, '2.00')
  const call = await begun(before, '12.20')
  await using shop = await restoredAfter({ bench, printer }, async () => {
    await printer.unplug()
    await open(bench)
    expect((await before.till.call(call)).json).toMatchObject({ fiscal_information: { document_type: 'emergency' } })
  })
  const { till } = keyed(shop, before)
  expect(await act(shop, { act: 'emergencies' })).toEqual([])
  expect((await till.refused(call)).code).toBe('fiscal_device_unavailable')
  const tasks = JSON.stringify(shop.agent.administration.listTasks())
  expect(tasks).toMatch(/emergency register.*slips/)
  expect(await errorsIn(shop)).toEqual([])
  // A person has compared them, and opens it again: the numbers of entries and closings are set aside.
  await open(shop)
  expect(asidesOf(shop)).toMatchObject([
    { kind: 'bon', from: 3, to: 1002 },
    { kind: 'z', from: 1, to: 1000 },
  ])
  expect((await till.call(call)).json).toMatchObject({ fiscal_information: { emergency: { entry: 1003 } } })
  expect(printer.documents).toHaveLength(1)
  expect(await errorsIn(shop)).toEqual([])
})

test('a backup from in an emergency brings it back open: its entries stay, and nothing of them is printed', () =>
  inEmergency(async ({ bench, printer, register, emergency }) => {
    const call = await begun(register, '12.20')
    const { text } = await register.till.call(call)
    await using shop = await restoredAfter({ bench, printer }, () => sell(register, '3.00'))
    const again = keyed(shop, register)
    expect(await act(shop, { act: 'emergencies' })).toMatchObject([{ id: emergency }])
    expect(JSON.stringify(shop.agent.application.readiness())).toContain('printer_emergency_open')
    expect((await again.till.call(call)).text).toBe(text)
    await sell(again, '1.00')
    expect(await sheetsOf(shop)).toMatchObject([{ entries: 2, total: '13.20' }])
    await printer.plugIn()
    await untilBack(shop)
    expect(await sell(again, '0.50')).toMatchObject({ fiscal_information: { document_type: 'emergency' } })
    await act(shop, { act: 'emergency-close' })
    expect(printer.documents).toEqual([])
    await sell(again, '4.00')
    expect(await closed(again)).toMatchObject({
      hints: [{ code: 'emergency_entries', amount: '13.70' }],
      totals: { payments: [{ name: 'Contanti', amount: '4.00' }] },
    })
    expect((await again.till.call(call)).text).toBe(text)
    expect(await errorsIn(shop)).toEqual([])
  }))

test('a backup from after an emergency has it closed, with its sheet and the old bytes of its entries', () =>
  inEmergency(async ({ bench, printer, register }) => {
    const call = await begun(register, '12.20')
    const { text } = await register.till.call(call)
    await printer.plugIn()
    await untilBack(bench)
    await act(bench, { act: 'emergency-close' })
    await sell(register, '4.00')
    const sheets = await sheetsOf(bench)
    await using shop = await restoredAfter({ bench, printer }, () => sell(register, '3.00'))
    const again = keyed(shop, register)
    await untilBack(shop)
    expect((await again.till.call(call)).text).toBe(text)
    expect(await sheetsOf(shop)).toEqual(sheets)
    expect(await sell(again, '5.00')).toMatchObject({ fiscal_information: { document_number: '0142-0003' } })
    expect(printer.documents.map(({ cashCents }) => cashCents)).toEqual([400, 300, 500])
  }))
