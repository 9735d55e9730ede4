// @module-tag heavy
import { generateKeyPairSync } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import { exportJournal } from '../../agent/journal/export.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { lastEvents } from '../../agent/journal/reader.ts'
import { verifyExport } from '../../verify/journal/export.ts'
import { appendNote, appendNotes, openJournal, signer, stoppedClock, temporaryDirectory } from './temporary-journal.ts'

async function* portions(data: Uint8Array, size = 700): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
}

async function exported(directory: string, range: Parameters<typeof exportJournal>[0]['range'] = {}) {
  const file = join(directory, 'out.ndjson')
  const result = await exportJournal({ directory, file, range, signer })
  return { result, data: await readFile(file) }
}

test('a running journal is exported as one signed file that verifies on its own', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 450)
  const { result, data } = await exported(directory)
  const lines = data.toString().split('\n')
  expect(lines.pop()).toBe('')
  expect(lines).toHaveLength(453)
  const [batch, first] = lines.map((line) => JSON.parse(line))
  expect(batch).toEqual({ t: 'batch', v: 1, chain: journal.chain, epoch: 1, first: 1, last: 451, prev: 'A'.repeat(43) })
  expect(Object.keys(first)).toEqual(['t', 'seq', 'kind', 'op', 'at', 'boot', 'mono', 'body', 'hash'])
  const report = await verifyExport(portions(data))
  expect(report).toMatchObject({ valid: true, firstSeq: 1, lastSeq: 451, events: 451, head: result.head, findings: [] })
  expect((await stat(join(directory, 'out.ndjson'))).mode & 0o777).toBe(0o600)
  expect((await readdir(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  expect([...lastEvents(directory, 2)].map(({ seq }) => seq)).toEqual([450, 451])
  await journal.close()
})

test('an export that is cancelled in the middle leaves nothing', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 450)
  const stopping = new AbortController()
  const fault = (point: string): void => {
    if (point === 'file.opened') stopping.abort()
  }
  const file = join(directory, 'out.ndjson')
  const given = exportJournal({ directory, file, range: {}, signer, fault, signal: stopping.signal })
  await expect(given).rejects.toMatchObject({ name: 'AbortError' })
  expect((await readdir(directory)).filter((name) => name.startsWith('out'))).toEqual([])
  await journal.close()
})

test('the verifier of exports shares no code with the journal and is short enough to be read', async () => {
  const text = await readFile(new URL('../../verify/journal/export.ts', import.meta.url), 'utf8')
  expect(text.match(/from '.*'/g)).toEqual(["from 'node:crypto'"])
  expect(text.split('\n').length).toBeLessThanOrEqual(157)
})

test('every single-byte change of an export is rejected', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 2)
  await journal.close()
  const { data } = await exported(directory)
  expect(await verifyExport(portions(data))).toMatchObject({ valid: true })
  const accepted: number[] = []
  for (let at = 0; at < data.length; at++) {
    const changed = Buffer.from(data)
    // Another letter of the same class if there is one, so that the change survives as far as possible.
    changed[at] = (data[at] ?? 0) ^ 1
    if ((await verifyExport(portions(changed, changed.length))).valid) accepted.push(at)
  }
  expect(accepted).toEqual([])
})

