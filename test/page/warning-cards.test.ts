// @module-tag heavy
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { goods, pay } from '../e2e/goods.ts'
import { freePort } from '../free-port.ts'
import { Browser } from './browser.ts'

const WIDTHS = [320, 360, 390, 600, 760, 959, 960, 1100, 1199, 1200, 1280]
const WORDS = {
  de: { cards: (n: number) => (n === 1 ? '1 Hinweis' : `${n} Hinweise`), follows: 'und 3 weitere folgen daraus' },
  it: { cards: (n: number) => (n === 1 ? '1 avviso' : `${n} avvisi`), follows: 'e altri 3 ne derivano' },
  en: { cards: (n: number) => (n === 1 ? '1 warning' : `${n} warnings`), follows: 'and 3 more follow from it' },
}

type Shown = { code: string; device?: string; because?: string; [member: string]: unknown }

let browser: Browser
beforeAll(async () => {
  browser = await Browser.open()
})
afterAll(() => browser[Symbol.asyncDispose]())

function warned(code: string, more: Partial<Shown> = {}, secondsAgo = 60): Shown {
  const since = new Date(Date.now() - secondsAgo * 1000).toISOString()
  const key = more.device === undefined ? `${code}:${String(more['about'] ?? '')}` : `${code}:${more.device}`
  return { code, severity: 'alarm', message: code, remedy: 'Check it.', key, since, ...more }
}

/** A page with the key of the shop, in which the warnings of each answer are those of `show`. */
async function opened(bench: Bench, options: Parameters<Browser['tab']>[0]) {
  const tab = await browser.tab(options)
  await tab.go(bench.url)
  await tab.until(`document.querySelector('#key-input') !== null`)
  await tab.value(`(() => {
    const { fetch } = window
    window.shown = []
    window.fetch = async (path, options) => {
      const answer = await fetch(path, options)
      if (path !== '/v1/overview' || !answer.ok) return answer
      return new Response(JSON.stringify({ ...(await answer.json()), warnings: window.shown, ...window.more }))
    }
    const input = document.querySelector('#key-input')
    input.value = ${JSON.stringify(bench.platformKey)}
    input.form.requestSubmit()
  })()`)
  await tab.until(`document.querySelector('.paper pre') !== null`)
  const show = async (warnings: readonly Shown[], cards: number) => {
    await tab.value(`window.shown = ${JSON.stringify(warnings)}`)
    await tab.value(`document.dispatchEvent(new Event('visibilitychange'))`)
    await tab.until(`document.querySelectorAll('.warning').length === ${cards}`)
  }
  return { tab, show }
}

async function openShop(): Promise<Bench> {
  const bench = await Bench.open({ config: { listen: { port: await freePort() } } })
  const { id, till } = await bench.till()
  await till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
  return bench
}

const PULLED = ['tse-1', 'tse-2', 'tse-3'].map((device, index) =>
  warned('device_unavailable', { device, detail: `port ${index + 1}` }, 60 - index * 8),
)
const FOLLOWING = PULLED.map(({ device = '', key }) =>
  warned('device_outcome_unresolved', { device, because: String(key) }, 10),
)

test('three devices on one cable are one card, and what follows from it is folded out by the keyboard', async () => {
  await using bench = await openShop()
  const { tab, show } = await opened(bench, { width: 1280, height: 900, languages: 'en' })
  await show([...PULLED, ...FOLLOWING], 1)
  const card = await tab.value<string>(`document.querySelector('.warning').innerText`)
  expect(card).toContain('tse-1, tse-2, tse-3: ')
  expect(card).toContain('tse-2: port 2')
  expect(card).toMatch(/Since \d\d:\d\d/)
  expect(card).toContain('and 3 more follow from it')
  expect(await tab.value(`document.querySelector('.followers').open`)).toBe(false)
  await tab.value(`document.querySelector('.followers summary').focus()`)
  await tab.enter()
  await tab.until(`document.querySelector('.followers').open`)
  expect(await tab.value(`document.querySelectorAll('.followers li').length`)).toBe(3)
  // It stays open, and keeps the focus, when the list is made again.
  await show([...PULLED, ...FOLLOWING, warned('disk_full', { severity: 'alarm' })], 2)
  expect(await tab.value(`document.querySelector('.followers').open`)).toBe(true)
  expect(await tab.value(`document.activeElement.tagName`)).toBe('SUMMARY')
  // One that went down a minute later has another cause.
  await show([...PULLED, warned('device_unavailable', { device: 'tse-4' }, 0)], 2)
  await show([warned('device_unavailable', { device: 'tse-1' }), warned('device_timeout', { device: 'tse-2' })], 2)
  expect(tab.complaints).toEqual([])
})

