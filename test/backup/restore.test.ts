// @module-tag heavy
import { randomBytes } from 'node:crypto'
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readBackup } from '../../agent/backup/format.ts'
import { checkpointSigner, keyId } from '../../agent/journal/checkpoint.ts'
import { exportJournal } from '../../agent/journal/export.ts'
import { sealJournal } from '../../agent/journal/seal.ts'
import { openStateDirectory } from '../../agent/state/state-directory.ts'
import { austrianTill, ONE_CARD, receiptOf, sell, verifiedDep } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { event } from '../e2e/goods.ts'
import { receiptOf as documentOf, sell as italianSell, italianTill, ONE_PRINTER } from '../e2e/italy/shop.ts'
import { appendNotes, openJournal, stoppedClock, temporaryDirectory, writing } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { backUp, PARTS, PASSPHRASE, restore } from './parts.ts'
import { restingState } from './resting-state.ts'

test('a reader that stops anywhere in a backup returns, so that a broken restore does not end as if it were done', async () => {
  const folder = await temporaryDirectory()
  const { state, signer } = await restingState()
  const journal = await openJournal(state, { signer })
  await appendNotes(journal, 2000)
  await journal.close()
  const { file } = await backUp(state, folder)
  for (const last of [1, 2, 10, 500, 2000]) {
    let read = 0
    for await (const line of readBackup(file)) {
      expect(line.t).not.toBe('done')
      if (++read === last) break
    }
    expect(read).toBe(last)
  }
})

test('events journalled after the backup come from an export, hash for hash, and only from one of this journal', async () => {
  const folder = await temporaryDirectory()
  const { state, signer } = await restingState()
  const made = await backUp(state, folder)
  const journal = await openJournal(state, { signer })
  await appendNotes(journal, 500)
  await journal.close()
  const tail = join(folder, 'tail.ndjson')
  await exportJournal({ directory: state, file: tail, range: { first: 4, last: 700 }, signer })
  const other = join(folder, 'other')
  expect(await restore(other, made.file, { tails: [tail] })).toMatchObject({ events: 701, filled: 499 })
  expect(await verifyJournal(other)).toMatchObject({ valid: true, epoch: 2 })

  const far = join(folder, 'far.ndjson')
  await exportJournal({ directory: state, file: far, range: { first: 300, last: 700 }, signer })
  const refused = join(folder, 'refused')
  await expect(restore(refused, made.file, { tails: [far] })).rejects.toThrow(
    'events 202 to 299 of the chain are missing',
  )
  const changed = join(folder, 'changed.ndjson')
  await writeFile(changed, (await readFile(tail, 'utf8')).replace('note 7 ', 'note 8 '))
  await expect(restore(refused, made.file, { tails: [changed] })).rejects.toMatchObject({ code: 'backup_damaged' })
  const cut = join(folder, 'cut.ndjson')
  await writeFile(cut, (await readFile(tail, 'utf8')).split('\n').slice(0, -2).join('\n'))
  await expect(restore(refused, made.file, { tails: [cut] })).rejects.toMatchObject({ code: 'backup_damaged' })
  const stranger = await restingState()
  const foreign = join(folder, 'foreign.ndjson')
  await exportJournal({
    directory: stranger.state,
    file: foreign,
    range: { first: 1, last: 9 },
    signer: stranger.signer,
  })
  await expect(restore(refused, made.file, { tails: [foreign] })).rejects.toMatchObject({ code: 'backup_foreign' })
  expect(await readdir(refused)).not.toContain('journal.db')
})

