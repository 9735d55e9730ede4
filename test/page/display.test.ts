// @module-tag heavy
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judgeCodes } from '../../agent/cli/verify/codes.ts'
import { austrianTill, ONE_CARD } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { DISPLAY } from '../e2e/customer-display.ts'
import { goods, pay, sell } from '../e2e/goods.ts'
import { freePort } from '../free-port.ts'
import { qrInPng } from '../receipts/decode.ts'
import type { Tab } from './browser.ts'
import { Browser } from './browser.ts'
import { WITHOUT_NEWER } from './old-browser.ts'

const SMALL = { width: 800, height: 480 }
const TITLES = ['Melange', 'Semmeln, 4 Stück', 'Blumenstrauß mit Rosen', 'Sachertorte'] as const

let browser: Browser
beforeAll(async () => {
  browser = await Browser.open()
})
afterAll(() => browser[Symbol.asyncDispose]())

async function openBench(config: object = {}): Promise<Bench> {
  return Bench.open({ config: { listen: { port: await freePort() }, ...DISPLAY, ...config } })
}

async function open(
  bench: Bench,
  register: string,
  { first = '', ...options }: Parameters<Browser['tab']>[0] & { first?: string },
): Promise<Tab> {
  const { url } = await bench.agent.administration.display(register, false)
  const tab = await browser.tab(options)
  await tab.send('Page.addScriptToEvaluateOnNewDocument', { source: first })
  // Both clocks of the page can be moved.
  await tab.send('Page.addScriptToEvaluateOnNewDocument', {
    source: `window.leap = 0
      for (const clock of [performance, Date]) { const now = clock.now.bind(clock); clock.now = () => now() + window.leap }`,
  })
  await tab.go(url)
  await tab.until(`${text('#shop')} !== ''`)
  return tab
}

function text(selector: string): string {
  return `(document.querySelector(${JSON.stringify(selector)})?.innerText ?? '')`
}

const HAS_RECEIPT = `document.querySelector('.code')?.complete && !document.querySelector('#receipt').hidden`
const HAS_NONE = `document.querySelector('#receipt').hidden && document.querySelectorAll('#receipt *').length === 0`

/** A sale of so many lines at two rates. */
async function sellLines({ id, till }: Register, count: number, rates: readonly [string, string]) {
  const lines = Array.from({ length: count }, (_, at) => {
    const more = { title: TITLES[at % TITLES.length], quantity: 2, unit_price: '2.40' }
    return ['4.80', at % 2 === 0 ? rates[0] : rates[1], more] as const
  })
  const body = goods('sale', id, lines)
  return till.complete(await till.create(body), [pay('cash', String(body['total_amount']))])
}

/** An Austrian code names its certificate and does not hold it. */
async function materialOf({ agent, config }: Bench, { id: registerId }: Register): Promise<{ material?: string }> {
  if (!config.devices.some(({ driver }) => driver === 'card-simulator')) return {}
  const file = join(config.state, 'material.json')
  const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z', registerId }
  await agent.administration.exportTo('rksv_crypto', range, file)
  return { material: file }
}

/** The screen as it is, at half the size. */
async function halfPicture(tab: Tab): Promise<Buffer> {
  const [width, height] = await tab.value<[number, number]>('[innerWidth, innerHeight]')
  const clip = { x: 0, y: 0, width, height, scale: 0.5 / (await tab.value<number>('devicePixelRatio')) }
  const { data } = await tab.send('Page.captureScreenshot', { format: 'png', clip })
  return Buffer.from(String(data), 'base64')
}

/** What reaches beyond the screen or its part of it, as text. */
function hiddenTexts(tab: Tab): Promise<string[]> {
  return tab.value(`[...document.querySelectorAll('.sale p, .sale h1, .sale tr, .proof p, .proof img')]
    .filter((part) => {
      const box = part.getBoundingClientRect(), column = part.closest('.sale, .proof').getBoundingClientRect()
      return box.bottom > Math.min(innerHeight, column.bottom) + 0.5 || box.right > Math.min(innerWidth, column.right) + 0.5
    })
    .map((part) => part.textContent)`)
}