test('the command of a remedy has the device, target or task of its warning', async () => {
  await using bench = await openShop()
  const { tab, show } = await opened(bench, { width: 1280, height: 900, languages: 'en' })
  await show(
    [
      warned('device_unavailable', { device: 'tse-7', remedy: 'Run fiskal-edge device retire ID.' }),
      warned('sync_stalled', { target: 'office', remedy: 'Run fiskal-edge sync retry TARGET.' }),
      warned('duty_overdue', { about: 'notice-3', remedy: 'Run fiskal-edge duty confirm ID.' }),
    ],
    3,
  )
  const cards = await tab.value<string>(`document.querySelector('#warnings').innerText`)
  for (const command of ['device retire tse-7', 'sync retry office', 'duty confirm notice-3'])
    expect(cards).toContain(`fiskal-edge ${command}`)
  expect(tab.complaints).toEqual([])
})

test('times are those of the shop, with the date unless it is today', async () => {
  await using bench = await openShop()
  const { tab, show } = await opened(bench, { width: 1280, height: 900, languages: 'de' })
  await tab.send('Emulation.setTimezoneOverride', { timezoneId: 'America/New_York' })
  await show([warned('disk_full', { since: '2026-02-03T09:05:00.000Z' })], 1)
  expect(await tab.value<string>(`document.querySelector('.warning').innerText`)).toContain('Seit 03.02.2026, 10:05')
})

test('the headline of an outage has the number of unsigned receipts, and since when', async () => {
  await using bench = await openShop()
  const { tab, show } = await opened(bench, { width: 1280, height: 900, languages: 'en' })
  await tab.value(`window.more = { selling: 'outage', reason: 'device_down', registers: [1, 2].map((n) => ({
    id: 'reg_' + n, name: 'Till', location: 'Shop', merchant: 'M', regime: 'KassenSichV', fiscal_device: 'tse-1', selling: 'outage',
    reason: 'device_down', reconciling: 0, session: null, unsigned: { count: n, since: '2026-02-03T09:0' + n + ':00.000Z' } })) }`)
  await show(PULLED, 1)
  const more = `document.querySelector('.hero .more').innerText`
  await tab.until(`${more}.includes('3 receipts are unsigned, the first at ')`)
  expect(await tab.value<string>(more)).toMatch(/02\/03\/2026, 10:01 AM/)
})

for (const languages of ['de', 'it', 'en'] as const)
  test(`0, 1, 3 and 30 warnings fit a phone and a desk, light and dark: ${languages}`, async () => {
    await using bench = await openShop()
    const tasks = Array.from({ length: 27 }, (_, index) =>
      warned('duty_overdue', {
        about: `task-${index}`,
        severity: 'warning',
        due: '2026-10-01',
        detail: 'x'.repeat(90),
      }),
    )
    for (const [width, dark] of [
      [390, false],
      [1280, true],
    ] as const) {
      const { tab, show } = await opened(bench, { width, height: 900, languages, dark })
      const more = `document.querySelector('.hero .more').innerText`
      await show([], 0)
      expect(await tab.value(`document.querySelector('#warnings').hidden`)).toBe(true)
      await show(PULLED.slice(0, 1), 1)
      await tab.until(`${more} === ${JSON.stringify(WORDS[languages].cards(1))}`)
      await show([...PULLED, ...FOLLOWING], 1)
      await tab.until(`document.body.innerText.includes(${JSON.stringify(WORDS[languages].follows)})`)
      await show([...PULLED, ...tasks], 28)
      await tab.until(`${more} === ${JSON.stringify(WORDS[languages].cards(28))}`)
      await tab.value(`document.querySelector('.paper details').open = true`)
      for (const at of WIDTHS) {
        await tab.send('Emulation.setDeviceMetricsOverride', {
          width: at,
          height: 900,
          deviceScaleFactor: 1,
          mobile: false,
        })
        await tab.until(`innerWidth === ${at}`)
        expect([at, await tab.value('document.documentElement.scrollWidth')]).toEqual([at, at])
        const cutOff = `(() => { const pre = document.querySelector('.paper pre'); return pre.scrollWidth - pre.clientWidth })()`
        expect([at, await tab.value(cutOff)]).toEqual([at, 0])
      }
      expect(tab.complaints).toEqual([])
    }
  })

test('upkeep is one line until something in it needs a person', async () => {
  await using bench = await openShop()
  const { tab } = await opened(bench, { width: 1280, height: 900, languages: 'en' })
  const upkeep = { backup: null, duties: [], disk: { level: 'ok', free_bytes: 9e9 }, certificates: [] }
  const look = async (more: object, line: string) => {
    await tab.value(`window.more = { upkeep: ${JSON.stringify({ ...upkeep, ...more })} }`)
    await tab.value(`document.dispatchEvent(new Event('visibilitychange'))`)
    await tab.until(`document.querySelector('#upkeep summary')?.innerText === ${JSON.stringify(line)}`)
    return tab.value<boolean>(`document.querySelector('#upkeep details').open`)
  }
  expect(await look({}, 'Nothing to do')).toBe(false)
  expect(await look({ certificates: [{ name: 'server', days_left: 300 }] }, 'Nothing to do')).toBe(false)
  expect(await look({ certificates: [{ name: 'server', days_left: 6 }] }, 'Needs attention')).toBe(true)
  expect(await tab.value<string>(`document.querySelector('#upkeep').innerText`)).toContain('6 days')
  expect(await look({}, 'Nothing to do')).toBe(false)
  expect(await look({ disk: { level: 'low', free_bytes: 4e8 } }, 'Needs attention')).toBe(true)
  // Between two of the same words: what is on the page is never that of the look before.
  expect(await look({}, 'Nothing to do')).toBe(false)
  const duties = [{ title: 'Report the TSE.', due: '2026-01-31' }]
  expect(await look({ duties }, 'Needs attention')).toBe(true)
  expect(await look({}, 'Nothing to do')).toBe(false)
  const old = { backup: { created_at: '2026-01-31T02:00:00.000Z', file: '/backup/old' } }
  expect(await look(old, 'Needs attention')).toBe(true)
  expect(tab.complaints).toEqual([])
})

