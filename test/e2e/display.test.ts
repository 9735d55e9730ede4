// @module-tag heavy
import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Resvg } from '@resvg/resvg-js'
import { expect, test } from 'vitest'
import { openLog } from '../../base/log.ts'
import { freePort } from '../free-port.ts'
import { writingProgram } from '../journal/other-program.ts'
import { qrInPng } from '../receipts/decode.ts'
import { turnedMs } from '../turning-clock.ts'
import { verifyJournal } from '../verified-journal.ts'
import { once } from '../waits.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import { CustomerDisplay, DISPLAY } from './customer-display.ts'
import { event, goods, pay, sell, trade } from './goods.ts'
import { italianTill, ONE_PRINTER } from './italy/shop.ts'
import { LeapClock } from './leap-clock.ts'

function words(bench: Bench): unknown[] {
  return bench.journal().flatMap(({ kind, body }) => (kind === 'receipt.issued' ? [JSON.parse(body)] : []))
}

const CASH = [pay('cash', '2.00')]

function begin({ id, till }: Register, amount = '2.00', rate = '0.07') {
  return till.create(goods('sale', id, [[amount, rate]]))
}

test.each([
  ['KassenSichV', {}, '0.07', true, (bench: Bench) => bench.till()],
  ['RKSV', ONE_CARD, '0.10', true, (bench: Bench) => austrianTill(bench)],
  ['RT', ONE_PRINTER, '0.10', false, (bench: Bench) => italianTill(bench)],
] as const)('under %s a completed sale is on the display, whole, until the next one begins', async (...of) => {
  const [law, config, rate, hasCode, tillOf] = of
  const clock = new LeapClock()
  await using bench = await Bench.open({ clock, config: { ...config, ...DISPLAY } })
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
  await display.ask()
  const next = await till.create(goods('sale', id, [['2.00', rate]]))
  // In Austria its customer has ten seconds to take it.
  const isHeld = law === 'RKSV'
  expect(await display.operation()).toBe(isHeld ? done.id : null)
  clock.leap(10_000)
  expect((await display.ask())?.receipt).toBe(null)
  await till.void(next)
  expect(await display.operation()).toBe(null)
  if (isHeld) await bench.until(async () => (await till.read(done.id)).issued_as === 'digital')
  else expect(words(bench)).toEqual([])
  const back = await till.create(event('void', id, { related_operation_id: done.id }))
  await display.shows(back.id)
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
  await bench.start()
})

test('in Austria a display adds digital to a receipt after ten seconds, unless the till has said how it was issued', async () => {
  const clock = new LeapClock()
  await using bench = await Bench.open({ clock, config: { ...ONE_CARD, ...DISPLAY } })
  const register = await austrianTill(bench)
  const { id, till } = register
  const [one, other] = [await CustomerDisplay.of(bench, id), await CustomerDisplay.of(bench, id)]
  const sold = (more: Members = {}) => begin(register, '2.00', '0.10').then((open) => till.complete(open, CASH, more))
  const issuedOf = async (operation: string) => (await till.read(operation)).issued_as ?? null
  const look = async (operation: string) => {
    await Promise.all([one, other].map((display) => display.shows(operation)))
    for (const display of [one, other]) await display.ask()
  }

  const unseen = await sold()
  expect(await one.call('/now', { method: 'HEAD' })).toMatchObject({ status: 200 })
  clock.leap(11_000)
  for (const issued_as of ['paper', 'none', 'paper_and_digital']) {
    const said = await sold({ issued_as })
    await look(said.id)
    clock.leap(11_000)
    for (const display of [one, other]) await display.ask()
    expect(await issuedOf(said.id)).toBe(issued_as)
  }
  const plain = await sold()
  await look(plain.id)
  clock.leap(9_000)
  await one.ask()
  // The next customer waits until this one had the time.
  const next = await sold()
  expect(await one.operation()).toBe(plain.id)
  expect(await issuedOf(plain.id)).toBe(null)
  clock.leap(1_500)
  expect((await one.ask())?.receipt?.operation_id).toBe(next.id)
  await bench.until(async () => (await issuedOf(plain.id)) === 'digital')
  await till.post(`/v1/operations/${plain.id}/issued`, { issued_as: 'none' }, 200)
  // The time on a page begins anew with a start of the agent.
  clock.leap(6_000)
  await bench.restart()
  expect(await one.operation()).toBe(next.id)
  clock.leap(6_000)
  await one.ask()
  expect(await issuedOf(next.id)).toBe(null)
  clock.leap(5_000)
  await one.ask()
  await bench.until(async () => (await issuedOf(next.id)) === 'digital')
  expect(await Promise.all([unseen.id, plain.id].map(issuedOf))).toEqual([null, 'none'])
  expect(words(bench)).toEqual([
    { set: { issued_as: 'digital' }, facts: { by: 'display' } },
    expect.objectContaining({ set: { issued_as: 'none' } }),
    { set: { issued_as: 'digital' }, facts: { by: 'display' } },
  ])
})

