import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Resvg } from '@resvg/resvg-js'
import { expect, test } from 'vitest'
import { openLog } from '../../base/log.ts'
import { writingProgram } from '../journal/other-program.ts'
import { qrInPng } from '../receipts/decode.ts'
import { heavy } from '../tags.ts'
import { turnedMs } from '../turning-clock.ts'
import { verifyJournal } from '../verified-journal.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import { CustomerDisplay, DISPLAY } from './customer-display.ts'
import { event, goods, pay, sell, trade } from './goods.ts'
import { italianTill, ONE_PRINTER } from './italy/shop.ts'
import { LeapClock } from './leap-clock.ts'

function words(bench: Bench): unknown[] {
  return bench.journal().flatMap(({ kind, body }) => (kind === 'receipt.issued' ? [JSON.parse(body)] : []))
}

function begin({ id, till }: Register, amount = '2.00') {
  return till.create(goods('sale', id, [[amount, '0.07']]))
}

test.each([
  ['KassenSichV', {}, '0.07', true, (bench: Bench) => bench.till()],
  ['RKSV', ONE_CARD, '0.10', true, (bench: Bench) => austrianTill(bench)],
  ['RT', ONE_PRINTER, '0.10', false, (bench: Bench) => italianTill(bench)],
] as const)('under %s a completed sale is on the display, whole, until the next one begins', heavy(), async (...of) => {
  const [_law, config, rate, hasCode, tillOf] = of
  await using bench = await Bench.open({ config: { ...config, ...DISPLAY } })
  const register = await tillOf(bench)
  const { id, till } = register
  const display = await CustomerDisplay.of(bench, id)
  expect(await display.now()).toEqual({ receipt: null, text: null, code: null, link: null, until: null })
  const open = await till.create(goods('sale', id, [['4.50', rate]]))
  expect(await display.operation()).toBe(null)
  const done = await till.complete(open, [pay('cash', '4.50')])
  await display.shows(done.id)
  const { receipt, text, code, link, until } = await display.now()
  // What the till gets itself.
  expect(receipt).toEqual(await till.get(`/v1/operations/${done.id}/receipt`))
  expect(text).toBe(
    (await till.call({ path: `/v1/operations/${done.id}/receipt`, headers: { Accept: 'text/plain' } })).text,
  )
  expect(Date.parse(until ?? '') - Date.parse(done.completed_at ?? '')).toBe(60_000)
  expect(link).toBe(null)
  expect(code !== null).toBe(hasCode)
  if (code !== null)
    expect(qrInPng(new Resvg(code, { fitTo: { mode: 'width', value: 900 } }).render().asPng())).toBe(receipt?.qr)
  const next = await till.create(goods('sale', id, [['2.00', rate]]))
  expect(await display.operation()).toBe(null)
  await till.void(next)
  expect(await display.operation()).toBe(null)
  await bench.until(async () => (await till.read(done.id)).issued_as === 'digital')
  const back = await till.create(event('void', id, { related_operation_id: done.id }))
  await display.shows(back.id)
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
  await bench.start()
})

test('a display adds digital once for each receipt that it has fetched, and a till has the last word', async () => {
  await using bench = await Bench.open({ config: DISPLAY })
  const register = await bench.till()
  const { id, till } = register
  const [one, other] = [await CustomerDisplay.of(bench, id), await CustomerDisplay.of(bench, id)]
  const issuedOf = async (operation: string) => (await till.read(operation)).issued_as ?? null

  const unseen = await sell(register, '1.00')
  const said = await till.complete(await begin(register), [pay('cash', '2.00')], { issued_as: 'digital' })
  await one.shows(said.id)
  expect(await one.call('/now', { method: 'HEAD' })).toMatchObject({ status: 200 })
  const paper = await till.complete(await begin(register), [pay('cash', '2.00')], { issued_as: 'paper' })
  await Promise.all([one, other].flatMap((display) => [display.shows(paper.id), display.shows(paper.id)]))
  await bench.until(async () => (await issuedOf(paper.id)) === 'paper_and_digital')
  await till.post(`/v1/operations/${paper.id}/issued`, { as: 'none' }, 200)
  for (const display of [one, other, one]) expect(await display.operation()).toBe(paper.id)
  // Not after a restart either.
  await bench.restart()
  expect(await one.operation()).toBe(paper.id)
  const plain = await sell(register, '3.00')
  expect(await one.call('/now', { method: 'HEAD' })).toMatchObject({ status: 200 })
  expect(await issuedOf(plain.id)).toBe(null)
  await one.shows(plain.id)
  await bench.until(async () => (await issuedOf(plain.id)) === 'digital')
  expect(await Promise.all([unseen.id, said.id, paper.id].map(issuedOf))).toEqual([null, 'digital', 'none'])
  expect(words(bench)).toEqual([
    { set: { issued_as: 'paper_and_digital' }, facts: { by: 'display' } },
    expect.objectContaining({ set: { issued_as: 'none' } }),
    { set: { issued_as: 'digital' }, facts: { by: 'display' } },
  ])
})