test('a cut, repeated, reordered or prolonged export is rejected and the event named', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 4)
  await journal.close()
  const { data } = await exported(directory)
  const lines = data.toString().split(/(?<=\n)/)
  const verdict = async (changed: (string | undefined)[]) => {
    const { valid, findings } = await verifyExport(portions(Buffer.from(changed.join(''))))
    expect(valid).toBe(false)
    return findings.map(({ seq, rule }) => [rule, seq])[0]
  }
  const [batch, e1, e2, e3, e4, e5, end] = lines
  expect(await verdict([])).toEqual(['truncated', 1])
  expect(await verdict([batch, e1, e2])).toEqual(['truncated', 3])
  expect(await verdict([batch, e1, e2, e3, e4, e5])).toEqual(['truncated', 5])
  expect(await verdict([batch, e1, e2, end])).toEqual(['truncated', 3])
  expect(await verdict([batch, e1, e3, e2, e4, e5, end])).toEqual(['sequence', 2])
  expect(await verdict([batch, e1, e2, e2, e3, e4, e5, end])).toEqual(['sequence', 3])
  expect(await verdict([...lines, end])).toEqual(['surplus', 5])
  expect(await verdict([data.toString().slice(0, -1)])).toEqual(['encoding', 5])
  expect(await verdict([`\ufeff${data}`])).toEqual(['encoding', 1])
  expect(await verdict([data.toString().replaceAll('\n', '\r\n')])).toEqual(['encoding', 1])
  expect(await verdict([batch, e1, e2?.replace('"op":""', '"op":"","op":""'), e3, e4, e5, end])).toEqual([
    'encoding',
    2,
  ])
})

test('a part needs the key of the agent, and no other key will do', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 20)
  const { result, data } = await exported(directory, { first: 5, last: 9 })
  expect(result).toMatchObject({ first: 5, last: 9 })
  const stranger = checkpointSigner(generateKeyPairSync('ed25519').privateKey)
  expect(await verifyExport(portions(data), signer.publicKey)).toMatchObject({ valid: true, events: 5 })
  expect(await verifyExport(portions(data))).toMatchObject({ valid: false, findings: [{ rule: 'public_key' }] })
  expect(await verifyExport(portions(data), stranger.publicKey)).toMatchObject({ findings: [{ rule: 'checkpoint' }] })
  await journal.close()
})

test('tills get their slots while a range of times is searched', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 6000)
  const turnsOf = async (range: { from?: string; to?: string }): Promise<number> => {
    let [turns, isOver] = [0, false]
    const count = (): void => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    await expect(exported(directory, range)).rejects.toMatchObject({ code: 'journal_range_empty' })
    isOver = true
    return turns
  }
  expect(await turnsOf({ from: '2999-01-01T00:00:00.000Z' })).toBeGreaterThan(2)
  expect(await turnsOf({ to: '1999-01-01T00:00:00.000Z' })).toBeGreaterThan(2)
  await journal.close()
})

test('a time range reaches from the first event in it to the last, though the clock jumped', async () => {
  const directory = await temporaryDirectory()
  const clock = stoppedClock('2026-03-01T08:00:00Z')
  const journal = await openJournal(directory, { clock })
  for (const time of [
    '2026-03-02T08:00:00Z',
    '2026-03-01T23:00:00Z',
    '2026-03-03T08:00:00Z',
    '2026-03-02T23:59:59.999Z',
  ]) {
    clock.moveTo(time)
    await appendNote(journal, time)
  }
  const range = async (from?: string, to?: string) => {
    const { first, last } = (await exported(directory, { from, to })).result
    return [first, last]
  }
  expect(await range()).toEqual([1, 5])
  expect(await range('2026-03-02T00:00:00.000Z', '2026-03-03T00:00:00.000Z')).toEqual([2, 5])
  expect(await range(undefined, '2026-03-02T00:00:00.000Z')).toEqual([1, 3])
  expect(await range('2026-03-03T00:00:00.000Z')).toEqual([4, 5])
  await expect(range('2026-04-01T00:00:00.000Z')).rejects.toMatchObject({ code: 'journal_range_empty' })
  await expect(exported(directory, { first: 3, last: 9 })).rejects.toMatchObject({ code: 'journal_range_empty' })
  await journal.close()
})

test('a damaged event is not signed into an export', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 10)
  await journal.close()
  const db = new Database(journalPath(directory))
  db.exec(
    "DROP TRIGGER event_append_only_update; UPDATE event SET body = replace(body, 'note 3', 'note 4') WHERE seq = 5",
  )
  db.close()
  await expect(exported(directory)).rejects.toMatchObject({ code: 'journal_damaged', seq: 5 })
  expect(await readdir(directory)).not.toContain('out.ndjson')
})