test('holdSeconds of agent.json gives the customers of a shop longer', async () => {
  const clock = new LeapClock()
  const config = { ...ONE_CARD, digitalReceipt: { show: ['display'], holdSeconds: 30 } }
  await using bench = await Bench.open({ clock, config })
  const register = await austrianTill(bench)
  const display = await CustomerDisplay.of(bench, register.id)
  const sale = await register.till.complete(await begin(register, '2.00', '0.10'), CASH)
  await display.shows(sale.id)
  await display.ask()
  await begin(register, '2.00', '0.10')
  clock.leap(29_000)
  expect(await display.ask()).toBe(undefined)
  expect((await register.till.read(sale.id)).issued_as ?? null).toBe(null)
  clock.leap(1_500)
  expect((await display.ask())?.receipt).toBe(null)
  await bench.until(async () => (await register.till.read(sale.id)).issued_as === 'digital')
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

test('while another program holds the journal a display shows what was answered last, and records it later', async () => {
  const clock = new LeapClock()
  await using bench = await Bench.open({ clock, config: { ...ONE_CARD, ...DISPLAY } })
  const register = await austrianTill(bench)
  const display = await CustomerDisplay.of(bench, register.id)
  const sale = await register.till.complete(await begin(register, '2.00', '0.10'), CASH)
  await bench.until(
    async () => Number((await display.call('/now', { method: 'HEAD' })).headers.get('content-length')) > 100,
  )
  const program = await writingProgram(bench.config.state)
  expect((await display.ask())?.receipt?.operation_id).toBe(sale.id)
  const began = turnedMs()
  for (let asked = 0; asked < 20; asked++) await display.now()
  expect(turnedMs() - began).toBeLessThan(1_000)
  clock.leap(11_000)
  expect(await display.ask()).toBe(undefined)
  await program.kill()
  await bench.until(async () => {
    await display.ask()
    return (await register.till.read(sale.id)).issued_as === 'digital'
  })
  expect(words(bench)).toHaveLength(1)
  clock.leap(61_000)
  expect(await display.operation()).toBe(null)
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

test('the documented command of a kiosk waits for the agent, and opens the address then', async () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'display.md'), 'utf8')
  const port = await freePort()
  const command = /^until curl .*$/m.exec(page)?.[0].replace('localhost:7070', `localhost:${port}`) ?? 'exit 9'
  const shell = spawn('sh', ['-c', command.replace('exec chromium', 'exec echo')])
  let opened = ''
  shell.stdout.on('data', (text) => (opened += String(text)))
  const ended = once(shell, 'exit')
  expect(opened).toBe('')
  await using bench = await Bench.open({ config: { listen: { port }, ...DISPLAY } })
  await ended
  expect([opened, shell.exitCode, bench.url]).toEqual(['--kiosk ADDRESS\n', 0, expect.stringContaining(`:${port}`)])
})
