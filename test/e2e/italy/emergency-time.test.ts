// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { act, findings, open, refusal, voidOf } from './emergency-shop.ts'
import { Looks } from './looks.ts'
import { PrinterBeside } from './printer-beside.ts'
import { closed, italianTill, sell } from './shop.ts'

type Shop = { bench: Bench; register: Register; looks: Looks }

/** A shop whose printer died at that time. */
async function deadAt(time: string, use: (shop: Shop) => Promise<void>): Promise<void> {
  await using printer = await PrinterBeside.open()
  const looks = new Looks()
  await using bench = await Bench.open({ config: { devices: [printer.device()], deadlineMs: 1500 }, clock: looks })
  const register = await italianTill(bench)
  await printer.unplug()
  looks.jump(time)
  await open(bench)
  await use({ bench, register, looks })
}

async function sheetsOf(bench: Bench): Promise<unknown[]> {
  const sheets = (await act(bench, { act: 'emergency-sheet' })) as unknown as readonly Members[]
  return sheets.map(({ date, entries, total }) => [date, entries, total])
}

test('a void after midnight is on the day of the entry that it takes back, until the sums of that day are stated', () =>
  deadAt('2027-03-10T22:30:00Z', async ({ bench, register, looks }) => {
    const [wrong, kept] = [await sell(register, '12.20'), await sell(register, '3.00')]
    looks.jump('2027-03-10T23:10:00Z')
    await register.till.create(voidOf(register, wrong.id))
    await sell(register, '1.00')
    expect(await sheetsOf(bench)).toEqual([
      ['2027-03-10', 3, '3.00'],
      ['2027-03-11', 1, '1.00'],
    ])
    const path = `/v1/registers/${register.id}/closings`
    expect(await closed(register)).toMatchObject({ business_date: '2027-03-11' })
    expect(await register.till.post(path, { business_date: '2027-03-10' })).toMatchObject({
      ...{ business_date: '2027-03-10', totals: { payments: [{ name: 'Contanti', amount: '3.00' }] } },
    })
    const { administration } = bench.agent
    const sums = (administration.listTasks() as Members[]).filter(({ kind }) => kind === 'it.emergency_sums')
    const [first, second] = sums.map(({ id }) => String(id))
    await administration.confirmTask(first ?? '', 'Registro dei corrispettivi')
    expect((await refusal(administration.confirmTask(second ?? ''))).message).toMatch(/from the next day on/)
    const late = await register.till.refused({ path: '/v1/operations', body: voidOf(register, kept.id) })
    expect(late).toMatchObject({ code: 'void_after_closing', fiscal_effect: 'none' })
    expect(await sheetsOf(bench)).toHaveLength(2)
    expect(await findings(bench)).toEqual([])
  }))

test('in the night of the clock change each entry is on the day of Rome', () =>
  deadAt('2027-10-30T21:59:00Z', async ({ bench, register, looks }) => {
    // 23:59, then 00:30, both 02:30, 23:30, and 00:30.
    for (const time of [
      ...['2027-10-30T21:59:10Z', '2027-10-30T22:30:00Z', '2027-10-31T00:30:00Z'],
      ...['2027-10-31T01:30:00Z', '2027-10-31T22:30:00Z', '2027-10-31T23:30:00Z'],
    ]) {
      looks.jump(time)
      await sell(register, '1.00')
    }
    expect(await sheetsOf(bench)).toEqual([
      ['2027-10-30', 1, '1.00'],
      ['2027-10-31', 4, '4.00'],
      ['2027-11-01', 1, '1.00'],
    ])
    expect(await findings(bench)).toEqual([])
  }))
