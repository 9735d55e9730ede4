import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Route } from '../../agent/contract/route.ts'
import { routes } from '../../agent/contract/routes.ts'
import { ERRORS } from '../../agent/errors.ts'
import { createApp } from '../../agent/http/app.ts'
import { ChangeStreams } from '../../agent/http/change-streams.ts'
import { Connections } from '../../agent/http/connections.ts'
import { ReadQueue } from '../../agent/http/read-queue.ts'
import { ServedNames } from '../../agent/http/served-names.ts'
import { Strangers } from '../../agent/http/strangers.ts'
import { Drawing } from '../../agent/receipts/drawing.ts'
import { systemClock } from '../../base/clock.ts'
import { CONTRACT, DESCRIBED } from '../contract.ts'
import { silentLog } from '../silent-log.ts'
import { startHttp } from './harness.ts'
import { MemoryApplication } from './memory-application.ts'

const OPEN = { Authorization: undefined }

/** `METHOD path` of every route of the express application; those that answer every method refuse (405). */
function served(): string[] {
  const application = new MemoryApplication()
  const draw = new Drawing(systemClock).draw
  const options = {
    contract: CONTRACT,
    described: DESCRIBED,
    allowedHosts: [],
    allowedOrigins: [],
    log: silentLog,
    clock: systemClock,
    fault: () => undefined,
    draw,
  }
  const gate = {
    names: new ServedNames('http'),
    connections: new Connections(
      () => false,
      () => undefined,
      0,
    ),
    strangers: new Strangers(options),
    closing: false,
  }
  const reads = new ReadQueue()
  const streams = new ChangeStreams(application.changes, { ...options, reads })
  const app = createApp(application, options, gate, { streams, reads })
  const violations: string[] = []
  for (const { route } of app.router.stack) {
    if (route === undefined) continue
    // The refusal of all other methods has none.
    const methods = new Set(route.stack.flatMap(({ method }) => method ?? []))
    for (const method of methods) violations.push(`${method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`)
  }
  return violations.sort()
}

test('every row of the contract is served and nothing else is', () => {
  const rows = Object.values(routes).flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`))
  expect(served()).toEqual(rows.sort())
})

test('the OpenAPI document is served whole, once, and revalidated after', async () => {
  await using http = await startHttp()
  const document = await http.json({ path: '/openapi-json', headers: OPEN })
  expect(document.json).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } })
  expect(Object.keys(document.json['paths'] as object)).toContain('/v1/operations/{id}/complete')
  const etag = document.headers['etag'] ?? ''
  const again = await http.call({ path: '/openapi-json', headers: { ...OPEN, 'If-None-Match': `"x", W/${etag}` } })
  expect([again.status, again.body, again.headers['etag']]).toEqual([304, '', etag])
  const stale = await http.call({ path: '/openapi-json', headers: { ...OPEN, 'If-None-Match': '"x"' } })
  expect(stale.status).toBe(200)
  const moved = await http.call({ path: '/docs-json', headers: OPEN })
  expect([moved.status, moved.headers['location']]).toEqual([301, '/openapi-json'])
})

test('the reference page names every route and schema and may load nothing but its own style', async () => {
  await using http = await startHttp()
  const page = await http.call({ path: '/docs/plain', headers: OPEN })
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  for (const { path, summary, listed } of Object.values(routes) as readonly Route[]) {
    if (listed === false) continue
    expect(page.body).toContain(` ${path}</code>`)
    expect(page.body).toContain(summary.replaceAll("'", '&#39;').replaceAll(/`([^`]+)`/g, '<code>$1</code>'))
  }
  expect(page.body).toContain(
    '<h2 id="text-repeats">Repeats</h2>\n<p>Use one <code>Idempotency-Key</code> for each act',
  )
  expect(page.body).toContain('<a href="#text-repeats">Repeats</a>')
  expect(page.body).toContain('<code>metadata</code></td><td></td><td><a href="#schema-Metadata">Metadata</a>')
  expect(page.body).toContain('<code>Metadata</code></summary>\n<p>Your own data, kept with the resource')
  expect(page.body).toContain(
    '<p>The members of <a href="#schema-GoodsMovement">GoodsMovement</a>, and:</p><table class="members"><tr><td><code>type</code>',
  )
  expect(page.body).toContain('<td>409</td><td><a href="/errors/drawer_insufficient">drawer_insufficient</a>')
  expect(page.body).toContain('<td>Conflict</td><td>The resource is in another state')
  expect(page.body).toContain('<code>If-Match</code></td><td>header, required</td>')
  expect(page.body).toContain('<code>warning</code></td><td>required</td><td><code>&quot;sync_delayed&quot;</code>')
  expect(page.body).toContain('<td>integer, 1 to 200. At most so many; 50 by default.')
  expect(page.body).toContain('string, 1 to 500 characters')
  expect(page.body).toContain(
    '<code>next_cursor</code></td><td>required</td><td><a href="#schema-NextCursor">NextCursor</a>',
  )
  expect(page.body).toContain('string | null')
  expect(page.body).toContain(
    'array of <a href="#schema-CreateLineItemDto">CreateLineItemDto</a>, at most 1000 entries',
  )
  expect(page.body).toContain('Headers: <code>ETag</code>, <code>Idempotent-Replayed</code>')
  expect(page.body).not.toContain('`')
  const explained = [...page.body.matchAll(/href="\/errors\/(\w+)"/g)].map(([, code = '']) => code)
  expect(explained.filter((code) => !Object.hasOwn(ERRORS, code))).toEqual([])
  const policy = page.headers['content-security-policy'] ?? ''
  const style = /<style>([\s\S]*)<\/style>/.exec(page.body)?.[1] ?? ''
  const digest = createHash('sha256').update(style).digest('base64')
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^ ]+'; base-uri 'none'/)
  expect(policy).toContain(digest)
  expect(page.body).not.toMatch(/<script|<img|<link|style="|https?:\/\//)
  const targets = [...page.body.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target)
  expect(targets.length).toBeGreaterThan(50)
  for (const target of new Set(targets)) expect(page.body).toContain(`id="${target}"`)
})