test('a receipt is on the display after each sale, over a stop of the agent, and gone with the next sale', async () => {
  await using bench = await openBench()
  const register = await bench.till()
  const { till } = register
  const tab = await open(bench, register.id, { ...SMALL, languages: 'de' })
  expect(await tab.text()).toBe('Bäckerei Muster GmbH\n\nFiliale Mitte')
  const first = await sell(register, '4.50')
  await tab.until(`${HAS_RECEIPT} && ${text('.proof')}.includes('${first.id}')`)
  const next = await till.create(goods('sale', register.id, [['3.00', '0.07']]))
  await tab.until(HAS_NONE)
  await till.complete(next, [pay('cash', '3.00')])
  await tab.until(`${HAS_RECEIPT} && ${text('.proof')}.includes('${next.id}')`)
  await bench.stop()
  await tab.until(`${text('#gone')} === 'Keine Verbindung'`)
  expect(await tab.value(text('.proof'))).toContain(next.id)
  await bench.start()
  await tab.until(`document.querySelector('#gone').hidden`)
  expect(await tab.value(text('.proof'))).toContain(next.id)

  await bench.stop()
  await tab.until(`!document.querySelector('#gone').hidden`)
  await tab.value('void (window.leap = 61_000)')
  await tab.until(HAS_NONE)
  expect(await tab.value(text('#shop'))).toBe('Bäckerei Muster GmbH')
  await bench.start()
  // Its minute is that of the agent: it comes back, and goes when the agent says so.
  await tab.until(`${HAS_RECEIPT} && ${text('.proof')}.includes('${next.id}')`)

  await bench.agent.administration.display(register.id, true)
  await tab.until(`${HAS_NONE} && document.body.innerText.trim() === '' && document.title === ''`)
  const wrong = await browser.tab({ ...SMALL, languages: 'de' })
  await wrong.go(await tab.value('location.href'))
  await wrong.until(`${text('#shop')} === ''`)
  // The address is a right one again: the renewal is lost with its file.
  await bench.stop()
  rmSync(join(bench.config.state, 'sealed', 'displays.sealed'))
  await bench.start()
  for (const each of [tab, wrong]) await each.until(`${text('#shop')} === 'Bäckerei Muster GmbH'`)

  const foreign = tab.requests.filter((url) => !url.startsWith(bench.url) && !url.startsWith(`blob:${bench.url}`))
  expect(foreign).toEqual([])
  const complaints = tab.complaints.filter((complaint) => !/ERR_CONNECTION_REFUSED|status of 404/.test(complaint))
  expect(complaints).toEqual([])
})

test('twelve lines are whole at 800 × 480 with a code that half the size keeps readable; sixty move twice', async () => {
  for (const [config, rates, tillOf] of [
    [{}, ['0.19', '0.07'], (bench: Bench) => bench.till()],
    [ONE_CARD, ['0.20', '0.10'], (bench: Bench) => austrianTill(bench)],
  ] as const) {
    await using bench = await openBench(config)
    const register = await tillOf(bench)
    const tab = await open(bench, register.id, { ...SMALL, languages: 'de' })
    for (const count of [1, 12]) {
      const { id } = await sellLines(register, count, rates)
      await tab.until(`${HAS_RECEIPT} && ${text('.proof')}.includes('${id}')`)
      expect(await hiddenTexts(tab)).toEqual([])
      const picture = await halfPicture(tab)
      expect(PNG.sync.read(picture).width).toBe(400)
      const scanned = qrInPng(picture) ?? ''
      expect(await judgeCodes(scanned, await materialOf(bench, register))).toMatchObject([{ valid: true }])
      expect(await register.till.get(`/v1/operations/${id}/receipt`)).toMatchObject({ qr: scanned })
      expect(await tab.value(`parseFloat(getComputedStyle(document.querySelector('.sale')).fontSize)`)).toBeGreaterThan(
        16,
      )
    }
    const { id } = await sellLines(register, 60, rates)
    await tab.until(`${HAS_RECEIPT} && ${text('.proof')}.includes('${id}')`)
    const rolls = await tab.value(`document.getAnimations().map((each) => each.effect.getTiming().iterations)`)
    expect(rolls).toEqual([2])
    expect(
      await tab.value(`(() => {
      const box = document.querySelector('.sum').getBoundingClientRect()
      return box.bottom < innerHeight
    })()`),
    ).toBe(true)
    expect(tab.complaints).toEqual([])
  }
})