const CHANNEL = {
  ...{ id: 'mail', kind: 'mail', address: 'owner@shop.example', waiting: 0 },
  ...{ last_delivery: null, last_error: null },
}

test('upkeep shows the open alerts and the last delivery of each channel', async () => {
  await using bench = await openShop()
  for (const [languages, none] of [
    ['de', 'kein Kanal: niemand wird benachrichtigt'],
    ['it', 'nessun canale: nessuno viene avvisato'],
    ['en', 'no channel: no one is notified'],
  ] as const) {
    const { tab } = await opened(bench, { width: 390, height: 900, languages })
    const section = `document.querySelector('#upkeep')?.textContent ?? ''`
    const look = async (alerts: object, words: string) => {
      await tab.value(`window.more = { alerts: ${JSON.stringify(alerts)} }`)
      await tab.value(`document.dispatchEvent(new Event('visibilitychange'))`)
      await tab.until(`(${section}).includes(${JSON.stringify(words)})`)
      return tab.value<boolean>(`document.querySelector('#upkeep details').open`)
    }
    expect(await look({ open: [], channels: [] }, none)).toBe(false)
    const delivered = { ...CHANNEL, last_delivery: { at: '2026-02-03T09:05:00.000Z', type: 'alert.raised' } }
    expect(await look({ open: [], channels: [delivered] }, 'owner@shop.example')).toBe(false)
    expect(await tab.value<string>(section)).toMatch(/2026,? .*10:05/)
    const message = `tse-1: ${'x'.repeat(300)}`
    const open = [{ id: 'alr_1', rule: 'devices', severity: 'alarm', since: '2026-02-03T09:05:00.000Z', message }]
    expect(await look({ open, channels: [delivered] }, message)).toBe(true)
    const failing = {
      ...{ ...delivered, id: 'office', address: 'office.example', waiting: 3 },
      last_error: { at: '2026-02-03T10:00:00.000Z', code: 'http_500', message: 'The server answered 500.' },
    }
    expect(await look({ open: [], channels: [failing] }, 'The server answered 500.')).toBe(true)
    for (const width of [320, 390, 1280]) {
      await tab.send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false })
      await tab.until(`innerWidth === ${width}`)
      expect([width, await tab.value('document.documentElement.scrollWidth')]).toEqual([width, width])
    }
    expect(tab.complaints).toEqual([])
  }
})

test.each([
  ['de', 'Dort antwortet kein Programm (ECONNREFUSED)', 'DEP auf ein externes Medium kopieren: K1'],
  ['en', 'connect ECONNREFUSED 192.0.2.1:443', 'Copy the DEP of K1, 2026-Q3'],
])('the cause of a target and the name of a task are in the language of the page: %s', async (...of) => {
  const [languages, cause, task] = of
  await using bench = await openShop()
  const { tab, show } = await opened(bench, { width: 1280, height: 900, languages })
  const last_error = { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 192.0.2.1:443' }
  const copy = {
    id: 'dep-1',
    kind: 'at.data_copy',
    title: 'Copy the DEP of K1, 2026-Q3',
    about: 'K1',
    due: '2026-09-30',
  }
  const upkeep = { backup: null, duties: [copy], disk: { level: 'ok', free_bytes: 9e9 }, certificates: [] }
  const sync = [{ target: 'cloud', state: 'offline', unacked: 3, oldest_unacked_seconds: 90_000, last_error }]
  await tab.value(`window.more = ${JSON.stringify({ sync, upkeep })}`)
  await show(
    [
      warned('sync_delayed_long', { target: 'cloud', detail: last_error.message }),
      warned('duty_overdue', { about: copy.id, detail: copy.title }),
      warned('device_unavailable', { device: 'tse-1', detail: 'port 1 is closed' }),
    ],
    3,
  )
  const shown = await tab.value<[string, string][]>(
    `[...document.querySelectorAll('.warning .soft.small, .target .soft')].map((node) => [node.innerText, node.lang])`,
  )
  expect(shown).toEqual([
    [cause, languages],
    [task, languages],
    ['port 1 is closed', 'en'],
    [cause, languages === 'en' ? 'en' : ''],
  ])
  expect(await tab.value(`document.querySelector('#upkeep').textContent`)).toContain(task)
})
