import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deferred, requestBytes, startHttp } from './harness.ts'
import { MERCHANT, PLATFORM_KEY, REGISTER_KEY } from './memory-application.ts'

const FILE = '/v1/exports/exp_1/file'
const LINK = `${FILE}?signature=good&expires=9`
const PLATFORM = { Authorization: `Bearer ${PLATFORM_KEY}` }
const REGISTER = { Authorization: undefined, 'X-Register-Api-Key': REGISTER_KEY }
const KEYLESS = { Authorization: undefined }
const WRONG = { Authorization: 'Bearer ofk_platform_wrong' }

async function withFile() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'fiskal-http-'))
  const path = join(folder.path, 'export.zip')
  await writeFile(path, 'package')
  const http = await startHttp()
  http.application.file = { path, fileName: 'dsfinvk.zip', mediaType: 'application/zip' }
  return {
    ...http,
    [Symbol.asyncDispose]: async () => {
      await http[Symbol.asyncDispose]()
      await folder.remove()
    },
  }
}

test('the file of an export is fetched by each kind of key, without a link', async () => {
  await using http = await withFile()
  for (const headers of [PLATFORM, REGISTER, { ...PLATFORM, 'X-OpenFiskal-Merchant': MERCHANT }]) {
    for (const query of ['', '?signature=&expires=', '?signature=forged&expires=9', '?signature=good']) {
      const answer = await http.call({ path: `${FILE}${query}`, headers })
      expect([query, answer.status, answer.body]).toEqual([query, 200, 'package'])
    }
  }
  const head = await fetch(`http://127.0.0.1:${http.port}${FILE}`, { method: 'HEAD', headers: PLATFORM })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '7'])
  expect(http.application.calls).toContain('file exp_1 register')
})

test('a valid link is enough with any key and without one, and asks no one else', async () => {
  await using http = await withFile()
  for (const headers of [KEYLESS, PLATFORM, REGISTER, WRONG]) {
    expect((await http.call({ path: LINK, headers })).body).toBe('package')
  }
  expect(http.application.calls).toEqual([])
})

test('without a key a link is needed whole; a wrong key without a link is a wrong key', async () => {
  await using http = await withFile()
  const refusalOf = async (path: string, headers: Record<string, string | undefined>) => {
    const { status, json } = await http.json({ path, headers })
    return [status, json['code'], json.details]
  }
  const required = (...names: string[]) => ({
    reason: 'schema',
    errors: names.map((name) => ({ pointer: `/${name}`, message: 'is required' })),
  })
  expect(await refusalOf(FILE, KEYLESS)).toEqual([400, 'invalid_request', required('signature', 'expires')])
  expect(await refusalOf(`${FILE}?signature=good&expires=`, KEYLESS)).toEqual([
    400,
    'invalid_request',
    required('expires'),
  ])
  const unknown = { resource: 'export', id: 'exp_1' }
  expect(await refusalOf(`${FILE}?signature=forged&expires=9`, KEYLESS)).toEqual([404, 'not_found', unknown])
  for (const query of ['', '?signature=forged&expires=9'])
    expect((await refusalOf(`${FILE}${query}`, WRONG)).slice(0, 2)).toEqual([401, 'unauthorized'])
  for (const query of ['?other=1', '?signature=a&signature=b'])
    expect((await refusalOf(`${FILE}${query}`, PLATFORM)).slice(0, 2)).toEqual([400, 'invalid_request'])
  const elsewhere = await refusalOf(FILE, { Authorization: undefined, 'X-Api-Key': PLATFORM_KEY })
  expect(elsewhere).toMatchObject([401, 'unauthorized', { header: 'Authorization' }])
  const foreign = await refusalOf(FILE, { ...PLATFORM, 'X-OpenFiskal-Merchant': 'merchant_2' })
  expect(foreign).toEqual([404, 'not_found', { resource: 'merchant' }])
  expect(http.application.calls).toEqual([])
})

test('a caller whose connection breaks while its file is made ends the wait', async () => {
  await using http = await withFile()
  const made = deferred()
  http.application.fileMade = made.promise
  const socket = connect(http.port, '127.0.0.1')
  socket.write(requestBytes(http.port, { path: FILE }))
  await expect.poll(() => http.application.calls).toEqual(['file exp_1 platform'])
  socket.resetAndDestroy()
  await expect.poll(() => http.lines.filter(({ message }) => message === 'request')).toHaveLength(1)
  made.resolve()
  await expect.poll(() => http.application.calls).toContain('gone')
  expect(http.lines.filter(({ level }) => level === 'error')).toEqual([])
})
