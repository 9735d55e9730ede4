// @module-tag heavy
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { event, goods } from '../e2e/goods.ts'
import { freePort } from '../free-port.ts'
import type { Tab } from '../page/browser.ts'
import { Browser } from '../page/browser.ts'
import { perform } from '../perform.ts'
import type { Fault } from '../sync/servers/fault-proxy.ts'
import { FaultProxy } from '../sync/servers/fault-proxy.ts'
import { smoke } from '../tags.ts'
import { BUILD_LIMIT_MS, once } from '../waits.ts'

const EXAMPLES = join(ROOT, 'clients/examples')
const FAULTS: readonly Fault[] = [
  'reset',
  'cut-answer',
  'captive-portal',
  'twice',
  'truncated-json',
  'cut-request',
  'redirect',
]

type Example = { readonly name: string; readonly command: string; readonly file: string; readonly packages: string }

type Report = {
  readonly passed: boolean
  readonly rules?: readonly { readonly id: string; readonly verdict: string }[]
}

const PYTHON: Example = { name: 'Python', command: 'python3', file: 'python/sale.py', packages: 'python3' }
const OTHERS: readonly Example[] = [
  { name: 'PHP', command: 'php', file: 'php/sale.php', packages: 'php-cli php-curl' },
  { name: 'Java', command: 'java', file: 'java/Sale.java', packages: 'openjdk-17-jdk-headless' },
  { name: 'TypeScript', command: process.execPath, file: 'typescript/sale.ts', packages: '' },
]

function whyMissing({ command, packages }: Example): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, command))
  return [command, ...places].some(existsSync) ? undefined : `${command} is missing: apt-get install -y ${packages}`
}

/** Between till and agent: each request fails twice, each time in another way. */
async function losing(): Promise<{ proxy: FaultProxy; url: string } & AsyncDisposable> {
  const tries = new Map<string, number>()
  let faults = 0
  const proxy = new FaultProxy((method, path) => {
    const count = (tries.get(`${method} ${path}`) ?? 0) + 1
    tries.set(`${method} ${path}`, count % 3)
    return count === 3 ? 'pass' : (FAULTS[faults++ % FAULTS.length] ?? 'pass')
  }, 0)
  const url = await proxy.listen('http://127.0.0.1:1')
  return { proxy, url, [Symbol.asyncDispose]: () => proxy.close() }
}

/** Of a shop with one register, behind the proxy. */
async function openShop(allowedOrigins: readonly string[] = []) {
  const line = await losing()
  const bench = await Bench.open({ config: { allowedHosts: [new URL(line.url).host], allowedOrigins } })
  line.proxy.redirectTo(bench.url)
  const { locationId } = await bench.shop()
  const register = await bench.register(locationId)
  const dispose = async () => {
    await bench[Symbol.asyncDispose]()
    await line[Symbol.asyncDispose]()
  }
  return { bench, register, losing: line.url, [Symbol.asyncDispose]: dispose }
}

async function soldIn(bench: Bench): Promise<number> {
  return (await bench.office.list('/v1/operations?type=sale&status=completed')).length
}

async function openIn(bench: Bench): Promise<number> {
  return (await bench.office.list('/v1/sessions')).filter(({ state }) => state !== 'closed').length
}

/** What a till leaves that was killed before it had the answer to its create. */
async function leaveBasket({ id, till }: Register): Promise<void> {
  await till.post('/v1/operations', event('session_open', id, { opening_balance_amount: '50.00' }))
  await till.post('/v1/operations', goods('sale', id, [['4.50', '0.07']]))
}