test('events after the backup that are not in the continued epoch stay, and the newest history is taken', async () => {
  const folder = await temporaryDirectory()
  const { state, signer } = await restingState()
  const made = await backUp(state, folder)
  const goOn = async (from: string, range: { first: number; last: number }): Promise<string> => {
    const own = from === state ? signer : checkpointSigner(openStateDirectory(from, PARTS.random).checkpointKey)
    const journal = await openJournal(from, { signer: own })
    await appendNotes(journal, 20)
    await journal.close()
    const file = join(folder, `${basename(from)}.ndjson`)
    await exportJournal({ directory: from, file, range, signer: own })
    return file
  }
  const lost = await goOn(state, { first: 2, last: 221 })
  // Two machines continued from the backup; the second one is the newest.
  const [second, third, restored] = [join(folder, 'second'), join(folder, 'third'), join(folder, 'restored')]
  await restore(second, made.file)
  const branch = await goOn(second, { first: 202, last: 222 })
  await restore(third, made.file)
  const taken = await openJournal(third, {
    signer: checkpointSigner(openStateDirectory(third, PARTS.random).checkpointKey),
  })
  await taken.beginEpoch({ reason: 'operator' }, 2)
  await taken.close()
  const newest = await goOn(third, { first: 203, last: 223 })
  const middle = join(folder, 'middle.ndjson')
  const own = checkpointSigner(openStateDirectory(third, PARTS.random).checkpointKey)
  await exportJournal({ directory: third, file: middle, range: { first: 202, last: 202 }, signer: own })

  const tails = [lost, branch, newest]
  await expect(restore(restored, made.file, { tails })).rejects.toMatchObject({ code: 'backup_foreign' })
  const epochKeys = [second, third].map((state) =>
    keyId(checkpointSigner(openStateDirectory(state, PARTS.random).checkpointKey).publicKey),
  )
  await expect(restore(restored, made.file, { tails: [lost, branch] })).rejects.toMatchObject({
    code: 'backup_epoch_key',
  })
  const one = await restore(restored, made.file, { tails: [lost, branch], epochKeys })
  expect(one).toMatchObject({ events: 223, filled: 21, left_out: 20, epoch: 3 })
  expect(await verifyJournal(restored)).toMatchObject({ valid: true, epoch: 3 })
  await rm(restored, { recursive: true })
  const all = await restore(restored, made.file, { tails: [...tails, middle], epochKeys })
  expect(all).toMatchObject({ events: 224, filled: 22, left_out: 20 + 21, epoch: 4 })
  expect(await verifyJournal(restored)).toMatchObject({ valid: true, epoch: 4 })
  // Omitted events were still checked.
  const lines = (await readFile(lost, 'utf8')).split('\n')
  await writeFile(lost, lines.with(215, lines[215]?.replace('note', 'nota') ?? '').join('\n'))
  await expect(restore(join(folder, 'no'), made.file, { tails: [lost, branch], epochKeys })).rejects.toMatchObject({
    code: 'backup_damaged',
  })
})

test('a state that is newer, of another journal or damaged is never replaced', async () => {
  const folder = await temporaryDirectory()
  const { state, signer } = await restingState()
  const made = await backUp(state, folder)
  const journal = await openJournal(state, { signer })
  await appendNotes(journal, 1)
  await journal.close()
  await expect(restore(state, made.file)).rejects.toMatchObject({ code: 'state_newer' })
  await expect(restore(state, made.file)).rejects.toThrow(/newer than the backup .* there is nothing to restore/)
  const stranger = await restingState()
  await expect(restore(stranger.state, made.file)).rejects.toThrow('of another journal')
  await truncate(join(stranger.state, 'journal.db'), 20_000)
  await expect(restore(stranger.state, made.file)).rejects.toThrow('damaged')
  expect(await verifyJournal(state)).toMatchObject({ valid: true, epoch: 1 })
})

test('a changed byte in the sealed part is damage of the backup', async () => {
  const folder = await temporaryDirectory()
  const { state } = await restingState()
  await writeFile(join(state, 'devices', 'tse-1', 'log'), randomBytes(300_000))
  const { file } = await backUp(state, folder)
  const text = gunzipSync(await readFile(file)).toString()
  for (const name of ['devices/tse-1/log', 'seal.key']) {
    const changed = join(folder, 'changed.backup')
    const line = new RegExp(`("name":"${name}","at":0,"data":"[^"]{60})(.)`)
    await writeFile(changed, gzipSync(text.replace(line, (_, before, sign) => before + (sign === 'A' ? 'B' : 'A'))))
    await expect(restore(join(folder, 'other'), changed)).rejects.toMatchObject({ code: 'backup_damaged' })
  }
  expect(await readdir(join(folder, 'other'))).toEqual(['lock.db'])
})

test('an older state is replaced and kept', async () => {
  const folder = await temporaryDirectory()
  const { state, signer } = await restingState()
  const old = join(folder, 'old')
  await cp(state, old, { recursive: true })
  const journal = await openJournal(state, { signer })
  await appendNotes(journal, 10)
  await journal.close()
  const made = await backUp(state, folder)
  expect(await restore(old, made.file)).toMatchObject({ events: made.events + 1 })
  expect(await readdir(join(old, 'replaced-1'))).toContain('journal.db')
  expect(await verifyJournal(old)).toMatchObject({ valid: true, epoch: 2 })
})

/** In the header of a gzip member, of which each piece is one (RFC 1952 §2.3): no reader uses it. */
const GZIP_TIME = 4

function unzipped(content: Uint8Array): Buffer | undefined {
  try {
    return gunzipSync(content)
  } catch {
    return undefined
  }
}

