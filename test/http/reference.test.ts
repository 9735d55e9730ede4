import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Request } from 'express'
import { expect, test } from 'vitest'
import { FiskalError } from '../../agent/errors.ts'
import type { CacheableReply } from '../../agent/http/cacheable.ts'
import { cacheable } from '../../agent/http/cacheable.ts'
import { REFERENCE_POLICY } from '../../agent/http/page/reference-page.ts'
import { docsHandlers } from '../../agent/http/routes/docs.ts'
import { referenceHandlers } from '../../agent/http/routes/reference.ts'
import { CONTRACT, DESCRIBED } from '../contract.ts'
import { startHttp } from './harness.ts'

const request = { headers: {} } as Request

function plain(): CacheableReply {
  return cacheable('text/html', 'plain')
}

test('without the script of Scalar the reference is the plain page, and the script names the command', () => {
  const { docs, docsPlain, docsScalar } = referenceHandlers(plain, ['/nowhere/scalar.js.gz'])
  expect(docs.run(request)).toEqual(docsPlain.run(request))
  expect(() => docsScalar.run(request)).toThrow(FiskalError)
  expect(() => docsScalar.run(request)).toThrow('npm run prepare')
})

test('with it the page loads two scripts of the agent under its own policy, and leads to the plain one', () => {
  const script = join(mkdtempSync(join(tmpdir(), 'scalar-')), 'scalar.js.gz')
  writeFileSync(script, gzipSync('let scalar'))
  const { docs, docsScalar, docsStart } = referenceHandlers(plain, [`${script}.missing`, script])
  const page = docs.run(request)
  expect(page.headers?.['Content-Security-Policy']).toBe(REFERENCE_POLICY)
  const loaded = [...String(page.body).matchAll(/(?:src|href|url)="?=?([^"]+)"/g)].map(([, address]) => address)
  expect(loaded).toEqual(['/page/icon.svg', '/docs/plain', '/docs/plain', '/docs/scalar.js', '/docs/start.js'])
  const answer = docsScalar.run(request)
  expect([answer.status, answer.mediaType, answer.headers]).toMatchObject([
    200,
    'text/javascript; charset=utf-8',
    { 'Content-Encoding': 'gzip' },
  ])
  const again = docsScalar.run({ headers: { 'if-none-match': answer.headers?.['ETag'] } } as Request)
  expect([again.status, again.body]).toEqual([304, ''])
  expect(String(docsStart.run(request).body)).toContain('dry-run')
})

test('what is served whole is made once: its bytes and their hash are the same for each request', () => {
  const script = join(mkdtempSync(join(tmpdir(), 'scalar-')), 'scalar.js.gz')
  writeFileSync(script, gzipSync('let scalar'))
  const html = { headers: { accept: 'text/html' }, params: { code: 'not_found' } } as unknown as Request
  const json = { headers: {}, params: { code: 'not_found' } } as unknown as Request
  const { errorPage, openapi, postman } = docsHandlers(CONTRACT, DESCRIBED)
  const { docs, docsPlain, docsScalar, docsStart } = referenceHandlers(plain, [script])
  for (const { run } of [docs, docsScalar, docsStart, openapi, postman]) expect(run(request)).toBe(run(request))
  for (const req of [html, json]) expect(errorPage.run(req)).toBe(errorPage.run(req))
  for (const [{ run }, req] of [
    [docs, request],
    [docsPlain, request],
    [docsScalar, request],
    [docsStart, request],
    [openapi, request],
    [postman, request],
    [errorPage, html],
    [errorPage, json],
  ] as const) {
    const etag = run(req).headers?.['ETag']
    const again = { ...req, headers: { ...req.headers, 'if-none-match': etag } } as Request
    expect(run(again)).toMatchObject({ status: 304, body: '' })
  }
  rmSync(script)
  expect(docsScalar.run(request).status).toBe(200)
})

test('no other page has the policy of the reference', async () => {
  await using http = await startHttp()
  const headers = { Authorization: undefined, Accept: 'text/html' }
  for (const path of ['/', '/docs/plain', '/errors/not_found', '/display/unknown']) {
    const { headers: answered } = await http.call({ path, headers })
    expect(answered['content-security-policy'] ?? '', path).not.toContain('unsafe-inline')
  }
})
