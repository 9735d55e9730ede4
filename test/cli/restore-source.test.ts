// @module-tag heavy
import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { ReceiverSource } from '../../agent/cli/restore/source.ts'
import { fetchFromReceiver } from '../../agent/cli/restore/source.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { once } from '../waits.ts'

const SOURCE = new URL('../../agent/cli/restore/source.ts', import.meta.url).href

function read(path: string): Uint8Array {
  return readFileSync(path)
}
const [NEW, OLD] = ['aa'.repeat(32), 'bb'.repeat(32)]

/** A receiver that lists these backups and gives none of them, or these bytes; resolves to how the attempt ended. */
async function attempt(backups: readonly object[], more: Partial<ReceiverSource>, blob?: Buffer): Promise<unknown> {
  const folder = await temporaryDirectory()
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(String(request.url))
    const isList = request.url?.includes('/backups') === true
    response.writeHead(isList || blob !== undefined ? 200 : 404, { 'content-type': 'application/json' })
    response.end(isList ? JSON.stringify({ data: backups, chains: [] }) : blob)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const tokenFile = join(folder, 'token')
  await writeFile(tokenFile, 'token')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const source = {
    url,
    agentId: 'a',
    tokenFile,
    folder,
    needsKeys: true,
    most: 1e9,
    say: () => undefined,
    read,
    ...more,
  }
  const { message } = (await fetchFromReceiver(source).catch((error: unknown) => error)) as Error
  return { message, blob: asked.find((path) => path.includes('/blobs/'))?.slice(-73, -9) }
}

function listed(sha256: string, madeAt: string, secrets: boolean) {
  return { sha256, state: 'whole', created_at: madeAt, secrets }
}

test('a newest backup without the keys is not taken automatically if an older one has them', async () => {
  const both = [listed(NEW, '2026-11-21T20:00:00.000Z', false), listed(OLD, '2026-11-20T20:00:00.000Z', true)]
  const refused = await attempt(both, {})
  expect(refused).toMatchObject({ message: expect.stringMatching(/--backup bbbbbbbbbbbbbbbb .*--no-secrets/) })
  expect(refused).toMatchObject({ message: expect.stringContaining('2026-11-20T20:00') })
  const blobOf = async (more: Partial<ReceiverSource>, backups = both) => JSON.stringify(await attempt(backups, more))
  expect(await blobOf({ needsKeys: false })).toContain(`/${NEW}`)
  expect(await blobOf({ backup: 'bbbb' })).toContain(`/${OLD}`)
  expect(await blobOf({ backup: 'aaaa' })).toContain(`/${NEW}`)
  expect(await blobOf({}, both.slice(0, 1))).toContain(`/${NEW}`)
  expect(await blobOf({}, [listed(NEW, '2026-11-21T20:00:00.000Z', true), ...both.slice(1)])).toContain(`/${NEW}`)
})

test('a receiver that gives the backup of another agent is detected before any download', async () => {
  const part = { sha256: OLD, bytes: 4 }
  const place = { name: 'a', agent: 'b', chain: 'c', epoch: 1, seq: 1, head: Buffer.alloc(32).toString('base64url') }
  const about = { t: 'blob_parts', v: 1, ...place, created_at: '2026-11-21T20:00:00.000Z', secrets: true }
  const manifest = Buffer.from(JSON.stringify({ ...about, ...part, parts: [part] }))
  const backups = [listed(hash('sha256', manifest), about.created_at, true)]
  const ended = await attempt(backups, {}, manifest)
  expect(ended).toMatchObject({ message: expect.stringContaining('of another agent') })
})

