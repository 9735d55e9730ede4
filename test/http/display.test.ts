import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { displayTextsModule, TEXTS } from '../../agent/http/page/display-texts.ts'
import { startHttp } from './harness.ts'
import { DISPLAY_TOKEN } from './memory-application.ts'

const OPEN = { Authorization: undefined }
const PAGE = `/display/${DISPLAY_TOKEN}`
const FOLDER = join(import.meta.dirname, '..', '..', 'agent', 'http', 'page', 'display')

test('the display needs no key, runs its own files alone, and nothing of it is stored', async () => {
  await using http = await startHttp()
  const page = await http.call({ path: PAGE, headers: { ...OPEN, 'Accept-Language': 'it' } })
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  const policy = page.headers['content-security-policy'] ?? ''
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
  expect(page.body).toContain('<html lang="it"')
  expect(page.body).toContain('Bäckerei &lt;b&gt;&amp;')
  expect(page.body).not.toMatch(/\{\{|<style|<script(?![^>]* src="\/page\/)| style=| on\w+=|https?:\/\//)
  const now = await http.call({ path: `${PAGE}/now`, headers: OPEN })
  expect([now.status, now.body]).toEqual([200, '{"receipt":null}'])
  expect(now.headers).toMatchObject({ 'cache-control': 'no-store', etag: '"1"' })
})

test('every file that the display names is served with its type', async () => {
  await using http = await startHttp()
  const { body } = await http.call({ path: PAGE, headers: OPEN })
  const named = [...body.matchAll(/(?:href|src)="(\/page\/[^"]+)"/g)].map(([, path]) => path ?? '')
  const names = named.map((path) => path.slice('/page/'.length))
  expect(names).toEqual(expect.arrayContaining([...globSync('*.{js,css}', { cwd: FOLDER }), 'display-texts.js']))
  for (const path of named) {
    const file = await http.call({ path, headers: OPEN })
    expect([file.status, file.headers['x-content-type-options']]).toEqual([200, 'nosniff'])
    if (path.endsWith('display-texts.js')) expect(file.body).toBe(displayTextsModule())
    expect(file.headers['content-type']).toMatch(/^(text\/(javascript|css); charset=utf-8|image\/svg\+xml)$/)
  }
})

test('the display imports the texts that the agent has', async () => {
  const text = encodeURIComponent(displayTextsModule())
  const served: { TEXTS: unknown } = await import(`data:text/javascript,${text}`)
  expect(served.TEXTS).toEqual(TEXTS)
})

test('a display that has the answer gets 304, and only a GET counts as shown', async () => {
  await using http = await startHttp()
  const { fetched } = http.application
  const ask = async (method: 'GET' | 'HEAD', tag?: string) => {
    const headers = tag === undefined ? {} : { 'If-None-Match': tag }
    const answer = await fetch(`http://127.0.0.1:${http.port}${PAGE}/now`, { method, headers })
    return { status: answer.status, body: await answer.text() }
  }
  expect(await ask('HEAD')).toMatchObject({ status: 200, body: '' })
  expect(await ask('HEAD', '"1"')).toMatchObject({ status: 304, body: '' })
  expect(fetched).toEqual([])
  expect(await ask('GET', '"1"')).toMatchObject({ status: 304, body: '' })
  expect(await ask('GET', '"0"')).toMatchObject({ status: 200, body: '{"receipt":null}' })
  expect(await ask('GET', '*')).toMatchObject({ status: 304, body: '' })
  expect(fetched).toEqual(['"1"', '"0"', '"1"', '*'])
  const logged = http.lines.filter(({ route }) => route === '/display/{token}/now')
  expect(logged.map(({ status }) => status)).toEqual([200, 200])
  expect(JSON.stringify(http.lines)).not.toContain(DISPLAY_TOKEN)
})

test.each([
  ['one letter', 'Z'],
  ['too short', DISPLAY_TOKEN.slice(1)],
  ['too long', `${DISPLAY_TOKEN}A`],
  ['a zero byte', `${DISPLAY_TOKEN}%00`],
  ['an umlaut', `${DISPLAY_TOKEN.slice(1)}%C3%84`],
  ['small letters', DISPLAY_TOKEN.toLowerCase()],
  ['encoded twice', DISPLAY_TOKEN.replaceAll('A', '%2541')],
  ['a path above', `%2e%2e%2f${DISPLAY_TOKEN}`],
  ['a member of every object', '__proto__'],
  ['a constructor', 'constructor'],
  ['very long', 'A'.repeat(1500)],
])('a wrong address has the same page without a name, and 404 behind it: %s', async (_what, token) => {
  await using http = await startHttp()
  const page = await http.call({ path: `/display/${token}`, headers: OPEN })
  const right = await http.call({ path: PAGE, headers: OPEN })
  expect(page.status).toBe(200)
  expect(page.body).toBe(right.body.replaceAll('Bäckerei &lt;b&gt;&amp;', '').replace('Markt', ''))
  const now = await http.json({ path: `/display/${token}/now`, headers: OPEN })
  expect(now).toMatchObject({ status: 404, json: { code: 'not_found', details: { resource: 'display' } } })
  if (token !== 'Z') expect(now.body + JSON.stringify(http.lines)).not.toContain(token)
})

test('a display is only read: another method, a slash and a broken escape are refused', async () => {
  await using http = await startHttp()
  for (const path of [PAGE, `${PAGE}/now`]) {
    const refused = await http.call({ method: 'POST', path, headers: OPEN })
    expect([refused.status, refused.headers['allow']]).toEqual([405, 'GET, HEAD'])
    expect((await http.call({ path: `${path}/`, headers: OPEN })).status).toBe(404)
  }
  expect((await http.call({ path: '/display/%E0%A4%A/now', headers: OPEN })).status).toBe(400)
  expect((await http.call({ path: '/display/', headers: OPEN })).status).toBe(404)
  const foreign = await http.call({ path: `${PAGE}/now`, headers: { ...OPEN, 'Sec-Fetch-Site': 'cross-site' } })
  expect(foreign.status).toBe(403)
})
