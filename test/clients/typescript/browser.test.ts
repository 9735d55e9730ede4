// @module-tag heavy
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../cli/command.ts'
import { Bench } from '../../e2e/bench.ts'
import type { Tab } from '../../page/browser.ts'
import { Browser } from '../../page/browser.ts'
import { once } from '../../waits.ts'

const SOURCES = join(ROOT, 'clients/typescript/src')
const SIZE = { width: 1280, height: 900 }

/** The page of a till: it has the client's modules, as a bundler would have stripped them. */
const page = createServer(({ url = '/' }, response) => {
  const isModule = url.endsWith('.ts')
  response.setHeader('Content-Type', isModule ? 'text/javascript' : 'text/html')
  response.end(isModule ? stripTypeScriptTypes(readFileSync(join(SOURCES, url), 'utf8')) : '<title>Till</title>')
})
let origin = ''
const profile = mkdtempSync(join(tmpdir(), 'till-browser-'))

beforeAll(async () => {
  await once(page.listen(0, '127.0.0.1'), 'listening')
  origin = `http://127.0.0.1:${(page.address() as AddressInfo).port}`
})
afterAll(() => {
  page.close()
  rmSync(profile, { recursive: true, force: true, maxRetries: 10 })
})

/** A tab with the client: `open(more)` opens the till of that key. */
async function pageOf(browser: Browser, url: string, key: string): Promise<Tab> {
  const tab = await browser.tab(SIZE)
  await tab.go(origin)
  await tab.value(`(async () => {
    const { Till, line, cash } = await import('/index.ts')
    const { indexedDbStore, agentPermission } = await import('/browser.ts')
    const bun = line({ sku_identifier: 'bun', title: 'Brötchen', quantity: 10, unit_price: '0.45', rate: '0.07' })
    const basket = { lines: [bun], payments: [cash('4.50')] }
    const open = (more = {}) => Till.open({ key: ${JSON.stringify(key)}, url: ${JSON.stringify(url)}, store: indexedDbStore('till'), ...more })
    Object.assign(globalThis, { open, basket, agentPermission })
  })()`)
  return tab
}

test('a page sells with IndexedDB, and a second tab of its store is refused', async () => {
  await using bench = await Bench.open({ config: { allowedOrigins: [origin] } })
  const { key } = await bench.till()
  await using browser = await Browser.open()
  const tab = await pageOf(browser, bench.url, key)
  const sale = await tab.value(`open({ userAgent: 'till/1' }).then(async (till) => {
      const sale = await till.sell(basket)
      globalThis.till = till
      return { outcome: sale.outcome, status: sale.value?.status, pending: till.pending().length }
    })`)
  expect(sale).toEqual({ outcome: 'done', status: 'completed', pending: 0 })
  expect(await tab.value(`agentPermission(${JSON.stringify(bench.url)})`)).toMatch(/^(granted|prompt)$/)
  const second = await tab.value(`open().then(() => 'opened', (error) => error.name + ': ' + error.message)`)
  expect(second).toBe('StoreError: Another tab has the store till open: close it, or open the till there')
  expect(await tab.value(`till.close().then(() => open()).then((till) => till.recovered.length)`)).toBe(0)
})

test('a browser that is killed while a sale waits for its answer has the basket after its next start', async () => {
  await using bench = await Bench.open({ config: { allowedOrigins: [origin] } })
  const { key } = await bench.till()
  {
    await using killed = await Browser.open([], profile)
    const tab = await pageOf(killed, bench.url, key)
    // The agent gets the create, and its answer never arrives.
    await tab.value(`open({ fetch: async (input, init) => {
        const answer = await fetch(input, init)
        if (init.method !== 'POST') return answer
        globalThis.isSent = true
        return new Promise(() => undefined)
      } }).then((till) => void till.sell(basket, { note: 'Bon 17' }))`)
    await tab.until('globalThis.isSent')
  }
  await using browser = await Browser.open([], profile)
  const tab = await pageOf(browser, bench.url, key)
  const completed = await tab.value(`open().then(async (till) => {
      const [{ entry, outcome }] = till.recovered
      const sale = await till.complete(outcome.value, { payments: entry.payments })
      return { note: entry.note, before: outcome.value.status, outcome: sale.outcome, pending: till.pending().length }
    })`)
  expect(completed).toEqual({ note: 'Bon 17', before: 'open', outcome: 'done', pending: 0 })
  expect(await bench.office.list('/v1/operations?type=sale&status=completed')).toHaveLength(1)
})