test('a receipt is shown for 60 s, whatever the clock does, and the rest of them after a restart', async () => {
  const clock = new LeapClock()
  await using bench = await Bench.open({ clock, config: DISPLAY })
  const register = await bench.till()
  const display = await CustomerDisplay.of(bench, register.id)
  const sale = await sell(register, '4.50')
  await display.shows(sale.id)
  clock.leap(40_000)
  expect(await display.operation()).toBe(sale.id)
  // Movements of the drawer are not for customers, and end nothing.
  await register.till.create(event('session_cash_adjustment', register.id, { cash_amount: '5.00' }))
  expect(await display.operation()).toBe(sale.id)
  await bench.restart()
  expect(await display.operation()).toBe(sale.id)
  clock.leap(21_000)
  expect(await display.operation()).toBe(null)
  await bench.restart()
  expect(await display.operation()).toBe(null)
})

test('a clock that is set back keeps no receipt longer', async () => {
  const clock = new TurnedClock()
  await using bench = await Bench.open({ clock, config: DISPLAY })
  const register = await bench.till()
  const display = await CustomerDisplay.of(bench, register.id)
  const sale = await sell(register, '4.50')
  await display.shows(sale.id)
  clock.backMs = 3_600_000
  clock.leap(59_000)
  expect(await display.operation()).toBe(sale.id)
  clock.leap(2_000)
  expect(await display.operation()).toBe(null)
})

class TurnedClock extends LeapClock {
  backMs = 0
  override now(): number {
    return super.now() - this.backMs
  }
}

test('a receipt that a display still has from before a stop is issued digital, after its minute too', async () => {
  const clock = new LeapClock()
  await using bench = await Bench.open({ clock, config: DISPLAY })
  const register = await bench.till()
  const display = await CustomerDisplay.of(bench, register.id)
  const sale = await sell(register, '4.50')
  // The answer whose record a power cut has lost.
  const tag: string = await bench.until(async () => {
    const { headers } = await display.call('/now', { method: 'HEAD' })
    return Number(headers.get('content-length')) > 100 && (headers.get('etag') ?? undefined)
  })
  await bench.restart(async () => clock.leap(61_000))
  expect((await register.till.read(sale.id)).issued_as ?? null).toBe(null)
  const stale = await display.call('/now', { headers: { 'If-None-Match': '"another"' } })
  expect([stale.status, await stale.json()]).toMatchObject([200, { receipt: null }])
  expect((await register.till.read(sale.id)).issued_as ?? null).toBe(null)
  expect((await display.call('/now', { headers: { 'If-None-Match': tag } })).status).toBe(200)
  await bench.until(async () => (await register.till.read(sale.id)).issued_as === 'digital')
})

test('while another program holds the journal a display shows what was answered last, then nothing', async () => {
  const clock = new LeapClock()
  await using bench = await Bench.open({ clock, config: DISPLAY })
  const register = await bench.till()
  const display = await CustomerDisplay.of(bench, register.id)
  const sale = await sell(register, '4.50')
  await bench.until(
    async () => Number((await display.call('/now', { method: 'HEAD' })).headers.get('content-length')) > 100,
  )
  const program = await writingProgram(bench.config.state)
  expect(await display.operation()).toBe(sale.id)
  const began = turnedMs()
  for (let asked = 0; asked < 20; asked++) await display.now()
  expect(turnedMs() - began).toBeLessThan(1_000)
  clock.leap(61_000)
  expect(await display.operation()).toBe(null)
  await program.kill()
  // The display asks again; what it had is recorded then.
  await bench.until(async () => (await register.till.read(sale.id)).issued_as === 'digital')
  expect(words(bench)).toHaveLength(1)
})

test('a sale that is open next to others is on the display when it is completed', async () => {
  await using bench = await Bench.open({ config: DISPLAY })
  const register = await bench.till()
  const display = await CustomerDisplay.of(bench, register.id)
  const [one, other] = [await begin(register), await begin(register)]
  await register.till.complete(one, [pay('cash', '2.00')])
  await display.shows(one.id)
  await register.till.complete(other, [pay('cash', '2.00')])
  await display.shows(other.id)
})