test('a receiver writes only into the folder of its restore, whatever it calls its chains', async () => {
  const outside = await temporaryDirectory()
  const folder = join(outside, 'received')
  const part = Buffer.from('part')
  const place = {
    name: 'a',
    agent: 'a',
    chain: '/../../evil',
    epoch: 1,
    seq: 1,
    head: Buffer.alloc(32).toString('base64url'),
  }
  const sum = { sha256: hash('sha256', part), bytes: part.length }
  const about = { t: 'blob_parts', v: 1, ...place, created_at: '2026-11-21T20:00:00.000Z', secrets: true }
  const manifest = Buffer.from(JSON.stringify({ ...about, ...sum, parts: [sum] }))
  const chains = [
    { chain_id: place.chain, epoch: 1 },
    { chain_id: '/../../worse', epoch: 2 },
  ]
  const answers: readonly (readonly [RegExp, Buffer])[] = [
    [/\/backups/, Buffer.from(JSON.stringify({ data: [listed(hash('sha256', manifest), '', true)], chains }))],
    [new RegExp(hash('sha256', manifest)), manifest],
    [new RegExp(sum.sha256), part],
    [/journal/, Buffer.from('{}\n')],
  ]
  const server = createServer(({ url = '' }, response) => {
    const [, body] = answers.find(([path]) => path.test(url)) ?? []
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const tokenFile = join(outside, 'token')
  await writeFile(tokenFile, 'token')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const source = { url, agentId: 'a', tokenFile, folder, needsKeys: true, most: 1e9, say: () => undefined, read }
  await expect(fetchFromReceiver(source)).rejects.toMatchObject({ code: 'receiver_damaged' })
  expect((await readdir(outside)).sort()).toEqual(['received', 'token'])
})

test('a download that was broken off needs room for the rest alone', async () => {
  const directory = await temporaryDirectory()
  const pieces = [Buffer.alloc(2 * 2 ** 20, 1), Buffer.alloc(2 ** 20, 2)]
  const parts = pieces.map((piece) => ({ sha256: hash('sha256', piece), bytes: piece.length }))
  const whole = Buffer.concat(pieces)
  const place = { name: 'a', agent: 'a', chain: 'c', epoch: 1, seq: 1, head: Buffer.alloc(32).toString('base64url') }
  const about = { t: 'blob_parts', v: 1, ...place, created_at: '2026-11-21T20:00:00.000Z', secrets: true }
  const sum = { sha256: hash('sha256', whole), bytes: whole.length }
  const manifest = Buffer.from(JSON.stringify({ ...about, ...sum, parts }))
  const entries = new Map([
    [hash('sha256', manifest), manifest],
    ...parts.map(({ sha256 }, at) => [sha256, pieces[at]] as const),
  ])
  let isBroken = true
  const server = createServer(({ url = '' }, response) => {
    const list = { data: [listed(hash('sha256', manifest), '', true)], chains: [] }
    const blob = entries.get(/[0-9a-f]{64}/.exec(url)?.[0] ?? '')
    const isGiven = blob !== undefined && !(isBroken && blob === pieces[1])
    // The next attempt gets it.
    if (blob === pieces[1]) isBroken = false
    const body = url.includes('/backups') ? Buffer.from(JSON.stringify(list)) : isGiven ? blob : undefined
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const program = `const { fetchFromReceiver } = await import(${JSON.stringify(SOURCE)})
    const source = { url: ${JSON.stringify(url)}, agentId: 'a', tokenFile: 't', folder: process.argv[1],
      needsKeys: true, most: 1e9, say: () => undefined, read: () => Buffer.from('token') }
    const code = ({ code }) => code
    console.log(JSON.stringify([await fetchFromReceiver(source).catch(code), await fetchFromReceiver(source).catch(code)]))`
  // 4 MiB less the reserve of a twentieth take the backup of 3 MiB, and not another one after the first 2 MiB of it.
  const script = 'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$1" --input-type=module -e "$2" "$0"'
  const disk = ['-rm', 'sh', '-c', script, directory, process.execPath, program]
  const { stdout } = await promisify(execFile)('unshare', disk)
  expect(JSON.parse(stdout)).toEqual([
    'receiver_refuses',
    { file: join(directory, `${sum.sha256.slice(0, 16)}.backup`), tails: [] },
  ])
})
