import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Request } from 'express'
import { expect, test } from 'vitest'
import { FiskalError } from '../../agent/errors.ts'
import type { CacheableReply } from '../../agent/http/cacheable.ts'
import { cacheable } from '../../agent/http/cacheable.ts'
import { REFERENCE_POLICY } from '../../agent/http/page/reference-page.ts'
import { referenceHandlers } from '../../agent/http/routes/reference.ts'
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

test('no other page has the policy of the reference', async () => {
  await using http = await startHttp()
  const headers = { Authorization: undefined, Accept: 'text/html' }
  for (const path of ['/', '/docs/plain', '/errors/not_found', '/display/unknown']) {
    const { headers: answered } = await http.call({ path, headers })
    expect(answered['content-security-policy'] ?? '', path).not.toContain('unsafe-inline')
  }
})
