// @module-tag heavy
import { expect, test } from 'vitest'
import { monoMs } from '../../base/clock.ts'
import { isSigned } from '../alerts/hook-server.ts'
import { writingProgram } from '../journal/other-program.ts'
import { TurningClock } from '../turning-clock.ts'
import { verifyJournal } from '../verified-journal.ts'
import { alertEvents, alerted, KEY, SECRET, subject, types } from './alerted.ts'
import { goods, pay } from './goods.ts'

test('a mail and a webhook arrive within 10 s of a pulled TSE', async () => {
  const clock = new TurningClock()
  const { bench, hook, smtp } = await alerted({ clock })
  await using _ = bench
  await bench.fault('unplugged@*')
  const pulledMs = monoMs(clock)
  await Promise.all([hook.untilCalls(1), smtp.untilMails(1)])
  expect(monoMs(clock) - pulledMs).toBeLessThan(10_000)
  expect(types(hook)).toEqual(['alert.raised tse-1'])
})

test('a pulled TSE is one mail and one webhook, and its end follows once after 30 s of calm', async () => {
  const { bench, hook, smtp } = await alerted()
  await using _ = bench
  await bench.till()
  await bench.fault('unplugged@*')
  await bench.until(() => smtp.mails.length === 1 && hook.calls.length === 1)
  expect(types(hook)).toEqual(['alert.raised tse-1'])
  const [call] = hook.calls
  expect(call && isSigned(call, KEY)).toBe(true)
  const { data } = JSON.parse(call?.body ?? '{}')
  expect(data).toMatchObject({
    ...{ rule: 'devices', severity: 'alarm', subject: { device: 'tse-1' }, open: 1 },
    shop: { merchant: 'Bäckerei Muster GmbH', location: 'Filiale Mitte' },
  })
  expect(subject(smtp.mails[0]?.data ?? '')).toMatch(/^\[Bäckerei Muster GmbH, Filiale Mitte\] ALARM: tse-1: /)
  await bench.fault('clear')
  await bench.until(() => smtp.mails.length === 2 && hook.calls.length === 2)
  expect(types(hook)[1]).toBe('alert.resolved tse-1')
  await bench.until(() => alertEvents(bench).length === 6)
  expect(alertEvents(bench).filter((event) => !event.startsWith('alert.sent'))).toEqual([
    'alert.raised',
    'alert.resolved',
  ])
  expect(await verifyJournal(bench.config.state)).toMatchObject({ books: 'consistent', codes: [] })
  expect(await bench.office.get('/v1/overview')).toMatchObject({
    alerts: { open: [], channels: [{ id: 'mail', address: 'owner@shop.example', waiting: 0 }, { id: 'office' }] },
  })
})

test('three TSEs on one pulled hub are one mail', async () => {
  const units = ['tse-1', 'tse-2', 'tse-3']
  const { bench, hook, smtp } = await alerted({ units })
  await using _ = bench
  for (const unit of units) await bench.faultAt(unit, 'unplugged@*')
  await bench.until(() => hook.calls.length === 3 && smtp.mails.length > 0)
  expect(types(hook).sort()).toEqual(units.map((unit) => `alert.raised ${unit}`))
  await bench.until(() => alertEvents(bench).filter((event) => event.endsWith(' mail')).length === 3)
  expect(smtp.mails).toHaveLength(1)
  expect(subject(smtp.mails[0]?.data ?? '')).toContain('tse-1, tse-2, tse-3: ')
})

test('a restart raises nothing again, and an alert ends once across it', async () => {
  const { bench, hook, smtp } = await alerted()
  await using _ = bench
  await bench.fault('unplugged@*')
  await bench.until(() => alertEvents(bench).filter((event) => event.startsWith('alert.sent')).length === 2)
  await bench.restart()
  await bench.until(() => smtp.mails.length === 2 && hook.calls.length === 2)
  expect(types(hook)).toEqual(['alert.raised tse-1', 'alert.resolved tse-1'])
  expect(alertEvents(bench).filter((event) => event === 'alert.raised')).toHaveLength(1)
})