test('a backup that was cut or changed is refused, and nothing is changed', async () => {
  const folder = await temporaryDirectory()
  const { state } = await restingState()
  const { file, bytes } = await backUp(state, folder)
  const other = join(folder, 'other')
  const bad = join(folder, 'bad.backup')
  const good = await readFile(file)
  const text = gunzipSync(good)
  const changed = (place: number) => good.with(place, (good[place] ?? 0) ^ 0x10)
  const places = Array.from({ length: 16 }, (_, at) => Math.floor((bytes * at) / 16))
  const cut = places.map((place, at) => (at % 2 === 0 ? good.subarray(0, place) : changed(place)))
  for (const [at, content] of [...cut, changed(GZIP_TIME)].entries()) {
    await writeFile(bad, content)
    const outcome = await restore(other, bad).then(
      () => 'restored',
      (error: { code?: string }) => error.code,
    )
    if (unzipped(content)?.equals(text) === true) {
      expect(outcome).toBe('restored')
      await rm(other, { recursive: true })
      continue
    }
    expect(['backup_damaged', 'backup_foreign', 'passphrase_wrong'], `byte ${places[at]}: ${outcome}`).toContain(
      outcome,
    )
    expect(await readdir(other)).not.toContain('journal.db')
  }
  // Bytes that decompress differently before the check of the whole: a line without a required member.
  const lines = gunzipSync(await readFile(file))
    .toString('utf8')
    .split('\n')
  for (const [kind, member] of [
    ['ev', 'mono'],
    ['batch', 'chain'],
    ['end', 'cp'],
    ['backup', 'epoch'],
  ] as const) {
    const lost = lines.map((line) => (line.startsWith(`{"t":"${kind}"`) ? line.replace(`"${member}":`, '"x":') : line))
    await writeFile(bad, gzipSync(lost.join('\n')))
    await expect(restore(other, bad)).rejects.toMatchObject({ code: 'backup_damaged' })
  }
  await writeFile(bad, 'no backup at all')
  await expect(restore(other, bad)).rejects.toThrow('is not a backup')
})

test('secrets are sealed under the passphrase: none is in the file, none comes out with another', async () => {
  const folder = await temporaryDirectory()
  const { state, canary } = await restingState()
  const { file } = await backUp(state, folder)
  const text = gunzipSync(await readFile(file)).toString('latin1')
  const key = await readFile(join(state, 'seal.key'))
  for (const form of [canary, PASSPHRASE, key.toString('latin1'), key.toString('base64'), key.toString('hex')])
    expect(text).not.toContain(form)
  expect(text).not.toContain((await readFile(join(state, 'checkpoint.key'))).toString('base64').slice(30))
  const other = join(folder, 'other')
  await expect(restore(other, file, { passphrase: 'another' })).rejects.toMatchObject({ code: 'passphrase_wrong' })
  // As large as the journal, and with its keys in the clear.
  expect(await readdir(other)).toEqual(['lock.db'])
  await expect(restore(other, file, { passphrase: undefined })).rejects.toMatchObject({ code: 'passphrase_missing' })
  expect(await restore(other, file, { passphrase: undefined, withoutSecrets: true, unsealed: true })).toMatchObject({
    secrets: false,
  })
  expect(await readdir(other)).not.toContain('seal.key')
  await rm(other, { recursive: true })
  await restore(other, file)
  expect(await readFile(join(other, 'devices', 'tse-1', 'key'), 'utf8')).toBe(canary)
  expect(await readFile(join(other, 'seal.key'))).toEqual(key)
})

test('sealed months are made again, byte for byte', async () => {
  const folder = await temporaryDirectory()
  const clock = stoppedClock('2026-03-31T23:59:00Z')
  const { state, signer } = await restingState(clock)
  clock.moveTo('2026-04-01T00:01:00Z')
  const journal = await openJournal(state, { signer, clock })
  const [seal] = await sealJournal({
    directory: state,
    journal,
    write: writing(signer),
    clock,
    fault: () => undefined,
  })
  await journal.close()
  // An export that a person put there is not a segment.
  await writeFile(join(state, 'segments', 'export.ndjson'), '{"t":"end"}\n')
  const made = await backUp(state, folder)
  const other = join(folder, 'other')
  await restore(other, made.file)
  const name = join('segments', seal?.file ?? '')
  expect(await readFile(join(other, name))).toEqual(await readFile(join(state, name)))
  expect(await verifyJournal(other)).toMatchObject({ valid: true, seals: 1 })
})