test('a display shows its own register alone, and an address that was renewed shows nothing', async () => {
  const lines: string[] = []
  const log = openLog('info', { write: (line) => lines.push(line) })
  await using bench = await Bench.open({ config: DISPLAY, log })
  const { locationId } = await bench.shop()
  const [own, foreign] = [await bench.register(locationId), await bench.register(locationId)]
  for (const { id, till } of [own, foreign])
    await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  const [display, beside] = [await CustomerDisplay.of(bench, own.id), await CustomerDisplay.of(bench, foreign.id)]
  expect(display.path).toMatch(/^\/display\/[\w-]{22}$/)
  expect(display.path).not.toBe(beside.path)
  const sale = await sell(own, '4.50')
  await display.shows(sale.id)
  expect(await beside.operation()).toBe(null)
  expect(await (await display.call('')).text()).toContain('Bäckerei Muster GmbH')

  const renewed = await CustomerDisplay.of(bench, own.id, true)
  expect(renewed.path).not.toBe(display.path)
  expect((await display.call()).status).toBe(404)
  expect(await (await display.call('')).text()).not.toContain('Muster')
  expect(await renewed.operation()).toBe(sale.id)
  await bench.restart()
  expect((await display.call()).status).toBe(404)
  expect(await renewed.operation()).toBe(sale.id)
  expect((await CustomerDisplay.of(bench, own.id)).path).toBe(renewed.path)

  await own.till.create(event('session_cash_count', own.id, { counted_closing_amount: '54.50' }))
  await own.till.create(
    event('session_close', own.id, {
      business_date: new Date().toISOString().slice(0, 10),
      closing_adjustment_amount: '0.00',
    }),
  )
  expect(await renewed.operation()).toBe(sale.id)
  await bench.office.post(`/v1/registers/${own.id}/decommission`, {}, 200)
  await bench.until(async () => (await renewed.call()).status === 404)
  await expect(CustomerDisplay.of(bench, own.id)).rejects.toMatchObject({ code: 'register_decommissioned' })
  await expect(CustomerDisplay.of(bench, 'reg_none')).rejects.toMatchObject({ code: 'not_found' })
  expect((await beside.call()).status).toBe(200)

  const metrics = await (await fetch(new URL('/metrics', bench.url))).text()
  expect(metrics).toContain('/display/{token}/now')
  const everything = [metrics, ...lines, JSON.stringify(bench.journal()), JSON.stringify(await bench.agent.diagnose())]
  for (const { path } of [display, renewed, beside])
    expect(everything.join('\n')).not.toContain(path.slice('/display/'.length))
})

test('without a display in the configuration each address is a wrong one, and the command is refused', async () => {
  await using bench = await Bench.open()
  const { id } = await bench.till()
  const off = await CustomerDisplay.of(bench, id).catch((error: unknown) => error)
  expect(off).toMatchObject({ code: 'unprocessable_entity' })
  const display = new CustomerDisplay(bench, 'http://x/display/AAAAAAAAAAAAAAAAAAAAAA')
  expect([(await display.call()).status, (await display.call('')).status]).toEqual([404, 200])
})

test('a shop starts without its seal.key if only the addresses of displays needed it, and they are other ones', async () => {
  await using bench = await Bench.open({ config: DISPLAY })
  const { id } = await bench.till()
  const display = await CustomerDisplay.of(bench, id, true)
  await bench.restart(async () => rmSync(join(bench.config.state, 'seal.key')))
  expect((await CustomerDisplay.of(bench, id)).path).not.toBe(display.path)
  expect((await display.call()).status).toBe(404)
  await bench.restart(async () => writeFileSync(join(bench.config.state, 'sealed', 'displays.sealed'), 'x'))
  expect((await CustomerDisplay.of(bench, id)).path).not.toBe(display.path)
})

test('a receipt whose signature is pending is shown with the words of the law, and the final one replaces it', async () => {
  const clock = new LeapClock()
  await using bench = await Bench.open({ clock, config: { ...DISPLAY, deadlineMs: 300 } })
  const register = await bench.till()
  const display = await CustomerDisplay.of(bench, register.id)
  const open = await begin(register)
  await bench.fault('slow=1500@finish')
  const early = await register.till.complete(open, [pay('cash', '2.00')])
  expect(early.fiscal.state).toBe('pending')
  await display.shows(open.id)
  const { receipt: before } = await display.now()
  expect(before?.notices).toContain('TSE ausgefallen')
  await bench.until(async () => (await register.till.read(open.id)).fiscal.state !== 'pending')
  const final = await register.till.get(`/v1/operations/${open.id}/receipt`)
  await bench.until(async () => isDeepStrictEqual((await display.now()).receipt, final))
  await bench.until(() => words(bench).length === 1)
})

test('nothing that a till may send changes the page: lines, marks of direction and long names', async () => {
  await using bench = await Bench.open({ config: DISPLAY })
  const register = await bench.till()
  const display = await CustomerDisplay.of(bench, register.id)
  const title = `<img src=x onerror=alert(1)>\u202egro.live\u202c "'&`
  const sale = await trade(register, 'sale', [['1.00', '0.07', { title }]], { external_id: '{{shop}}$&' })
  await display.shows(sale.id)
  expect((await display.now()).receipt?.lines[0]?.label).toBe(title)
  await bench.office.patch(`/v1/merchants/${sale.merchant_id}`, {
    legal_name: `</title><script>1</script>$& {{place}} \u202e`,
  })
  const page = await (await display.call('')).text()
  expect(page).not.toMatch(/<script>|\u202e/)
})
