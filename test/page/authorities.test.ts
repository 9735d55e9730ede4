// @module-tag heavy
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finanzonline, progress, registeredWithAnotherKey } from '../e2e/austria/finanzonline.ts'
import { austrianTill, ONE_CARD } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { freePort } from '../free-port.ts'
import type { Tab } from './browser.ts'
import { Browser } from './browser.ts'

const PHONE = { width: 390, height: 844 }
const WIDTHS = [320, 390, 600, 760, 959, 960, 1200, 1280]
const STATES = ['due', 'queued', 'sent', 'confirmed', 'refused', 'unclear']
const WAITS = ['duty', 'person', 'credentials', 'merchant', 'certified_unit', 'date']

let browser: Browser
beforeAll(async () => {
  browser = await Browser.open()
})
afterAll(() => browser[Symbol.asyncDispose]())

function textOf(selector: string): string {
  return `(document.querySelector(${JSON.stringify(selector)})?.innerText ?? '')`
}

/** The page with the key of the shop; with `given` instead of the duties of its answers. */
async function opened(bench: Bench, options: Parameters<Browser['tab']>[0], given?: object): Promise<Tab> {
  const tab = await browser.tab(options)
  await tab.go(bench.url)
  await tab.until(`document.querySelector('#key-input') !== null`)
  await tab.value(`(() => {
    const { fetch } = window
    const given = ${JSON.stringify(given ?? null)}
    if (given !== null) window.fetch = async (path, options) => {
      const answer = await fetch(path, options)
      if (path !== '/v1/overview' || !answer.ok) return answer
      return new Response(JSON.stringify({ ...(await answer.json()), authorities: given }))
    }
  })()`)
  return tab
}

async function giveKey(tab: Tab, bench: Bench): Promise<void> {
  await tab.value(`(() => {
    const input = document.querySelector('#key-input')
    input.value = ${JSON.stringify(bench.platformKey)}
    input.form.requestSubmit()
  })()`)
}

test('a refused duty shows its answer and its command, and the trial is a band with and without a key', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { listen: { port: await freePort() }, ...ONE_CARD } })
  const { id } = await austrianTill(bench)
  await registeredWithAnotherKey(bench, service)
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'refused')
  const tab = await opened(bench, { ...PHONE, languages: 'de', dark: true })
  await tab.until(`${textOf('#trial')}.startsWith('TESTBETRIEB')`)
  await giveKey(tab, bench)
  const check = `.duty[data-state=refused]`
  await tab.until(`${textOf(check)}.includes('abgelehnt')`)
  const card = await tab.value<string>(textOf(check))
  expect(card).toContain(`fiskal-edge duty send startbeleg-check-${id}`)
  // After a failed check the office is asked for the state of the register: that is the last answer.
  expect(card).toMatch(/Letzte Antwort \([\d:]+\): rc 0 · REGISTRIERT/)
  expect(await tab.value(textOf('.duty[data-state=confirmed]'))).toContain('bestätigt (Probe)')
  expect(await tab.value(textOf('#trial'))).toContain('keine Pflicht ist erfüllt')
  const first = `document.querySelector('.duty').dataset.state`
  expect(await tab.value(first)).toBe('refused')
  service.simulator.inject('silence=60000@*#*')
  await bench.agent.administration.sendDuty(`startbeleg-check-${id}`)
  await tab.until(`document.querySelector('${check}') === null`)
  expect(await tab.value('document.documentElement.scrollWidth')).toBe(PHONE.width)
  expect(tab.complaints).toEqual([])
})

test('without an authority in the configuration each duty is for a person, and the band says nothing of one', async () => {
  await using bench = await Bench.open({ config: { listen: { port: await freePort() }, ...ONE_CARD } })
  await austrianTill(bench)
  const tab = await opened(bench, { width: 1280, height: 900, languages: 'it' })
  await giveKey(tab, bench)
  await tab.until(`document.querySelectorAll('.duty').length > 2`)
  const badges = `[...new Set([...document.querySelectorAll('.duty .badge')].map((node) => node.innerText))].join()`
  expect(await tab.value(badges)).toBe('a mano')
  const names = await tab.value<string[]>(
    `[...document.querySelectorAll('.duty .title span:first-child')].map((node) => node.innerText)`,
  )
  expect(names).toContain('Registrare il dispositivo di firma: card-1')
  expect(names.filter((name) => !/^(Registrare|Controllare|Comunicare|Emettere) .*: \S/.test(name))).toEqual([])
  expect(await tab.value(textOf('.duty code'))).toMatch(/^fiskal-edge duty show \S+$/)
  // The card is not certified.
  expect(await tab.value(textOf('#trial'))).toMatch(
    /^MODALITÀ DI PROVA\s+Il dispositivo fiscale non è certificato: solo per prove e formazione\.$/,
  )
  expect(tab.complaints).toEqual([])
})

test("a register's key shows no duties", async () => {
  await using bench = await Bench.open({ config: { listen: { port: await freePort() }, ...ONE_CARD } })
  const { key } = await austrianTill(bench)
  const tab = await opened(bench, { width: 1280, height: 900, languages: 'en' })
  await tab.value(`(() => {
    const input = document.querySelector('#key-input')
    input.value = ${JSON.stringify(key)}
    input.form.requestSubmit()
  })()`)
  await tab.until(`document.querySelector('.register') !== null`)
  expect(await tab.value(`document.querySelector('#authorities').hidden`)).toBe(true)
})

test.each(['de', 'it', 'en'] as const)(
  'every state and reason to wait has words, and fits each width: %s',
  async (languages) => {
    const common = { title: 'Register the till KASSA-1 in FinanzOnline', due: '2026-12-02', authority: 'FinanzOnline' }
    const answer = { at: '2026-11-25T09:00:07Z', rc: ['B7'], message: 'x'.repeat(90), status: 'IN_BETRIEB', lost: null }
    const ofState = STATES.map((state) => ({ ...common, id: `state-${state}`, state, is_automatic: true, answer }))
    const ofWait = WAITS.map((waits) => ({ ...ofState[0], id: `waits-${'1234567890'.repeat(4)}`, waits_for: waits }))
    const duties = [...ofState.map((duty) => ({ ...duty, waits_for: null })), ...ofWait]
    const given = { duties, more: 1200, done: 3 }
    await using bench = await Bench.open({ config: { listen: { port: await freePort() } } })
    await bench.till()
    for (const dark of [false, true]) {
      const tab = await opened(bench, { ...PHONE, languages, dark }, given)
      await giveKey(tab, bench)
      await tab.until(`document.querySelectorAll('.duty').length === ${duties.length}`)
      const words = await tab.value<string[]>(
        `[...document.querySelectorAll('.duty .badge')].map((node) => node.innerText)`,
      )
      expect(words.filter((word) => [...STATES, ...WAITS].includes(word))).toEqual(
        languages === 'en' ? ['refused', 'unclear'] : [],
      )
      const reasons = `[...document.querySelectorAll('.duty')].slice(${STATES.length}).map((node) => node.innerText)`
      const said = await tab.value<string[]>(reasons)
      expect(new Set(said).size).toBe(WAITS.length)
      for (const width of WIDTHS) {
        await tab.send('Emulation.setDeviceMetricsOverride', {
          width,
          height: 900,
          deviceScaleFactor: 1,
          mobile: false,
        })
        await tab.until(`innerWidth === ${width}`)
        expect([width, await tab.value('document.documentElement.scrollWidth')]).toEqual([width, width])
      }
      expect(tab.complaints).toEqual([])
    }
  },
)
