// @module-tag heavy
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issue, makeAuthority } from '../../agent/tls/certificate.ts'
import { Bench } from '../e2e/bench.ts'
import { goods, pay } from '../e2e/goods.ts'
import { once } from '../waits.ts'
import type { Tab } from './browser.ts'
import { Browser } from './browser.ts'

const NAME = 'till.shop.test'
const DAY_MS = 86_400_000

/** The page of a till, as a server of the public internet serves it. */
const page = createServer(certificate(), (_, response) => {
  response.setHeader('Content-Type', 'text/html')
  response.end('<!doctype html><title>Till</title><p>Till')
})
let browser: Browser
let origin = ''

function certificate() {
  const authority = makeAuthority('a test', [NAME, '127.0.0.1'], Date.now())
  return issue(authority, { commonName: NAME, names: [NAME], usage: 'server', lifeMs: DAY_MS }, Date.now())
}

beforeAll(async () => {
  page.listen(0, '127.0.0.1')
  await once(page, 'listening')
  const { port } = page.address() as AddressInfo
  origin = `https://${NAME}:${port}`
  browser = await Browser.open([
    `--host-resolver-rules=MAP ${NAME} 127.0.0.1`,
    `--ip-address-space-overrides=127.0.0.1:${port}=public`,
    '--ignore-certificate-errors',
  ])
})
afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  page.close()
})

/** The page of the till in a tab of its own, after the user or a policy has decided. */
async function till(setting: 'granted' | 'denied'): Promise<Tab> {
  const tab = await browser.tab({ width: 1280, height: 900 })
  await tab.permit('loopback-network', setting, origin)
  await tab.go(origin)
  await tab.until(`document.title === 'Till'`)
  return tab
}

/** What a page can ask before it calls; older browsers know the older name alone. */
const STATE = `(async () => {
  for (const name of ['loopback-network', 'local-network-access']) {
    try { return (await navigator.permissions.query({ name })).state } catch {}
  }
  return 'unknown'
})()`

/** A call of the page: the status and the answer, or the name of what fetch threw. */
function calling(url: string, key: string, call: { path: string; body?: unknown; headers?: object }): string {
  const headers = {
    'X-Register-Api-Key': key,
    'Content-Type': 'application/json',
    traceparent: '00-1',
    ...call.headers,
  }
  const init = { method: call.body === undefined ? 'GET' : 'POST', headers, body: JSON.stringify(call.body) }
  return `fetch(${JSON.stringify(new URL(call.path, url))}, ${JSON.stringify({ ...init, targetAddressSpace: 'loopback' })})
    .then(async (answer) => ({ status: answer.status, json: await answer.json() }), (error) => ({ status: error.name }))`
}

type Said = { status: number | string; json: { id: string; status: string; resource_version: number } }

test('a page of the public internet sells at the agent once Chrome is permitted, and calls nothing before', async () => {
  await using bench = await Bench.open({ config: { allowedOrigins: [origin] } })
  const { id, key } = await bench.till()
  const sale = { path: '/v1/operations', body: goods('sale', id, [['4.50', '0.07']]) }
  const refused = await till('denied')
  expect(await refused.value(STATE)).toBe('denied')
  const head = bench.head()
  expect(await refused.value<Said>(calling(bench.url, key, sale))).toEqual({ status: 'TypeError' })
  expect(bench.requestedSince(head)).toEqual([])
  expect(bench.lines.some(({ fields }) => fields['method'] === 'OPTIONS')).toBe(false)

  const permitted = await till('granted')
  expect(await permitted.value(STATE)).toBe('granted')
  const made = await permitted.value<Said>(
    calling(bench.url, key, { ...sale, headers: { 'Idempotency-Key': 'sale-1' } }),
  )
  expect([made.status, made.json.status]).toEqual([201, 'open'])
  const path = `/v1/operations/${made.json.id}/complete`
  const headers = { 'Idempotency-Key': 'complete-1', 'If-Match': `"${made.json.resource_version}"` }
  const body = { payments: [pay('cash', '4.50')] }
  const done = await permitted.value<Said>(calling(bench.url, key, { path, headers, body }))
  expect([done.status, done.json.status]).toEqual([200, 'completed'])
})

test('a page that is not of allowedOrigins is refused by the agent, also with the permission of Chrome', async () => {
  await using bench = await Bench.open({ config: { allowedOrigins: ['https://other.shop.test'] } })
  const { key } = await bench.till()
  const tab = await till('granted')
  expect(await tab.value<Said>(calling(bench.url, key, { path: '/v1/operations' }))).toEqual({ status: 'TypeError' })
})
