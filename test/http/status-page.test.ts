import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TEXTS, textsModule } from '../../agent/http/page/texts.ts'
import { startHttp } from './harness.ts'

const OPEN = { Authorization: undefined }
const FOLDER = join(import.meta.dirname, '..', '..', 'agent', 'http', 'page', 'status')

test('the page may run its own files and nothing else, and holds no inline script or style', async () => {
  await using http = await startHttp()
  const page = await http.call({ path: '/', headers: OPEN })
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  const policy = page.headers['content-security-policy'] ?? ''
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect(page.headers['referrer-policy']).toBe('no-referrer')
  expect(page.body).not.toMatch(/<style|<script(?![^>]* src="\/page\/)| style=| on\w+=|https?:\/\//)
})

test('everything that the page names is served with its type, and revalidated by its content', async () => {
  await using http = await startHttp()
  const page = await http.call({ path: '/', headers: OPEN })
  const named = [...page.body.matchAll(/(?:href|src)="(\/page\/[^"]+)"/g)].map(([, path]) => path ?? '')
  const files = globSync('*.{js,css,svg}', { cwd: FOLDER })
  expect(named.map((path) => path.slice('/page/'.length)).sort()).toEqual([...files, 'texts.js'].sort())
  for (const path of named) {
    const file = await http.call({ path, headers: OPEN })
    const name = path.slice('/page/'.length)
    const body = name === 'texts.js' ? textsModule() : readFileSync(join(FOLDER, name), 'utf8')
    expect([file.status, file.body]).toEqual([200, body])
    expect(file.headers['content-type']).toMatch(/^(text\/(javascript|css); charset=utf-8|image\/svg\+xml)$/)
    const again = await http.call({ path, headers: { ...OPEN, 'If-None-Match': file.headers['etag'] } })
    expect([again.status, again.body]).toEqual([304, ''])
  }
})

test('the page imports the texts that the agent has', async () => {
  await using http = await startHttp()
  const { body } = await http.call({ path: '/page/texts.js', headers: OPEN })
  const served: { TEXTS: unknown } = await import(`data:text/javascript,${encodeURIComponent(body)}`)
  expect(served.TEXTS).toEqual(TEXTS)
})

test.each(['tsconfig.json', 'index.html', '..%2fframe.ts', '%2e%2e%2f%2e%2e%2fapp.ts', '__proto__', 'constructor'])(
  'no other file is served: %s',
  async (name) => {
    await using http = await startHttp()
    expect((await http.json({ path: `/page/${name}`, headers: OPEN })).status).toBe(404)
  },
)

test.each([
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['it', 'it'],
  ['fr,en;q=0.5', 'en'],
  ['fr', 'en'],
  [undefined, 'en'],
])('a client that asks for %s gets the page in %s', async (accepted, language) => {
  await using http = await startHttp()
  const page = await http.call({ path: '/', headers: { ...OPEN, 'Accept-Language': accepted } })
  expect(page.body).toContain(`<html lang="${language}">`)
  expect(page.headers['vary']).toBe('Accept-Language')
})

test('a foreign page can neither frame it nor have it under another name', async () => {
  await using http = await startHttp()
  const rebound = await http.call({ path: '/', headers: { ...OPEN, Host: 'evil.example' } })
  const foreign = await http.call({ path: '/page/status.js', headers: { ...OPEN, 'Sec-Fetch-Site': 'cross-site' } })
  expect([rebound.status, foreign.status]).toEqual([421, 403])
})