/** Twice directly, and once through the proxy: each run rings up one sale, also after a till that was killed. */
async function sells({ command, file }: Example): Promise<void> {
  await using shop = await openShop()
  await leaveBasket(shop.register)
  const { PATH, HOME } = process.env
  for (const [runs, url] of [shop.bench.url, shop.bench.url, shop.losing].entries()) {
    // A proxy of the environment must not be asked.
    const env = {
      PATH,
      HOME,
      FISKAL_EDGE_URL: url,
      FISKAL_EDGE_REGISTER_KEY: shop.register.key,
      http_proxy: 'http://127.0.0.1:1',
    }
    const cwd = mkdtempSync(join(tmpdir(), 'example-'))
    const { code, out, err } = await perform(command, [join(EXAMPLES, file)], { cwd, env, timeout: BUILD_LIMIT_MS })
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('TSE-Signatur')
    expect([await soldIn(shop.bench), await openIn(shop.bench)]).toEqual([runs + 1, 0])
  }
  expect(await shop.bench.office.list('/v1/operations?status=voided')).toHaveLength(1)
}

/** The agent, the line and the till itself fail as the rules for tills say. */
async function keepsTheRules({ command, file }: Example): Promise<void> {
  const cwd = mkdtempSync(join(tmpdir(), 'example-'))
  const run = ['--run', `${command} ${join(EXAMPLES, file)}`, '--port', String(await freePort()), '--json']
  const { out, err } = await perform(join(ROOT, 'bin/fiskal-edge'), ['conformance', ...run], {
    cwd,
    // It kills agent and till, and starts the till about twenty times.
    timeout: BUILD_LIMIT_MS,
  })
  const { passed, rules } = JSON.parse(out || '{}') as Report
  expect(
    rules?.filter(({ verdict }) => verdict !== 'kept'),
    err,
  ).toEqual([])
  expect(passed).toBe(true)
}

test('the example in Python sells once a run, also through a proxy that fails', smoke(), async ({ skip }) => {
  const missing = whyMissing(PYTHON)
  if (missing !== undefined) skip(missing)
  await sells(PYTHON)
})

for (const example of OTHERS)
  test.concurrent(`the example in ${example.name} sells once a run, also through a proxy that fails`, async ({
    skip,
  }) => {
    const missing = whyMissing(example)
    if (missing !== undefined) skip(missing)
    await sells(example)
  })

for (const example of [PYTHON, ...OTHERS])
  test.concurrent(`the example in ${example.name} keeps each rule for tills in a conformance run`, async ({ skip }) => {
    const missing = whyMissing(example)
    if (missing !== undefined) skip(missing)
    await keepsTheRules(example)
  })

test('the page of the examples sells in a browser, also through a proxy that fails', async () => {
  let agent = 'http://127.0.0.1:7070'
  const page = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end(readFileSync(join(EXAMPLES, 'browser/till.html'), 'utf8').replace('http://127.0.0.1:7070', agent))
  })
  await once(page.listen(0, '127.0.0.1'), 'listening')
  const origin = `http://127.0.0.1:${(page.address() as AddressInfo).port}`
  await using shop = await openShop([origin])
  await using browser = await Browser.open()
  for (const [runs, url] of [shop.bench.url, shop.losing].entries()) {
    const tab = await browser.tab({ width: 390, height: 844 })
    agent = url
    // A link names no agent: it would receive the key of the register.
    await tab.go(`${origin}/till.html?agent=http://127.0.0.1:9`)
    await tab.value(`document.querySelector('#key').value = ${JSON.stringify(shop.register.key)}`)
    await press(tab, '#open', 'open')
    await press(tab, '[data-price="4.50"]', 'Brötchen, 6 Stück sold')
    await tab.until(`document.querySelector('#receipt').naturalWidth > 100`)
    await press(tab, '#close', 'closed')
    expect([await soldIn(shop.bench), await openIn(shop.bench)]).toEqual([runs + 1, 0])
  }
  page.close()
})

/** Twice at once, as a person with a fast hand: the second one must not count. */
async function press(tab: Tab, button: string, answer: string): Promise<void> {
  await tab.value(`for (const _ of [1, 2]) document.querySelector(${JSON.stringify(button)}).click()`)
  await tab.until(`document.querySelector('#status').textContent === ${JSON.stringify(answer)}`)
}
