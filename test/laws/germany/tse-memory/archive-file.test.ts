// @module-tag heavy
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeArchive, writeUnchecked } from '../../../../agent/laws/germany/memory/archive-file.ts'
import { systemClock } from '../../../../base/clock.ts'
import { sha256 } from '../../../../base/sha256.ts'
import { TseSimulator } from '../../../../drivers/tse-simulator/driver.ts'
import { verifyTar } from '../../../../verify/tse/verify-tar.ts'
import { collect, once, sell } from '../../../contracts/tse-checks.ts'
import { temporaryDirectory } from '../../../journal/temporary-journal.ts'

async function unitWith(sales: number): Promise<{ tse: TseSimulator; folder: string; path: string }> {
  const folder = await temporaryDirectory()
  const tse = new TseSimulator({ directory: join(folder, 'unit'), clock: systemClock })
  onTestFinished(() => tse.close())
  await tse.registerClient('till-1')
  await sell(tse, sales)
  return { tse, folder, path: join(folder, 'a.tar') }
}

function hasRoom() {
  return true
}

/** The power fails when so many bytes are on disk. */
async function* cutOff(chunks: AsyncIterable<Uint8Array>, atByte: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    yield chunk.subarray(0, Math.max(0, atByte - bytes))
    bytes += chunk.length
    if (bytes >= atByte) throw new Error('power cut')
  }
}

test('an archive that broke off continues at the last complete log, and is the same as one in a single piece', async () => {
  const { tse, path, folder } = await unitWith(40)
  const cut = { path, resumes: true, filtered: false, hasRoom }
  const asked: (number | undefined)[] = []
  for (const atByte of [20_000, 47_111, 70_000])
    await expect(
      writeArchive({
        ...cut,
        logs: (after) => {
          asked.push(after)
          return cutOff(tse.exportLogs(after === undefined ? {} : { afterCounter: after }), 20_000)
        },
      }),
      String(atByte),
    ).rejects.toThrow('power cut')
  const { report, bytes } = await writeArchive({
    ...cut,
    logs: (after) => {
      asked.push(after)
      return tse.exportLogs(after === undefined ? {} : { afterCounter: after })
    },
  })
  expect(report).toMatchObject({ valid: true, firstCounter: 1 })
  expect(asked).toHaveLength(4)
  expect(asked.slice(1).every((after, index) => (after ?? 0) > (asked[index] ?? 0))).toBe(true)
  const written = await readFile(path)
  expect(written).toHaveLength(bytes)
  expect((await verifyTar(once(written))).logs).toBe(report.logs)
  expect((await readdir(folder)).toSorted()).toEqual(['a.tar', 'unit'])
})

test("a part that does not match the unit's logs is thrown away, and the archive made from its beginning", async () => {
  const { tse, path } = await unitWith(3)
  const other = await unitWith(5)
  const stranger = await collect(other.tse, {})
  await writeFile(`${path}.part`, stranger.subarray(0, stranger.length - 4000))
  const { report } = await writeArchive({
    ...{ path, resumes: true, filtered: false, hasRoom, serial: (await tse.identity()).serial },
    logs: (after) => tse.exportLogs(after === undefined ? {} : { afterCounter: after }),
  })
  expect(report).toMatchObject({ valid: true, serial: (await tse.identity()).serial })
})

test('an archive with a log that is missing or unsigned is invalid: it says which, and leaves no file', async () => {
  const { tse, path, folder } = await unitWith(2)
  const archive = Buffer.from(await collect(tse, {}))
  const at = archive.indexOf('Beleg^7.00')
  const forged = Buffer.from(archive)
  forged.write('Beleg^9.00', at, 'latin1')
  const written = writeArchive({ path, resumes: false, filtered: false, hasRoom, logs: () => once(forged) })
  await expect(written).rejects.toMatchObject({
    code: 'unprocessable_entity',
    message: expect.stringContaining('the signature does not fit'),
  })
  expect(await readdir(folder)).toEqual(['unit'])
})

test('wrong logs of a unit are handed over unchanged if they must be, and logs that a line garbled are not', async () => {
  const { tse, path } = await unitWith(1)
  tse.inject('wrong-signature@finish#1')
  await sell(tse, 1)
  const held = { path, resumes: false, filtered: false, asHeld: true, hasRoom }
  const { report } = await writeArchive({ ...held, logs: () => tse.exportLogs({}) })
  const findings = [{ what: 'the signature does not fit the content' }]
  expect(report).toMatchObject({ sound: false, findings })
  expect(await verifyTar(once(await readFile(path)))).toMatchObject({ findings })

  let isFirst = true
  const garbled = async function* (): AsyncGenerator<Uint8Array> {
    const archive = Buffer.from(await collect(tse, {}))
    archive.write('X', isFirst ? archive.indexOf('Beleg^') : archive.lastIndexOf('Beleg^'), 'latin1')
    isFirst = false
    yield archive
  }
  await rm(path)
  const written = writeArchive({ ...held, logs: garbled })
  await expect(written).rejects.toMatchObject({ code: 'unprocessable_entity' })
})

test('an archive whose reader checks it is written as it comes, and a disk without space ends it too', async () => {
  const { tse, path, folder } = await unitWith(1)
  const garbled = Buffer.from(await collect(tse, {}))
  garbled.write('X', garbled.indexOf('Beleg^'), 'latin1')
  const asked = { path, resumes: false, filtered: false, hasRoom, logs: () => once(garbled) }
  expect(await writeUnchecked(asked)).toMatchObject({ bytes: garbled.length, sha256: sha256(garbled).toString('hex') })
  expect(await readFile(path)).toEqual(garbled)
  await rm(path)
  const large = () => once(Buffer.alloc(5_000_000))
  const full = writeUnchecked({ ...asked, logs: large, hasRoom: () => false })
  await expect(full).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(await readdir(folder)).toEqual(['unit'])
})

test('a disk without space ends it, and the used space is freed', async () => {
  const { tse, path, folder } = await unitWith(1)
  const order = Buffer.alloc(60_000, 'x')
  for (let count = 0; count < 70; count += 1) {
    const { transaction } = await tse.start('till-1')
    await tse.finish(transaction, 'till-1', 'Bestellung-V1', order)
  }
  const full = writeArchive({
    ...{ path, resumes: true, filtered: false, hasRoom: () => false },
    logs: () => tse.exportLogs({}),
  })
  await expect(full).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(await readdir(folder)).toEqual(['unit'])
})
