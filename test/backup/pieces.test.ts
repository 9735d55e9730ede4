import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { makeBackup } from '../../agent/backup/make.ts'
import { readManifest } from '../../agent/backup/manifest.ts'
import { pieces } from '../../agent/backup/pieces.ts'
import { parseManifest } from '../../sync/protocol/blob-manifest.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { backUp, PARTS } from './parts.ts'
import { restingState } from './resting-state.ts'

async function cut(portions: readonly string[]): Promise<string[]> {
  async function* given(): AsyncGenerator<string> {
    yield* portions
  }
  const violations: string[] = []
  for await (const piece of pieces(given())) violations.push(piece)
  return violations
}

function event(seq: number): string {
  return `{"t":"ev","seq":${seq},"body":"${'x'.repeat(seq % 50)}"}\n`
}

test('pieces of a journal that has grown are the former ones, and new ones after them', async () => {
  const lines = Array.from({ length: 5500 }, (_, index) => event(index + 1))
  const journal = (count: number, portion: number): string[] => {
    const text = [`{"t":"batch","last":${count}}\n`, ...lines.slice(0, count), `{"t":"end","seq":${count}}\n`]
    const portions: string[] = []
    for (let from = 0; from < text.length; from += portion) portions.push(text.slice(from, from + portion).join(''))
    return portions
  }
  const before = await cut(journal(4500, 200))
  const after = await cut(journal(5500, 137))
  expect(after.join('')).toBe(journal(5500, 1).join(''))
  const unchanged = before.filter((piece) => after.includes(piece))
  // The first line and the last one have the number of events; the last thousand was not full.
  expect(unchanged).toHaveLength(4)
  expect(before).toHaveLength(7)
  expect(after.length - unchanged.length).toBe(4)
})

test('a piece is small however long its lines are, and each table begins one', async () => {
  const long = `{"t":"ev","body":"${'x'.repeat(1 << 20)}"}\n`
  expect((await cut([long.repeat(5)])).map(({ length }) => Math.round(length / (1 << 20)))).toEqual([2, 2, 1])
  const row = (table: string): string => `{"t":"row","table":"${table}","row":[1]}\n`
  expect(await cut([row('a') + row('a') + row('b')])).toEqual([row('a') + row('a'), row('b')])
})

test('a backup has a manifest with its place in the chain, whose parts are the file', async () => {
  const { state } = await restingState()
  const folder = await temporaryDirectory()
  const newBackup = await backUp(state, folder)
  const { manifest, text } = (await readManifest(state)) ?? {}
  expect(manifest).toMatchObject({
    sha256: newBackup.sha256,
    bytes: newBackup.bytes,
    name: 'shop.backup',
    secrets: true,
  })
  // The receiver reads it with separate code.
  expect(parseManifest(text ?? Buffer.of())).toMatchObject({
    agent: newBackup.agent,
    sha256: newBackup.sha256,
    epoch: 1,
  })
  const file = await readFile(join(folder, 'shop.backup'))
  let at = 0
  for (const { bytes } of manifest?.parts ?? []) {
    // Each piece can be read alone.
    expect(gunzipSync(file.subarray(at, at + bytes)).length).toBeGreaterThan(0)
    at += bytes
  }
  expect(at).toBe(file.length)
  const again = await backUp(state, folder, 'again.backup')
  expect(again.sha256).not.toBe(newBackup.sha256)
  const { manifest: second } = (await readManifest(state)) ?? {}
  const names = new Set(manifest?.parts.map(({ sha256 }) => sha256))
  const events = (second?.parts ?? []).filter(({ sha256 }) => names.has(sha256))
  expect(events.length).toBeGreaterThan(1)
  // One without keys, made by hand, does not replace it.
  const bare = await makeBackup({ ...PARTS, stateDirectory: state, path: join(folder, 'bare'), passphrase: undefined })
  expect(bare.manifest).toBeUndefined()
  expect((await readManifest(state))?.manifest.sha256).toBe(again.sha256)
})
