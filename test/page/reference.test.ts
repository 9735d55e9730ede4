// @module-tag heavy
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import type { Tab } from './browser.ts'
import { Browser } from './browser.ts'

const DESK = { width: 1280, height: 900, languages: 'en' }
const PHONE = { width: 390, height: 844, languages: 'en', dark: true }
const SCRIPT = join(ROOT, 'node_modules/.cache/fiskal-edge/docs/scalar.js.gz')
const CREATE = '/docs#tag/operations/POST/v1/operations'

let browser: Browser
let bench: Bench
beforeAll(async () => {
  browser = await Browser.open()
  bench = await Bench.open()
})
afterAll(async () => {
  await bench[Symbol.asyncDispose]()
  await browser[Symbol.asyncDispose]()
})
beforeEach(({ skip }) => {
  if (!existsSync(SCRIPT)) skip('the script of the reference page is missing: npm run prepare')
})

async function open(path: string, options: Parameters<Browser['tab']>[0] = DESK): Promise<Tab> {
  const tab = await browser.tab(options)
  await tab.go(`${bench.url}${path}`)
  await tab.until(`document.querySelectorAll('.markdown table').length > 0`)
  return tab
}

/** Clicks the first button of that selector with that text. */
async function press(tab: Tab, selector: string, text = ''): Promise<void> {
  const button = `[...document.querySelectorAll(${JSON.stringify(selector)})].find((one) => one.textContent.includes(${JSON.stringify(text)}))`
  await tab.until(button)
  await tab.value(`${button}.click()`)
}

async function type(tab: Tab, selector: string, text: string): Promise<void> {
  await tab.until(`document.querySelector(${JSON.stringify(selector)})`)
  await tab.value(`document.querySelector(${JSON.stringify(selector)}).focus()`)
  await tab.send('Input.insertText', { text })
}

/** Requests that leave the agent; pictures in the style are none. */
function foreign({ requests }: Tab): string[] {
  return requests.filter((url) => !url.startsWith(bench.url) && !url.startsWith('data:'))
}

test('the reference asks no other host, keeps its policy, and begins with the guide and the operations of tills', async () => {
  const tab = await open('/docs')
  await tab.until(`document.body.innerText.includes('Start a goods movement')`)
  const text = await tab.text()
  expect(text).toContain('What a till has to do')
  expect(text.indexOf('\nOperations\n')).toBeLessThan(text.indexOf('\nMerchants\n'))
  expect([foreign(tab), tab.complaints]).toEqual([[], []])
})

test('the shown command has the key of a register and records nothing, and so does a request that is tried', async () => {
  const { locationId } = await bench.shop()
  const { key } = await bench.register(locationId)
  const head = bench.head()
  const tab = await open(CREATE)
  await tab.until(`document.body.innerText.includes("'Prefer: dry-run'")`)
  // No word of Scalar is the key: a till maker would send it.
  expect(await tab.text()).toContain("'X-Register-Api-Key: ofk_...'")
  expect(await tab.value(`document.querySelector('input.scalar-password-input').placeholder`)).toBe('ofk_...')
  await press(tab, 'button.show-api-client-button[method=post]')
  await type(tab, '[role=dialog] input.scalar-password-input', key)
  await press(tab, '[role=dialog] button', 'Send post request')
  // The example names a register by the key of the scenario, which this shop does not have.
  await tab.until(`document.querySelector('[role=dialog]').innerText.includes('"not_found"')`)
  expect(tab.requests).toContain(`${bench.url}/v1/operations`)
  expect(bench.requestedSince(head)).toEqual([])
  expect(await tab.value('JSON.stringify({ ...localStorage, ...sessionStorage })')).not.toContain(key)
  expect(foreign(tab)).toEqual([])
})

test('the search finds an operation by its name', async () => {
  const tab = await open('/docs')
  await press(tab, 'button', 'Search')
  await type(tab, '[role=dialog] input', 'complete')
  await tab.until(`document.querySelector('[role=dialog]').innerText.includes('Complete an open operation')`)
})

test.each([DESK, PHONE])('no first column of a table is narrower than its words: %o', async (size) => {
  const tab = await open(CREATE, size)
  const broken = `[...document.querySelectorAll('.markdown :is(td, th):first-child')].filter((cell) => {
    const words = document.createRange()
    words.selectNodeContents(cell)
    return new Set([...words.getClientRects()].map(({ bottom }) => Math.round(bottom))).size > 1
  }).map((cell) => cell.textContent)`
  await tab.until(`document.body.innerText.includes('drawer_insufficient')`)
  expect(await tab.value(broken)).toEqual([])
  expect(await tab.value('document.documentElement.scrollWidth')).toBe(size.width)
  expect(tab.complaints).toEqual([])
})

test('the plain page fits on a phone, and a browser without scripts gets it', async () => {
  const tab = await browser.tab(PHONE)
  await tab.send('Emulation.setScriptExecutionDisabled', { value: true })
  await tab.go(`${bench.url}/docs`)
  await tab.send('Emulation.setScriptExecutionDisabled', { value: false })
  await tab.until(`location.pathname === '/docs/plain' && document.readyState === 'complete'`)
  await tab.value(`for (const one of document.querySelectorAll('details')) one.open = true`)
  expect(await tab.value('document.documentElement.scrollWidth')).toBe(PHONE.width)
})

test('an error page fits on a phone', async () => {
  const tab = await browser.tab(PHONE)
  await tab.go(`${bench.url}/errors/idempotency_key_conflict`)
  expect(await tab.text()).toContain('Send it again?')
  expect(await tab.value('document.documentElement.scrollWidth')).toBe(PHONE.width)
})
