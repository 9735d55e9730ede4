// @module-tag heavy
import { globSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WARNING_TEXTS } from '../../agent/texts/warnings.ts'
import { austrianTill, ONE_CARD } from '../e2e/austria/shop.ts'
import type { BenchOptions, Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { signed } from '../e2e/client.ts'
import { frankSale } from '../e2e/germany/foreign-cash.ts'
import { goods, pay } from '../e2e/goods.ts'
import { open as openEmergency } from '../e2e/italy/emergency-shop.ts'
import { italianTill, ONE_PRINTER } from '../e2e/italy/shop.ts'
import { freePort } from '../free-port.ts'
import { qrInPng } from '../receipts/decode.ts'
import { smoke } from '../tags.ts'
import type { Tab } from './browser.ts'
import { Browser } from './browser.ts'
import { WITHOUT_NEWER } from './old-browser.ts'

const PHONE = { width: 390, height: 844 }
const DESK = { width: 1280, height: 900 }

let browser: Browser
beforeAll(async () => {
  browser = await Browser.open()
})
afterAll(() => browser[Symbol.asyncDispose]())

/** Its port stays the same over a restart, as in a shop. */
async function openBench(config: BenchOptions['config'] = {}): Promise<Bench> {
  return Bench.open({ config: { listen: { port: await freePort() }, ...config } })
}

async function sell({ id, till }: Register, amount: string) {
  return till.complete(await till.create(goods('sale', id, [[amount, '0.07']])), [pay('cash', amount)])
}

function text(selector: string): string {
  return `(document.querySelector(${JSON.stringify(selector)})?.innerText ?? '')`
}

function headline(words: string): string {
  return `${text('.headline')} === ${JSON.stringify(words)}`
}

async function open(bench: Bench, options: Parameters<Browser['tab']>[0]): Promise<Tab> {
  const tab = await browser.tab(options)
  await tab.go(bench.url)
  await tab.until(`${text('#key')} !== ''`)
  return tab
}

/** As a person does it: into the field, and Enter. */
async function typeKey(tab: Tab, key: string): Promise<void> {
  await tab.value(`document.querySelector('#key-input').focus()`)
  await tab.send('Input.insertText', { text: key })
  await tab.enter()
}

test('a person with a key sees the shop, and new sales appear automatically', smoke(), async () => {
  await using bench = await openBench()
  const register = await bench.till()
  const tab = await open(bench, { ...PHONE, languages: 'de' })
  await tab.until(headline('Das Kassensystem läuft'))
  await typeKey(tab, bench.mistypedKey)
  await tab.until(`${text('#key-note')}.startsWith('Dieser Schlüssel gilt nicht')`)
  await tab.value(`document.querySelector('#key-input').value = ''`)
  await typeKey(tab, bench.platformKey)
  await tab.until(headline('Die Kasse darf verkaufen'))
  await tab.until(`${text('.register .figure')} === '50,00\u00a0€'`)

  const done = await sell(register, '4.50')
  await tab.until(`${text('.register .figure')} === '54,50\u00a0€'`)
  await tab.until(`document.querySelector('.paper img')?.complete && ${text('.rows')}.includes('4,50')`)
  expect(await tab.text()).toContain('signiert')
  // A phone held over the screen reads the signed text.
  expect(qrInPng(await tab.picture())).toBe(signed(done).verification.qr_data)
  await frankSale(register)
  await tab.until(`${text('.register .figure + .figure')} === '20,00\u00a0CHF'`)

  expect(tab.requests.join('\n')).not.toContain(bench.platformKey.slice(-20))
  const foreign = tab.requests.filter((url) => !url.startsWith(bench.url) && !url.startsWith(`blob:${bench.url}`))
  expect(foreign).toEqual([])
  // The one complaint is the answer to the wrong key.
  expect(tab.complaints.filter((complaint) => !complaint.includes('401'))).toEqual([])
})

test('a receipt of an Austrian outage is unsigned on the page, and one that a unit signed is signed', async () => {
  await using bench = await openBench(ONE_CARD)
  const { id, till } = await austrianTill(bench)
  const sellAt = async (amount: string) =>
    till.complete(await till.create(goods('sale', id, [[amount, '0.10']])), [pay('cash', amount)])
  await sellAt('4.50')
  await bench.faultAt('card-1', 'unplugged@*')
  await sellAt('3.50')
  const tab = await open(bench, { ...DESK, languages: 'de' })
  await typeKey(tab, bench.platformKey)
  const badges = `[...document.querySelectorAll('.rows button')].slice(0, 2).map((row) => [
    row.querySelector('.amount').innerText, row.querySelector('.badge').innerText, row.querySelector('.badge').dataset.tone].join())`
  await tab.until(`${badges}.length === 2`)
  expect(await tab.value(badges)).toEqual(['3,50\u00a0€,ohne Signatur,bad', '4,50\u00a0€,signiert,good'])
})

test('the page runs without what Chrome 90 and Safari 14 lack', async () => {
  await using bench = await openBench()
  const register = await bench.till()
  const tab = await browser.tab({ ...DESK, languages: 'de' })
  await tab.send('Page.addScriptToEvaluateOnNewDocument', { source: WITHOUT_NEWER })
  await tab.go(bench.url)
  await tab.until(`${text('#key')} !== ''`)
  await typeKey(tab, bench.platformKey)
  await tab.until(headline('Die Kasse darf verkaufen'))
  await sell(register, '4.50')
  await tab.until(`${text('.rows')}.includes('4,50')`)
  await bench.stop()
  await tab.until(headline('Keine Antwort vom Agenten'))
  await bench.start()
  await tab.until(headline('Die Kasse darf verkaufen'))
})

test('no script of the pages has a form that a browser of 2021 cannot read', () => {
  for (const file of globSync('agent/http/page/*/*.js'))
    expect(readFileSync(file, 'utf8'), file).not.toMatch(/\(\?<[=!]|^\s*(static \{|#\w)|\bawait using\b/m)
})

test('a till that is being installed does not worry a shop that sells', async () => {
  await using bench = await openBench()
  await bench.till()
  const [place] = await bench.office.list('/v1/locations')
  await bench.office.post('/v1/registers', { location_id: place?.['id'], name: 'Kasse 2' })
  const tab = await open(bench, { ...DESK, languages: 'en' })
  await typeKey(tab, bench.platformKey)
  await tab.until(headline('The till may sell'))
  // On a unit that is not certified nothing is said to be well.
  expect(await tab.value(text('#hero'))).toMatch(/^The till may sell\s*$/)
  expect(await tab.value(`document.querySelector('#hero').dataset.tone`)).toBe('care')
  expect(await tab.value(text('#trial'))).toContain('The fiscal device is not certified')
  expect(await tab.value(text('.register + .register'))).toContain('The register is not fiscalized yet.')
})

test('the page shows how a receipt was issued, also once it is recorded later', async () => {
  await using bench = await openBench()
  const register = await bench.till()
  const sold = await sell(register, '4.50')
  const tab = await open(bench, { ...DESK, languages: 'de' })
  await typeKey(tab, bench.platformKey)
  const row = `${text('.paper dl')}.replace(/\\s+/g, ' ')`
  await tab.until(`${row} === 'Beleg ausgegeben nicht vermerkt'`)
  for (const [as, words] of [
    ['paper', 'auf Papier'],
    ['digital', 'digital'],
    ['paper_and_digital', 'auf Papier und digital'],
    ['e_invoice', 'als E-Rechnung'],
    ['none', 'nicht angenommen'],
  ]) {
    await register.till.post(`/v1/operations/${sold.id}/issued`, { issued_as: as }, 200)
    await tab.until(`${row} === 'Beleg ausgegeben ${words}'`)
  }
  // The receipt itself was fetched once.
  expect(tab.requests.filter((url) => url.includes(`/v1/operations/${sold.id}/receipt`))).toHaveLength(1)
  for (const [language, words] of [
    ['it', 'Scontrino consegnato non ritirato'],
    ['en', 'Receipt issued not taken'],
  ]) {
    await tab.value(`document.querySelector('#languages [lang=${language}]').click()`)
    await tab.until(`${row} === '${words}'`)
  }
  // An open operation has no receipt: nothing is said of it.
  const opened = await register.till.create(goods('sale', register.id, [['1.00', '0.07']]))
  await tab.until(`document.querySelector('[data-focus="${opened.id}"]')`)
  await tab.value(`document.querySelector('[data-focus="${opened.id}"]').click()`)
  await tab.until(`${text('.paper')}.includes('No receipt yet')`)
  expect(await tab.value(`document.querySelectorAll('.paper dl').length`)).toBe(0)
  expect(tab.complaints).toEqual([])
})

test("a register's key shows its own register alone", async () => {
  await using bench = await openBench()
  const { locationId } = await bench.shop()
  const own = await bench.register(locationId)
  await bench.register(locationId)
  const tab = await open(bench, { ...DESK, languages: 'en' })
  await typeKey(tab, own.key)
  await tab.until(`document.querySelectorAll('.register').length === 1`)
  expect(tab.complaints).toEqual([])
})

test('an outage is seen at once with how to fix it, and its end too', async () => {
  await using bench = await openBench({ support: { name: 'Rossi <i>& Figli', telephone: '+39 011 123456' } })
  const register = await bench.till()
  const tab = await open(bench, { ...DESK, languages: 'it' })
  const support = `${text('#hero')}.includes('Assistenza: Rossi <i>& Figli, +39 011 123456')`
  await bench.fault('unplugged@*')
  await tab.until(`${headline('Un dispositivo fiscale non risponde')} && ${support}`)
  await bench.fault('clear')
  await typeKey(tab, bench.platformKey)
  await tab.until(headline('La cassa può vendere'))
  expect(await tab.value(text('#foot'))).toContain('Assistenza: Rossi <i>& Figli, +39 011 123456')
  await bench.fault('unplugged@*')
  await sell(register, '2.00')
  await tab.until(headline('Si vende, ma senza firma'))
  await tab.until(`${text('.warning[data-code=device_unavailable]')}.includes('Controllare cavo e alimentazione')`)
  expect(await tab.value(`document.querySelector('#hero').dataset.tone`)).toBe('care')
  expect(await tab.value(support)).toBe(true)
  await tab.until(`${text('.rows')}.includes('senza firma')`)
  await bench.fault('clear')
  await tab.until(headline('La cassa può vendere'))
  await tab.until(`document.querySelector('#warnings').hidden`)
  expect(tab.complaints).toEqual([])
})

test('an open emergency register shows that the till sells without its printer', async () => {
  await using bench = await openBench(ONE_PRINTER)
  await italianTill(bench)
  const tab = await open(bench, { ...PHONE, languages: 'it' })
  await typeKey(tab, bench.platformKey)
  await tab.until(headline('La cassa può vendere'))
  await bench.faultAt('rt-1', 'unplugged@*')
  await tab.until(headline('Vendita non possibile'))
  await openEmergency(bench)
  await tab.until(headline('Si vende, senza la stampante'))
  await tab.until(`${text('.hero .more')}.startsWith('Le vendite vengono scritte nel registro di emergenza')`)
  await tab.until(`${text('.card.register')}.includes('senza stampante')`)
  expect(tab.complaints).toEqual([])
})

test('an unreachable agent is reported, and found again without a reload', async () => {
  await using bench = await openBench({ support: { telephone: '030 123456' } })
  const register = await bench.till()
  const tab = await open(bench, { ...DESK, languages: 'en' })
  await typeKey(tab, bench.platformKey)
  await tab.until(headline('The till may sell'))
  await bench.stop()
  await tab.until(headline('The agent does not answer'))
  expect(await tab.value(text('#hero'))).toContain('Help: 030 123456')
  // The known values stay readable.
  expect(await tab.value(text('.register .figure'))).toBe('€50.00')
  await bench.start()
  await tab.until(headline('The till may sell'))
  await sell(register, '4.50')
  await tab.until(`${text('.register .figure')} === '€54.50'`)
})

test('a revoked key does not show anything any longer', async () => {
  await using bench = await openBench()
  await bench.till()
  const key = await bench.agent.administration.createKey('platform')
  const tab = await open(bench, { ...DESK, languages: 'en' })
  await typeKey(tab, key.key)
  await tab.until(headline('The till may sell'))
  await bench.agent.administration.revokeKey(key.id)
  await tab.until(`${text('#key-note')}.startsWith('This key is invalid')`)
  expect(await tab.value(`document.querySelectorAll('.register').length`)).toBe(0)
  expect(await tab.value(`sessionStorage.length`)).toBe(0)
})

test('a key that is forgotten while the page looks does not show anything any longer', async () => {
  await using bench = await openBench()
  await bench.till()
  const tab = await open(bench, { ...DESK, languages: 'en' })
  await typeKey(tab, bench.platformKey)
  await tab.until(headline('The till may sell'))
  // Answers wait until they are let through.
  await tab.value(`(() => {
    const { fetch } = window
    window.held = []
    window.fetch = async (path, options) => {
      const answer = await fetch(path, options)
      if (path === '/v1/overview') await new Promise((resolve) => held.push(resolve))
      return answer
    }
  })()`)
  await tab.until('held.length === 1')
  await tab.value(`document.querySelector('[data-focus=forget]').click()`)
  await tab.value('held[0]()')
  await tab.until(headline('The agent is ready'))
  expect(await tab.value(`document.querySelectorAll('.register').length`)).toBe(0)
  expect(await tab.value(text('#shop'))).toBe('fiskal-edge')
})

test('the name of a till is shown as text, whatever it is', async () => {
  await using bench = await openBench()
  const { locationId } = await bench.shop()
  const name = '<img src=x onerror="document.title=1"><script>alert(1)</script>'
  await bench.office.post('/v1/registers', { location_id: locationId, name })
  const tab = await open(bench, { ...DESK, languages: 'en' })
  await typeKey(tab, bench.platformKey)
  await tab.until(`${text('.register .title span')} === ${JSON.stringify(name)}`)
  expect(tab.complaints).toEqual([])
})

test('a name does not change the direction of the text next to it', async () => {
  await using bench = await openBench()
  const { locationId } = await bench.shop()
  await bench.office.patch(`/v1/locations/${locationId}`, { name: 'Markt \u202eOtto' })
  await bench.register(locationId)
  const tab = await open(bench, { ...DESK, languages: 'en' })
  await typeKey(tab, bench.platformKey)
  await tab.until(`${text('.register .soft')} === 'Markt Otto · KassenSichV · tse-1'`)
})

test('each language says everything: every warning, and the page after a switch', async () => {
  await using bench = await openBench()
  const tab = await open(bench, { ...PHONE, languages: 'de' })
  const missing = `Promise.all([import('/page/warnings.js'), import('/page/words.js')]).then(([{ wordsOfWarning }, { choose }]) =>
    ${JSON.stringify(Object.keys(WARNING_TEXTS))}.flatMap((code) => ['de', 'it'].filter((language) => {
      choose(language)
      return wordsOfWarning({ code, message: '-', remedy: '-' }).message === '-'
    }).map((language) => code + ' ' + language)))`
  expect(await tab.value(missing)).toEqual([])
  const completed = `Promise.all([import('/page/warnings.js'), import('/page/words.js')]).then(([{ wordsOfWarning }, { choose }]) => {
    choose('de')
    return wordsOfWarning({ code: 'tse_ahead', message: '-', remedy: '-', device: 'tse-1' }).remedy
  })`
  expect(await tab.value(completed)).toContain('fiskal-edge device adopt tse-1')
  for (const [name, title] of [
    ['it', 'Vedere di più'],
    ['en', 'See more'],
    ['de', 'Mehr sehen'],
  ]) {
    await tab.value(`document.querySelector('#languages [lang=${name}]').click()`)
    await tab.until(`${text('#key h2')} === ${JSON.stringify(title)}`)
    expect(await tab.value('document.documentElement.lang')).toBe(name)
  }
  await tab.value('location.reload()')
  await tab.until(`${text('#key h2')} === 'Mehr sehen'`)
})

test('keyboard and screen reader get all of it: names, order, focus that stays', async () => {
  await using bench = await openBench()
  const register = await bench.till()
  const sold = await sell(register, '4.50')
  await sell(register, '9.00')
  const tab = await open(bench, { ...DESK, languages: 'en' })
  await typeKey(tab, bench.platformKey)
  await tab.until(`document.querySelectorAll('.rows button').length === 3`)
  const nameless = `[...document.querySelectorAll('button, a, input, img, summary')].filter((node) =>
    !(node.innerText || node.getAttribute('aria-label') || node.getAttribute('alt') || node.labels?.length)).length`
  expect(await tab.value(nameless)).toBe(0)
  // The visible label is part of the spoken name (WCAG 2.5.3).
  const otherwise = `[...document.querySelectorAll('button[aria-label]')].filter((node) =>
    !node.getAttribute('aria-label').includes(node.innerText)).length`
  expect(await tab.value(otherwise)).toBe(0)
  expect(await tab.value(`document.querySelector('#hero').getAttribute('role')`)).toBe('status')
  expect(await tab.value(`document.querySelectorAll('[tabindex]:not([tabindex="0"])').length`)).toBe(0)
  await tab.value(`document.querySelector('[data-focus="${sold.id}"]').focus()`)
  await tab.enter()
  await tab.until(`document.querySelector('[aria-pressed=true][data-focus="${sold.id}"]')`)
  await sell(register, '1.00')
  await tab.until(`document.querySelectorAll('.rows button').length === 4`)
  // The list was made again beneath it.
  expect(await tab.value(`document.activeElement.dataset.focus`)).toBe(sold.id)
  expect(await tab.value(`document.querySelector('[aria-pressed=true]').dataset.focus`)).not.toBe('')
})

test('nothing is wider than a phone', async () => {
  await using bench = await openBench({
    sync: { targets: [{ id: 'cloud', kind: 'file', folder: '/nonexistent/place' }] },
  })
  const register = await bench.till()
  await sell(register, '4.50')
  for (const languages of ['de', 'it', 'en']) {
    const tab = await open(bench, { ...PHONE, width: 320, languages })
    await typeKey(tab, bench.platformKey)
    await tab.until(`document.querySelector('.paper details')`)
    expect(await tab.value('document.documentElement.scrollWidth')).toBe(320)
    // The text of the receipt, whose lines are not broken, scrolls separately.
    await tab.value(`document.querySelector('.paper details').open = true`)
    await tab.until(`document.querySelector('.paper pre')?.innerText.includes('TSE')`)
    expect(await tab.value('document.documentElement.scrollWidth')).toBe(320)
  }
})

test('the first paint holds data, without a second look', async () => {
  await using bench = await openBench()
  await sell(await bench.till(), '4.50')
  const tab = await open(bench, { ...DESK, languages: 'en' })
  await typeKey(tab, bench.platformKey)
  await tab.until(headline('The till may sell'))
  await tab.value('location.reload()')
  await tab.until(`performance.getEntriesByName('first-data').length === 1 && ${headline('The till may sell')}`)
  const looks = `performance.getEntriesByType('resource').filter(({ name }) => name.includes('/v1/overview'))`
  // The browser notes a request some time after its answer was read.
  await tab.until(`${looks}.length > 0`)
  const firstData = `performance.getEntriesByName('first-data')[0].startTime`
  expect(await tab.value<number>(`${looks}.filter(({ startTime }) => startTime < ${firstData}).length`)).toBe(1)
})