test('with a journal that another program holds the message leaves, and is journalled once afterwards', async () => {
  const { bench, hook } = await alerted({
    alerts: { rules: { devices: { afterSeconds: 0, channels: ['office'] } } },
  })
  await using _ = bench
  const program = await writingProgram(bench.config.state)
  await bench.fault('unplugged@*')
  await bench.until(() => hook.calls.length > 0)
  expect(types(hook)[0]).toBe('alert.raised tse-1')
  await program.says('ROLLBACK')
  await bench.until(() => alertEvents(bench).length >= 2)
  expect(alertEvents(bench).slice(0, 2)).toEqual(['alert.raised', 'alert.sent alert.raised office'])
  expect(types(hook).filter((type) => type === 'alert.raised tse-1')).toHaveLength(1)
})

test('sales continue while two channels are dead', async () => {
  const { bench, hook, smtp } = await alerted()
  await using _ = bench
  const { till, id } = await bench.till()
  hook.answer = () => undefined
  smtp.fault = { at: 'greeting', does: 'hang' }
  await bench.fault('unplugged@*')
  await bench.until(() => hook.calls.length > 0)
  for (let sale = 0; sale < 5; sale++) {
    const done = await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])
    expect(done).toMatchObject({ status: 'completed' })
  }
})

test('no message, log line or event of an alert has a key, a secret, a customer, a line, an amount or an operator', async () => {
  const { bench, hook, smtp } = await alerted()
  await using _ = bench
  const { till, id, key } = await bench.till()
  const sale = goods('sale', id, [['77.31', '0.07']])
  await till.complete(await till.create({ ...sale, operator_id: 'OPERATOR-9' }), [pay('cash', '77.31')])
  await bench.fault('unplugged@*')
  await bench.until(() => smtp.mails.length === 1 && hook.calls.length === 1)
  await bench.fault('clear')
  await bench.until(() => smtp.mails.length === 2 && hook.calls.length === 2)
  const events = bench.journal().filter(({ kind }) => kind.startsWith('alert.'))
  const lines = bench.lines.filter(({ message }) => message.includes('alert'))
  const all = JSON.stringify([hook.calls.map(({ body }) => body), smtp.mails.map(({ data }) => data), lines, events])
  for (const never of [key, SECRET, KEY.toString('base64'), '77.31', 'OPERATOR-9', 'unplugged', bench.platformKey])
    expect(all).not.toContain(never)
  expect(JSON.stringify(events)).not.toContain('@')
})

test('alert test sends to each channel and shows the words of a server that refuses', async () => {
  const { bench, hook, smtp } = await alerted()
  await using _ = bench
  smtp.fault = { at: 'recipient', answer: '550 5.1.1 no such user' }
  const answers = await bench.agent.administration.testAlert()
  expect(answers).toMatchObject([
    { channel: 'mail', error: expect.stringContaining('5.1.1 no such user') },
    { channel: 'office', error: null },
  ])
  expect(types(hook)).toEqual(['alert.test '])
  await expect(bench.agent.administration.testAlert('ofice')).rejects.toMatchObject({ code: 'not_found' })
  expect(alertEvents(bench)).toEqual([])
})

test('names of a shop are on one line in a message, without marks of the writing direction', async () => {
  const { bench, hook, smtp } = await alerted()
  await using _ = bench
  const { merchantId } = await bench.shop()
  const legal_name = 'Muster\u202e\u2028Bcc: thief@example.org'
  await bench.office.forMerchant(merchantId).patch(`/v1/merchants/${merchantId}`, { legal_name })
  await bench.fault('unplugged@*')
  await bench.until(() => smtp.mails.length === 1 && hook.calls.length === 1)
  const { shop } = JSON.parse(hook.calls[0]?.body ?? '').data
  expect(shop.merchant).toBe(String.raw`Muster\u202e\u2028Bcc: thief@example.org`)
  expect(subject(smtp.mails[0]?.data ?? '')).toContain('Muster\\u202e')
  expect(smtp.mails[0]?.data).not.toMatch(/^Bcc/m)
})