test('an Austrian register continues after a loss only if nothing is missing; else it is ended', async () => {
  const folder = await temporaryDirectory()
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  await sell(register, '10.00')
  const { file } = await backUp(bench.config.state, folder)
  const lost = receiptOf(await sell(register, '7.00'))
  const tail = join(folder, 'tail.ndjson')
  await writeFile(tail, await bench.exported('journal'))
  await bench.stop()

  const state = join(folder, 'state')
  await expect(restore(state, file)).rejects.toMatchObject({ code: 'receipts_may_be_missing' })
  // Only the paper shows whether a tail is complete: the refusal names the last receipt in the journal.
  await expect(restore(state, file)).rejects.toThrow('Kassa (here until receipt 2 of ')
  await expect(restore(state, file, { tails: [tail] })).rejects.toThrow(
    /here until receipt 3 of .*and say --nothing-lost/,
  )
  await restore(state, file, { tails: [tail], word: 'nothing_lost' })
  await using filled = await Bench.open({ config: { ...ONE_CARD, state } })
  const moved = { ...register, till: filled.client({ 'X-Register-Api-Key': register.key }) }
  const next = receiptOf(await sell(moved, '5.00'))
  expect(Number(next.receipt_number)).toBe(Number(lost.receipt_number) + 1)
  expect(await verifiedDep(filled, register.id)).toMatchObject({ valid: true })

  const closed = join(folder, 'closed')
  expect(await restore(closed, file, { word: 'close_registers' })).toMatchObject({ closed: [register.id] })
  await using ended = await Bench.open({ config: { ...ONE_CARD, state: closed } })
  const till = ended.client({ 'X-Register-Api-Key': register.key })
  const refused = await till.call({
    path: '/v1/operations',
    body: event('session_open', register.id, { opening_balance_amount: '0.00' }),
  })
  expect([refused.status, refused.json['code']]).toEqual([409, 'register_decommissioned'])
  expect(await ended.office.get(`/v1/registers/${register.id}`)).toMatchObject({ status: 'inactive' })
})

test('an Italian register continues after a loss without any confirmation: its printer counts on its own', async () => {
  const folder = await temporaryDirectory()
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  await italianSell(register, '10.00')
  const { file } = await backUp(bench.config.state, folder)
  await italianSell(register, '7.00')
  await bench.stop()

  const state = join(folder, 'state')
  // The option concerns Austria: it ends no register of a printer.
  expect(await restore(join(folder, 'closed'), file, { word: 'close_registers' })).toMatchObject({ closed: [] })
  await restore(state, file)
  await using filled = await Bench.open({ config: { ...ONE_PRINTER, state } })
  const moved = { ...register, till: filled.client({ 'X-Register-Api-Key': register.key }) }
  expect(documentOf(await italianSell(moved, '5.00'))).toMatchObject({ document_type: 'sale' })
})

test('a disk that is full leaves the backup before it, and no half of a new one', async () => {
  const folder = await temporaryDirectory()
  const { state } = await restingState()
  const { file, sha256 } = await backUp(state, folder)
  const path = '/dev/full/shop.backup'
  const parts = { ...PARTS, stateDirectory: state, passphrase: PASSPHRASE }
  const { makeBackup } = await import('../../agent/backup/make.ts')
  await expect(makeBackup({ ...parts, path })).rejects.toMatchObject({ code: 'ENOTDIR' })
  const failing = (point: string): void => {
    if (point === 'backup.written') throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  }
  await expect(makeBackup({ ...parts, path: file, fault: failing })).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await readdir(folder)).toEqual(['shop.backup'])
  const again = await restore(join(folder, 'other'), file)
  expect([again.epoch, sha256]).toEqual([2, sha256])
})

test('a backup of before the first start replaces a state of after it, also one that lost its log', async () => {
  const folder = await temporaryDirectory()
  const { state, signer } = await restingState()
  const made = await backUp(state, folder)
  const journal = await openJournal(state, { signer })
  journal.becameReady()
  await appendNotes(journal, 2)
  const copy = join(folder, 'copy')
  await cp(state, copy, { recursive: true })
  await journal.close()
  for (const name of ['journal.db-wal', 'journal.db-shm']) await rm(join(copy, name))
  await expect(openJournal(copy, { signer })).rejects.toMatchObject({ code: 'journal_lost' })
  // Only a state that can be read is compared.
  await rm(join(copy, 'journal.db'))
  await restore(copy, made.file)
  const own = checkpointSigner(openStateDirectory(copy, PARTS.random).checkpointKey)
  const restored = await openJournal(copy, { signer: own })
  expect(restored.headSeq).toBe(202)
  await restored.close()
})
