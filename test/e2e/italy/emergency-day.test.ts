import { expect, test } from 'vitest'
import { heavy } from '../../tags.ts'
import type { Members } from '../client.ts'
import { act, findings, inEmergency, refusal, untilBack, voidOf } from './emergency-shop.ts'
import { closed, sell, traded } from './shop.ts'

const today = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Rome' }).format(new Date())

test('a closing reports the entries of the day at its register, and the same ones give the same closing', () =>
  inEmergency(async ({ bench, register }) => {
    expect(await register.till.refused({ path: `/v1/registers/${register.id}/closings`, body: {} })).toMatchObject({
      code: 'emergency_open',
    })
    await sell(register, '12.20')
    const { id } = await sell(register, '3.00')
    await register.till.create(voidOf(register, id))
    const first = await closed(register)
    expect(first).toMatchObject({
      ...{ type: 'daily', business_date: today, z_numbers: [], fiscal_information: null },
      ...{ fiscal: { state: 'not_required' }, transmission_status: 'not_required' },
      totals: {
        vat: [{ name: 'IVA 22 %', rate: '0.22', amount: '12.20', tax_amount: '2.20' }],
        payments: [{ name: 'Contanti', amount: '12.20' }],
        business_cases: [
          { name: 'Vendite', amount: '15.20' },
          { name: 'Resi', amount: '0.00' },
          { name: 'Annulli', amount: '-3.00' },
        ],
        reversals: { count: 1, amount: '-3.00' },
      },
    })
    expect((await closed(register))['id']).toBe(first['id'])
    await sell(register, '1.00')
    expect((await closed(register))['id']).not.toBe(first['id'])
    const { text } = await register.till.call({ path: `/v1/closings/${String(first['id'])}/receipt?format=text` })
    expect(text).not.toContain('vale la stampa')
    expect(await findings(bench)).toEqual([])
  }))

test('a sheet of each day has the fields of the portal, its lines, and the payments by class', () =>
  inEmergency(async ({ bench, register, emergency }) => {
    const sold = await sell(register, '12.20')
    await traded(register, 'sale', [
      { title: 'Pane', amount: '1.04', rate: '0.04' },
      { title: 'Libro', amount: '5.00', code: 'N4' },
    ])
    await register.till.create(voidOf(register, sold.id))
    const sheets = (await act(bench, { act: 'emergency-sheet' })) as unknown as Members[]
    expect(sheets).toEqual([
      {
        ...{ emergency_id: emergency, device: 'rt-1', rt_serial_number: '72IV6000001', date: today, entries: 3 },
        rates: [
          { rate: '0.04', gross: '1.04', taxable: '1.00', tax: '0.04' },
          { rate: '0.22', gross: '0.00', taxable: '0.00', tax: '0.00' },
        ],
        natures: [{ code: 'N4', amount: '5.00' }],
        payments: [{ name: 'Contanti', amount: '6.04' }],
        total: '6.04',
        lines: [
          { register_id: register.id, entry: 2, amount: '12.20', rate: '0.22', recorded_at: expect.any(String) },
          { register_id: register.id, entry: 3, amount: '1.04', rate: '0.04', recorded_at: expect.any(String) },
          { register_id: register.id, entry: 3, amount: '5.00', natura: 'N4', recorded_at: expect.any(String) },
          {
            register_id: register.id,
            entry: 4,
            amount: '-12.20',
            rate: '0.22',
            voids: 2,
            recorded_at: expect.any(String),
          },
        ],
      },
    ])
    expect(await act(bench, { act: 'emergency-sheet', date: '2020-01-01' })).toEqual([])
  }))

test('the next Z names entries that no report has, once', heavy(), () =>
  inEmergency(async ({ bench, register, printer }) => {
    await sell(register, '12.20')
    await closed(register)
    await sell(register, '3.00')
    await printer.plugIn()
    await untilBack(bench)
    await act(bench, { act: 'emergency-close' })
    await sell(register, '4.00')
    const z = await closed(register)
    expect(z).toMatchObject({
      hints: [{ code: 'emergency_entries', date: today, amount: '3.00' }],
      totals: { payments: [{ name: 'Contanti', amount: '4.00' }] },
    })
    await sell(register, '5.00')
    expect(await closed(register)).not.toHaveProperty('hints')
    expect(await findings(bench)).toEqual([])
  }),
)

test('four duties follow an emergency, and the sums of a day that still sells cannot be confirmed', heavy(), () =>
  inEmergency(async ({ bench, register, printer, emergency }) => {
    const { administration } = bench.agent
    const kinds = () => (administration.listTasks() as Members[]).map(({ kind }) => kind)
    expect(kinds()).toEqual(['it.emergency_call', 'it.emergency_state'])
    const { id } = await sell(register, '12.20')
    expect(kinds()).toEqual(['it.emergency_call', 'it.emergency_state', 'it.emergency_sums'])
    const sums = `emergency-sums-${emergency}-${today}`
    expect((await refusal(administration.confirmTask(sums))).message).toMatch(/from the next day on/)
    expect(await bench.office.get('/v1/overview')).toMatchObject({ selling: 'outage', reason: 'emergency_open' })
    expect(JSON.stringify(bench.agent.application.readiness())).toContain('printer_emergency_open')
    await printer.plugIn()
    await untilBack(bench)
    await act(bench, { act: 'emergency-close' })
    expect(kinds()).toContain('it.emergency_back')
    await administration.confirmTask(sums, 'Registro dei corrispettivi')
    expect(kinds()).not.toContain('it.emergency_sums')
    const refused = await register.till.refused({ path: '/v1/operations', body: voidOf(register, id) })
    expect(refused.code).toBe('related_operation_invalid')
    expect(JSON.stringify(bench.agent.application.readiness())).not.toContain('printer_emergency_open')
  }),
)
