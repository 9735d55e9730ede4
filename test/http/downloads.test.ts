import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { requestBytes, startHttp } from './harness.ts'

const DOWNLOADS_MAX = 16
const PATH = '/v1/exports/exp_1/file?signature=good&expires=9'
/** More than the system takes off the agent's hands for a caller that does not read. */
const BYTES = 12 << 20

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fiskal-http-'))
  await writeFile(join(folder, 'large'), Buffer.alloc(BYTES, 0x61))
  await writeFile(join(folder, 'small'), 'log message')
})

afterAll(() => rm(folder, { recursive: true }))

/** The maximum number of downloads, which read only the beginning; later clients ask for a small one. */
async function fullyTaken({ port, application }: Awaited<ReturnType<typeof startHttp>>): Promise<Socket[]> {
  const file = { path: join(folder, 'large'), fileName: 'export', mediaType: 'application/x-tar' }
  application.file = file
  const sockets = await Promise.all(
    Array.from({ length: DOWNLOADS_MAX }, async () => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      socket.write(requestBytes(port, { path: PATH }))
      await new Promise((resolve) => socket.once('readable', resolve))
      return socket
    }),
  )
  application.file = { ...file, path: join(folder, 'small') }
  return sockets
}

test('at most sixteen files are sent at the same time; all else is answered, and the next after one ended', async () => {
  await using http = await startHttp({ stalledMs: 600_000 })
  const [first, ...others] = await fullyTaken(http)
  const refused = await http.json({ path: PATH })
  expect([refused.status, refused.json['code'], refused.headers['retry-after']]).toEqual([
    429,
    'rate_limit_exceeded',
    '10',
  ])
  expect((await http.call({ path: '/v1/operations' })).status).toBe(200)
  first?.destroy()
  await expect.poll(async () => (await http.call({ path: PATH })).status).toBe(200)
  for (const socket of others) socket.destroy()
})

test('a client that reads nothing of a file for a minute is cut off, and frees its place', heavy(), async () => {
  await using http = await startHttp({ stalledMs: 200 })
  const sockets = await fullyTaken(http)
  await expect.poll(async () => (await http.call({ path: PATH })).status).toBe(200)
  for (const socket of sockets) socket.destroy()
})
