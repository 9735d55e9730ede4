// @module-tag heavy
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deviceStateIn } from '../../device-state.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import { event, goods, pay } from '../goods.ts'
import { austrianTill, closingTypes, ONE_CARD, receiptOf, sell, TWO_CARDS, verifiedDep } from './shop.ts'

describe('the calendar', () => {
  test('past months and years are closed before the first receipt after them, and a Jahresbeleg is to be checked', async () => {
    const clock = new CalendarClock('2026-11-20T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    await sell(register, '1.00')
    clock.jump('2026-12-05T09:00:00Z')
    expect(receiptOf(await sell(register, '2.00')).receipt_number).toBe('4')
    clock.jump('2027-01-05T09:00:00Z')
    expect(receiptOf(await sell(register, '3.00')).receipt_number).toBe('6')
    const closings = await register.till.list(`/v1/registers/${register.id}/closings`)
    expect(closings.map(({ type, period, document_number }) => [type, period, document_number])).toEqual([
      ['start', undefined, '1'],
      ['monthly', '2026-11', '3'],
      ['annual', '2026', '5'],
    ])
    const tasks = bench.agent.administration.listTasks() as readonly { id: string; due: string }[]
    const check = tasks.find(({ id }) => id === `yearly-check-2026-${register.id}`)
    expect(check).toMatchObject({ due: '2027-02-15' })
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 6, turnoverCents: 600n })
  })

  test('a year that was closed before its last sale is closed again, and its last Jahresbeleg is the one to check', async () => {
    const clock = new CalendarClock('2026-12-20T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    const { id, till } = register
    const checks = () => {
      const tasks = bench.agent.administration.listTasks() as readonly { id: string; instructions: string[] }[]
      return tasks.filter((task) => task.id.startsWith('yearly-check-'))
    }
    await till.post(`/v1/registers/${id}/closings`, { type: 'annual' })
    await bench.agent.administration.confirmTask(String(checks()[0]?.id))
    await sell(register, '2.00')
    clock.jump('2027-01-05T09:00:00Z')
    await sell(register, '2.00')
    expect(await closingTypes(register)).toEqual(['start', 'annual', 'annual'])
    const [check, ...more] = checks()
    expect(check?.instructions[1]).toMatch(new RegExp(`^_R1-AT9_${register.clientId}_4_`))
    expect(more).toEqual([])
    await bench.agent.administration.confirmTask(String(check?.id))
    expect(checks()).toEqual([])
  })

  test('a year may be closed in its December, whatever the time of its last sale', async () => {
    const clock = new CalendarClock('2026-09-20T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    const close = { path: `/v1/registers/${register.id}/closings`, body: { type: 'annual' } }
    await sell(register, '2.00')
    clock.jump('2026-12-31T20:00:00Z')
    expect(await register.till.post(close.path, close.body)).toMatchObject({ period: '2026', document_number: '4' })
    expect([...(await closingTypes(register))].sort()).toEqual(['annual', 'monthly', 'start'])
    expect(await register.till.refused(close)).toMatchObject({ code: 'already_closed' })
    clock.jump('2027-01-05T09:00:00Z')
    expect(receiptOf(await sell(register, '3.00')).receipt_number).toBe('5')
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 5, turnoverCents: 500n })
  })

  test('a year is closed early in any month, a sale opens it again, and the last Jahresbeleg is checked', async () => {
    const clock = new CalendarClock('2026-10-26T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    const close = { path: `/v1/registers/${register.id}/closings`, body: { type: 'annual' } }
    const checks = () => {
      const tasks = bench.agent.administration.listTasks() as readonly { id: string; due: string }[]
      return tasks.filter(({ id }) => /^(annual|yearly)-/.test(id)).map(({ id, due }) => [id, due])
    }
    await sell(register, '2.00')
    expect(await register.till.post(close.path, close.body)).toMatchObject({ type: 'annual', period: '2026' })
    expect(await register.till.refused(close)).toMatchObject({ code: 'already_closed' })
    expect(await register.till.refused({ ...close, body: { type: 'monthly' } })).toMatchObject({
      code: 'already_closed',
    })
    expect(checks()).toEqual([[`yearly-check-2026-${register.id}`, '2027-02-15']])
    await sell(register, '3.00')
    expect(await register.till.post(close.path, close.body)).toMatchObject({ period: '2026', document_number: '5' })
    expect(checks()).toEqual([[`yearly-check-2026-5-${register.id}`, '2027-02-15']])
    clock.jump('2027-04-03T09:00:00Z')
    expect(receiptOf(await sell(register, '1.00')).receipt_number).toBe('6')
    expect(await closingTypes(register)).toEqual(['start', 'annual', 'annual'])
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 6, turnoverCents: 600n })
  })

  test('a Jahresbeleg that a shop makes after 15 February is to be checked within a week', async () => {
    const clock = new CalendarClock('2026-10-26T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    await sell(register, '2.00')
    clock.jump('2027-04-03T09:00:00Z')
    await sell(register, '3.00')
    const tasks = bench.agent.administration.listTasks() as readonly { id: string; due: string }[]
    expect(tasks.find(({ id }) => id === `yearly-check-2026-${register.id}`)).toMatchObject({ due: '2027-04-10' })
  })

  test('an idle register over New Year must be closed by a person before the check of its Jahresbeleg is due', async () => {
    const clock = new CalendarClock('2026-09-20T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    const owed = () => {
      const tasks = bench.agent.administration.listTasks() as readonly { id: string; due: string }[]
      return tasks.filter(({ id }) => /^(annual|yearly)-/.test(id)).map(({ id, due }) => [id, due])
    }
    await sell(register, '2.00')
    clock.jump('2026-12-31T20:00:00Z')
    expect(owed()).toEqual([])
    clock.jump('2027-01-02T09:00:00Z')
    expect(owed()).toEqual([[`annual-receipt-2026-${register.id}`, '2027-02-15']])
    await register.till.post(`/v1/registers/${register.id}/closings`, { type: 'annual' })
    expect(owed()).toEqual([[`yearly-check-2026-${register.id}`, '2027-02-15']])
  })

  test('a Jahresbeleg that is still being signed is not to be checked yet', async () => {
    const clock = new CalendarClock('2026-11-20T09:00:00Z')
    const seen: (readonly string[])[] = []
    const atPoint = (point: string): void => {
      if (point === 'device.after-sign') seen.push(tasks())
    }
    await using bench = await Bench.open({ config: ONE_CARD, clock, atPoint })
    const tasks = (): readonly string[] => {
      const all = bench.agent.administration.listTasks() as readonly { id: string }[]
      return all.map(({ id }) => id).filter((id) => /^(annual|yearly)-/.test(id))
    }
    const { id, till } = await austrianTill(bench)
    await till.post(`/v1/registers/${id}/closings`, { type: 'monthly' })
    clock.jump('2027-01-05T09:00:00Z')
    seen.length = 0
    await till.post(`/v1/registers/${id}/closings`, { type: 'annual' })
    expect(seen).toEqual([[`annual-receipt-2026-${id}`]])
    expect(tasks()).toEqual([`yearly-check-2026-${id}`])
  })

  test('a retirement that no unit signed makes the receipts due before the Schlussbeleg when it is requested again', async () => {
    const clock = new CalendarClock('2026-11-20T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    const { id, till } = register
    await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
    await till.create(event('session_close', id, { business_date: '2026-11-20' }))
    clock.jump('2026-12-05T09:00:00Z')
    const path = `/v1/registers/${id}/decommission`
    await bench.faultAt('card-1', 'busy@sign')
    expect(await bench.office.refused({ path, body: {} })).toMatchObject({ code: 'fiscal_device_unavailable' })
    await bench.faultAt('card-1', 'clear')
    await bench.office.post(path, {}, 200)
    expect(await closingTypes(register)).toEqual(['start', 'monthly', 'final'])
  })

  test('DEP131 states what a Monatsbeleg closes, the outage that a Sammelbeleg ends, and the paper number of a return', async () => {
    const clock = new CalendarClock('2026-11-20T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    const { id, till } = register
    await bench.faultAt('card-1', 'unplugged@*')
    const sold = await sell(register, '2.00')
    clock.jump('2026-11-20T11:30:00Z')
    await bench.restart()
    clock.jump('2026-12-05T09:00:00Z')
    const more = { related_operation_id: sold.id, external_id: 'PAPIER-7' }
    const back = await till.create(goods('return', id, [['-1.00', '0.20']], more))
    await till.complete(back, [pay('cash', '-1.00')])
    const [head = [], ...rows] = Buffer.from(await bench.exported('dep131', { register_id: id }))
      .toString('utf8')
      .split('\n')
      .map((row) => row.split(';'))
    const told = (kind: string, name: string) =>
      rows.find((row) => row[head.indexOf('kind')] === kind)?.[head.indexOf(name)]
    expect(told('return', 'reference')).toBe(`${sold.id} PAPIER-7`)
    expect(told('monthly', 'reason')).toBe('2026-11')
    const reason = /^Ausfall 2026-11-20T10:0\d:\d\d bis 2026-11-20T12:3\d:\d\d, Belege 2 bis 2 \(1\)$/
    expect(told('collective', 'reason')).toMatch(reason)
  })

  test('an outage of 48 hours is to be reported, by a warning of the device and a task', async () => {
    const clock = new CalendarClock('2026-11-20T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    await bench.faultAt('card-1', 'unplugged@*')
    await sell(register, '1.00')
    const warnings = async () => {
      const [card] = await bench.office.list('/v1/devices')
      const listed = card?.['warnings'] as readonly { code: string; due?: string }[] | undefined
      return listed?.map(({ code, due }) => [code, due])
    }
    expect(await warnings()).toContainEqual(['card_outage', undefined])
    clock.jump('2026-11-22T10:00:00Z')
    expect(await warnings()).toContainEqual(['card_outage_report_due', '2026-11-27'])
    await register.till.create(event('session_cash_count', register.id, { counted_closing_amount: '51.00' }))
    const closed = await register.till.create(event('session_close', register.id, { business_date: '2026-11-22' }))
    const slip = await register.till.get(`/v1/operations/${closed.id}/receipt`)
    expect(slip['notices']).toEqual([expect.stringMatching(/FinanzOnline.*2026-11-20/)])
    const tasks = bench.agent.administration.listTasks() as readonly { id: string; due: string }[]
    expect(tasks).toContainEqual(expect.objectContaining({ id: 'outage-card-1-2026-11-20', due: '2026-11-27' }))
    // Over before anyone reported it: begin and end are still owed.
    await bench.restart()
    const owed = bench.agent.administration.listTasks() as readonly { id: string; due: string }[]
    expect(owed).toContainEqual(expect.objectContaining({ id: 'outage-card-1-2026-11-20', due: '2026-11-27' }))
    expect(owed).toContainEqual(expect.objectContaining({ id: 'outage-end-card-1-2026-11-20', due: '2026-11-29' }))
  })

  test('another card instead of one that is down ends no outage; the replaced one is reported as ended', async () => {
    const clock = new CalendarClock('2026-11-20T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    const former = receiptOf(await sell(register, '1.00')).certificate_serial
    await bench.faultAt('card-1', 'unplugged@*')
    await sell(register, '1.00')
    clock.jump('2026-11-22T08:00:00Z')
    const folder = join(bench.config.state, 'devices', 'card-1')
    await bench.restart(() => rename(folder, `${folder}.broken`))
    clock.jump('2026-11-22T10:00:00Z')
    const [card] = await bench.office.list('/v1/devices')
    expect(card).toMatchObject({ state: 'foreign', since: expect.stringMatching(/^2026-11-20T09/) })
    await bench.restart()
    const [again] = await bench.office.list('/v1/devices')
    expect(again?.['warnings']).toContainEqual(
      expect.objectContaining({ code: 'card_outage_report_due', due: '2026-11-27' }),
    )
    await bench.agent.administration.deviceAct('card-1', 'init')
    await bench.until(async () => (await closingTypes(register)).includes('collective'))
    const { certificate_serial: successor } = receiptOf(await sell(register, '1.00'))
    const tasks = bench.agent.administration.listTasks() as readonly { id: string; instructions: readonly string[] }[]
    const ofUnit = tasks.filter(({ id }) => /^outage|^finanzonline-unit/.test(id))
    expect(
      ofUnit.map(({ id, instructions }) => [id, instructions.join().match(/(?<=Seriennummer[^:]*: )\w+/)?.[0]]),
    ).toEqual([
      [`finanzonline-unit-AT9-${former}`, former],
      [`finanzonline-unit-AT9-${successor}`, successor],
      ['outage-card-1-2026-11-20', former],
      [`finanzonline-unit-end-${former}-2026-11-20`, former],
    ])
    await bench.agent.administration.confirmTask(`finanzonline-unit-AT9-${former}`)
    const left = bench.agent.administration.listTasks() as readonly { id: string }[]
    expect(left.map(({ id }) => id)).not.toContain(`finanzonline-unit-AT9-${former}`)
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 5, groups: 2 })
  })

  test('cards that were swapped are not taken over; put right they sign, and no end is to be reported', async () => {
    await using bench = await Bench.open({ config: TWO_CARDS })
    const register = await austrianTill(bench)
    const former = receiptOf(await sell(register, '1.00')).certificate_serial
    const folder = (card: string): string => join(bench.config.state, 'devices', card)
    const swap = async (): Promise<void> => {
      await rename(folder('card-1'), folder('card-3'))
      await rename(folder('card-2'), folder('card-1'))
      await rename(folder('card-3'), folder('card-2'))
    }
    await bench.restart(swap)
    expect(await bench.office.list('/v1/devices')).toMatchObject([{ state: 'foreign' }, { state: 'foreign' }])
    for (const card of ['card-1', 'card-2'])
      await expect(bench.agent.administration.deviceAct(card, 'init')).rejects.toThrow('is enrolled as card-')
    await bench.restart(swap)
    expect(await bench.office.list('/v1/devices')).toMatchObject([{ state: 'ready' }, { state: 'ready' }])
    const till = { id: register.id, till: bench.client({ 'X-Register-Api-Key': register.key }) }
    expect(receiptOf(await sell({ ...register, ...till }, '1.00')).certificate_serial).toBe(former)
    const tasks = bench.agent.administration.listTasks() as readonly { id: string }[]
    expect(tasks.filter(({ id }) => id.startsWith('finanzonline-unit-end'))).toEqual([])
    expect(tasks.filter(({ id }) => id.startsWith('finanzonline-unit-AT'))).toHaveLength(2)
  })

  test('a card that signs again after its end was reported is to be registered again', async () => {
    const clock = new CalendarClock('2026-11-20T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    const register = await austrianTill(bench)
    const first = receiptOf(await sell(register, '1.00')).certificate_serial
    const folder = join(bench.config.state, 'devices', 'card-1')
    const registrations = () => {
      const tasks = bench.agent.administration.listTasks() as readonly { id: string; due: string }[]
      return tasks.filter(({ id }) => id.startsWith(`finanzonline-unit-AT9-${first}`))
    }
    const exchange = async (at: string, away: string, back?: string): Promise<void> => {
      clock.jump(at)
      await bench.restart(async () => {
        await rename(folder, `${folder}.${away}`)
        if (back !== undefined) await rename(`${folder}.${back}`, folder)
      })
      await bench.agent.administration.deviceAct('card-1', 'init')
      await sell(register, '1.00')
    }
    await bench.agent.administration.confirmTask(`finanzonline-unit-AT9-${first}`)
    await exchange('2027-03-20T09:00:00Z', 'first')
    // Its end was not reported: it continues as it is registered.
    await exchange('2027-03-25T09:00:00Z', 'second', 'first')
    expect(registrations()).toEqual([])
    await exchange('2027-05-20T09:00:00Z', 'first', 'second')
    await bench.agent.administration.confirmTask(`finanzonline-unit-end-${first}-2027-05-20`)
    expect(registrations()).toEqual([])
    await exchange('2028-02-29T09:00:00Z', 'second', 'first')
    const [again] = registrations()
    expect(again).toMatchObject({ id: expect.stringMatching(/-again-2027-05-20$/), due: '2028-02-29' })
    await bench.agent.administration.confirmTask(String(again?.id))
    expect(registrations()).toEqual([])
  })

  test('a card that is removed from the configuration keeps its tasks, and its end is to be reported', async () => {
    const clock = new CalendarClock('2026-11-20T09:00:00Z')
    await using bench = await Bench.open({ config: TWO_CARDS, clock })
    const register = await austrianTill(bench)
    await bench.faultAt('card-1', 'unplugged@*')
    const { certificate_serial: second } = receiptOf(await sell(register, '1.00'))
    await bench.until(() => bench.journal().some((event) => deviceStateIn(event) === 'down'))
    const owed = () => {
      const tasks = bench.agent.administration.listTasks() as readonly { id: string; instructions: readonly string[] }[]
      return tasks.map(({ id }) => id).filter((id) => /^outage|^finanzonline-unit/.test(id))
    }
    const [registration = ''] = owed().filter((id) => !id.endsWith(second))
    const first = registration.split('-').at(-1)
    await bench.restart(
      async () =>
        void Object.assign(bench.config, {
          devices: [{ id: 'card-2', driver: 'card-simulator' }],
          rksv: { fallbacks: {} },
        }),
    )
    clock.jump('2026-11-22T10:00:00Z')
    const gone = [registration, 'outage-card-1-2026-11-20', `finanzonline-unit-end-${first}-2026-11-20`]
    expect(owed().sort()).toEqual([...gone, `finanzonline-unit-AT9-${second}`].sort())

    const folder = (card: string): string => join(bench.config.state, 'devices', card)
    await bench.restart(async () => {
      Object.assign(bench.config, {
        devices: [
          { id: 'card-2', driver: 'card-simulator' },
          { id: 'card-3', driver: 'card-simulator' },
        ],
      })
      await rename(folder('card-1'), folder('card-3'))
    })
    await bench.until(() => bench.journal().some((event) => event.op === 'card-3' && deviceStateIn(event) === 'ready'))
    expect(owed().sort()).toEqual([registration, `finanzonline-unit-AT9-${second}`].sort())
  })

  test('a card that is put back into the configuration after its end was reported is to be registered again', async () => {
    const clock = new CalendarClock('2026-11-20T09:00:00Z')
    await using bench = await Bench.open({ config: TWO_CARDS, clock })
    const { certificate_serial: first } = receiptOf(await sell(await austrianTill(bench), '1.00'))
    const tasks = () => bench.agent.administration.listTasks() as readonly { id: string; due: string }[]
    const ofUnit = () => tasks().filter(({ id }) => id.startsWith('finanzonline-unit') && id.includes(first))
    const { devices, rksv } = bench.config
    const configured = (change: object) => bench.restart(async () => void Object.assign(bench.config, change))
    for (const { id } of ofUnit()) await bench.agent.administration.confirmTask(id)
    await configured({ devices: devices.filter(({ id }) => id !== 'card-1'), rksv: { fallbacks: {} } })
    expect(ofUnit()).toMatchObject([{ id: `finanzonline-unit-end-${first}-2026-11-20` }])
    await bench.agent.administration.confirmTask(`finanzonline-unit-end-${first}-2026-11-20`)

    clock.jump('2027-02-01T09:00:00Z')
    await configured({ devices, rksv })
    await bench.until(() => ofUnit().length > 0)
    const again = { id: `finanzonline-unit-AT9-${first}-again-2026-11-20`, due: '2027-02-01' }
    expect(ofUnit()).toMatchObject([again])
    clock.jump('2027-02-02T09:00:00Z')
    await bench.restart()
    expect(ofUnit()).toMatchObject([again])
    await bench.agent.administration.confirmTask(again.id)
    expect(ofUnit()).toEqual([])
  })

  test('an outage that begins while the agent is off counts from the start that found it', async () => {
    const clock = new CalendarClock('2026-11-20T09:00:00Z')
    await using bench = await Bench.open({ config: ONE_CARD, clock })
    await austrianTill(bench)
    const key = join(bench.config.state, 'devices', 'card-1', 'key.pem')
    await bench.restart(async () => {
      await rename(key, `${key}.away`)
      await mkdir(key)
    })
    await bench.until(() => bench.journal().some((event) => deviceStateIn(event) === 'down'))
    clock.jump('2026-11-22T10:00:00Z')
    await bench.restart()
    const tasks = bench.agent.administration.listTasks() as readonly { id: string }[]
    expect(tasks.map(({ id }) => id)).toContain('outage-card-1-2026-11-20')
  })
})