test.each([
  ['en', { width: 1280, height: 800, dark: true }, 'No connection', 'rgb(14, 18, 20)'],
  ['it', { width: 390, height: 844, dark: false }, 'Nessun collegamento', 'rgb(255, 255, 255)'],
  ['de', { width: 1280, height: 800, dark: false }, 'Keine Verbindung', 'rgb(255, 255, 255)'],
] as const)('the display speaks %s, at each size, in light and dark', async (...of) => {
  const [language, options, gone, ground] = of
  await using bench = await openBench(ONE_CARD)
  const register = await austrianTill(bench)
  const tab = await open(bench, register.id, { ...options, languages: language })
  expect(await tab.value('document.documentElement.lang')).toBe(language)
  expect(await tab.value('getComputedStyle(document.body).backgroundColor')).toBe(ground)
  const { id } = await sellLines(register, 12, ['0.20', '0.10'])
  await tab.until(`${HAS_RECEIPT} && ${text('.proof')}.includes('${id}')`)
  expect(await hiddenTexts(tab)).toEqual([])
  // The receipt is in the language of its law.
  expect(await tab.value(text('.title'))).toBe('Kassenbeleg')
  const { qr } = (await register.till.get(`/v1/operations/${id}/receipt`)) as { qr: string }
  expect(qrInPng(await halfPicture(tab))).toBe(qr)
  await bench.stop()
  await tab.until(`${text('#gone')} === ${JSON.stringify(gone)}`)
  await bench.start()
})

test('a browser without what Chrome 90 and Safari 14 lack shows receipts, outages and the shop', async () => {
  await using bench = await openBench()
  const register = await bench.till()
  for (const size of [SMALL, { width: 390, height: 844 }]) {
    const tab = await open(bench, register.id, { ...size, languages: 'de', first: WITHOUT_NEWER })
    expect(await tab.value(`'timeout' in AbortSignal || 'at' in [] || 'hasOwn' in Object`)).toBe(false)
    for (const lines of [3, 60]) {
      const { id } = await sellLines(register, lines, ['0.19', '0.07'])
      await tab.until(`${HAS_RECEIPT} && ${text('.proof')}.includes('${id}')`)
    }
    expect(await tab.value(`document.querySelector('#gone').hidden`)).toBe(true)
    await register.till.create(goods('sale', register.id, [['3.00', '0.07']]))
    await tab.until(HAS_NONE)
    await bench.stop()
    await tab.until(`${text('#gone')} === 'Keine Verbindung'`)
    await bench.start()
    await tab.until(`document.querySelector('#gone').hidden`)
    expect(tab.complaints.filter((complaint) => !complaint.includes('ERR_CONNECTION_REFUSED'))).toEqual([])
  }
})

test('texts of a till stay text, and neither long ones nor a thousand lines break the page', async () => {
  await using bench = await openBench()
  const register = await bench.till()
  const evil = `<img src=x onerror="document.title='broken'">\u202egro.live\u202c`
  const tab = await open(bench, register.id, { ...SMALL, languages: 'de' })
  const body = goods('sale', register.id, [
    ['1.00', '0.07', { title: evil }],
    ['1.00', '0.07', { title: 'W'.repeat(1000) }],
  ])
  const wide = await register.till.complete(await register.till.create(body), [pay('cash', '2.00')])
  await tab.until(`${HAS_RECEIPT} && ${text('.proof')}.includes('${wide.id}')`)
  expect(await tab.value(`document.querySelectorAll('#receipt img:not(.code)').length`)).toBe(0)
  expect(await tab.value(text('.roll .label'))).toBe('<img src=x onerror="document.title=\'broken\'">gro.live')
  expect(await tab.value('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  expect(await tab.value('document.title')).toBe('Bäckerei Muster GmbH')

  const many = await sellLines(register, 1_000, ['0.19', '0.07'])
  await tab.until(`${HAS_RECEIPT} && ${text('.proof')}.includes('${many.id}')`)
  expect(await tab.value(`document.querySelectorAll('.roll .row').length`)).toBe(1_000)
  expect(await tab.value(text('.sum'))).toContain('4800,00')
  expect(tab.complaints).toEqual([])
})
