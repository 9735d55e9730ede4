// @module-tag heavy
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Bon } from '../../../../agent/laws/germany/dsfinvk/bon.ts'
import { writeDsfinvk } from '../../../../agent/laws/germany/dsfinvk/export.ts'
import type { Spooled } from '../../../../agent/laws/germany/dsfinvk/spool.ts'
import { Spool } from '../../../../agent/laws/germany/dsfinvk/spool.ts'
import { zipArchive } from '../../../../agent/laws/germany/dsfinvk/zip.ts'
import type { Finding } from '../../../../verify/dsfinvk/finding.ts'
import { describeFinding } from '../../../../verify/dsfinvk/finding.ts'
import { verifyDsfinvk } from '../../../../verify/dsfinvk/verify-package.ts'
import { bakeryDay } from './bakery.ts'
import { filesOf, inDirectory, packageOf, readBytes } from './package.ts'
import { closingOf, Signer, sourceOf } from './signer.ts'

const NAMES = [
  'index.xml',
  'gdpdu-01-09-2004.dtd',
  ...['cashpointclosing', 'location', 'cashregister', 'slaves', 'pa', 'tse', 'vat', 'businesscases', 'payment'],
  ...['cash_per_currency', 'transactions', 'datapayment', 'lines', 'itemamounts', 'subitems', 'transactions_tse'],
  ...['transactions_vat', 'lines_vat', 'allocation_groups', 'references'],
].map((name) => (name.includes('.') ? name : `${name}.csv`))
const AT = { number: 1, createdAt: '2026-03-02T17:05:02+01:00' }

function bakery(change: (bons: Bon[]) => Bon[] = (bons) => bons) {
  const signer = new Signer('EDGE-000123')
  return sourceOf(closingOf(AT, change(bakeryDay(signer)), [signer]))
}

test('the archive is flat, in the order of the standard, and the same bytes for the same books', async () => {
  await inDirectory(async (directory) => {
    const source = bakery()
    const first = await packageOf(source, directory, 'first.zip')
    const second = await packageOf(source, directory, 'second.zip')
    expect([...(await filesOf(first)).keys()]).toEqual(NAMES)
    expect((await readBytes(first)).equals(await readBytes(second))).toBe(true)
    // Neither the time of day nor the zone of the machine is in it.
    expect((await readBytes(first)).readUInt32LE(10)).toBe(0x0021_0000)
  })
})

test('an archive fails when a file is too large for ZIP, or was removed', async () => {
  const bytesOf = async (file: Spooled): Promise<number> => {
    let sum = 0
    for await (const portion of zipArchive([file])) sum += portion.length
    return sum
  }
  await inDirectory(async (directory) => {
    const spool = Spool.open('lines.csv', join(directory, 'lines.csv'))
    spool.append('a;b')
    const file = await spool.close()
    expect(file.bytes).toBe(3)
    expect(await bytesOf(file)).toBeGreaterThan(100)
    const tooLarge = { code: 'dsfinvk_too_large' }
    await expect(bytesOf({ ...file, bytes: 0x1_0000_0000 })).rejects.toMatchObject(tooLarge)
    await expect(bytesOf({ ...file, compressedBytes: 0x1_0000_0000 })).rejects.toMatchObject(tooLarge)
    await expect(bytesOf({ ...file, path: join(directory, 'gone.csv') })).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test('amounts that do not add up are refused with bon and column, and leave no file', async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/package.zip`
    const wrong = bakery((bons) =>
      bons.map((bon) =>
        bon.id === 3 ? { ...bon, payments: bon.payments.map((one) => ({ ...one, cents: 1n })) } : bon,
      ),
    )
    const error = await writeDsfinvk({ source: wrong, path }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'dsfinvk_refused' })
    expect((error as { findings: unknown[] }).findings).toContainEqual(
      expect.objectContaining({ file: 'transactions.csv', bon: '3', column: 'UMS_BRUTTO', line: 4 }),
    )
    expect(describeFinding((error as { findings: Finding[] }).findings[0] ?? { what: '', rule: '' })).toBe(
      'transactions.csv:4, reg-abc123 Z 1, bon 3, UMS_BRUTTO: is not the sum of the payments (§ 12.3)',
    )
    expect(await readdir(directory)).toEqual([])
  })
})

test('a package whose reader checks it has the same bytes, and one with a fault is left to that check', async () => {
  await inDirectory(async (directory) => {
    const [checked, unchecked, faulty] = ['checked', 'unchecked', 'faulty'].map((name) =>
      join(directory, `${name}.zip`),
    )
    const source = bakery()
    const { sha256, signaturesVerified } = await writeDsfinvk({ source, path: checked ?? '' })
    const other = await writeDsfinvk({ source, path: unchecked ?? '', unchecked: true })
    expect(other).toMatchObject({ sha256, signaturesVerified: undefined })
    expect(signaturesVerified).toBeGreaterThan(0)
    const wrong = bakery((bons) => bons.filter(({ id }) => id !== 4))
    await writeDsfinvk({ source: wrong, path: faulty ?? '', unchecked: true })
    expect((await verifyDsfinvk(faulty ?? '')).findings).toMatchObject([{ column: 'BON_ID' }])
  })
})

test.each([
  ['a bon is missing', (bons: Bon[]) => bons.filter(({ id }) => id !== 4), 'BON_ID'],
  ['nothing was closed', () => [], ''],
])('refused when %s', async (_what, change, column) => {
  await inDirectory(async (directory) => {
    const writing = writeDsfinvk({ source: bakery(change), path: `${directory}/package.zip` })
    await expect(writing).rejects.toThrow(column === '' ? 'has no bon' : column)
    expect(await readdir(directory)).toEqual([])
  })
})

test('an empty range is refused, not an empty package', async () => {
  await inDirectory(async (directory) => {
    const writing = writeDsfinvk({ source: sourceOf(), path: `${directory}/package.zip` })
    await expect(writing).rejects.toThrow('nothing to export')
  })
})

test('a bon refers to one of another register, whichever of the two comes first', async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/package.zip`
    const signers = [new Signer('EDGE-000123'), new Signer('EDGE-000123')]
    const source = (from: string, bonId: string, date: string | undefined = AT.createdAt) => {
      const reference = { type: 'Transaktion', date, closing: 1, bonId } as const
      const closings = ['reg-1', 'reg-2'].map((registerId, index) => {
        const references = [{ ...reference, registerId: registerId === 'reg-1' ? 'reg-2' : 'reg-1' }]
        const refer = (bon: Bon): Bon => (bon.id === 3 && registerId === from ? { ...bon, references } : bon)
        const bons = bakeryDay(signers[index] as Signer).map(refer)
        return closingOf({ ...AT, registerId }, bons, signers)
      })
      return sourceOf(...closings)
    }
    await writeDsfinvk({ source: source('reg-2', '2'), path })
    await writeDsfinvk({ source: source('reg-1', '2'), path })
    for (const from of ['reg-1', 'reg-2']) {
      await expect(writeDsfinvk({ source: source(from, '7'), path })).rejects.toMatchObject({
        findings: [{ file: 'references.csv', line: 2, closing: `${from} Z 1`, bon: '3', column: 'REF_BON_ID' }],
      })
      const bonEnd = '2026-03-02T08:14:41+01:00'
      await expect(writeDsfinvk({ source: source(from, '2', bonEnd), path })).rejects.toMatchObject({
        findings: [{ closing: `${from} Z 1`, bon: '3', column: 'REF_DATUM' }],
      })
    }
  })
})

test('a TSE of which nothing is recorded is named', async () => {
  await inDirectory(async (directory) => {
    const signer = new Signer('EDGE-000123')
    const source = sourceOf(closingOf(AT, bakeryDay(signer), []))
    await expect(writeDsfinvk({ source, path: `${directory}/package.zip` })).rejects.toThrow(signer.master.serial)
  })
})

test('no file is created by a cancelled build', async () => {
  await inDirectory(async (directory) => {
    const spools = Array.from({ length: 200 }, (_, index) => Spool.open('table', join(directory, `${index}.csv`)))
    await Promise.all(spools.map((spool) => spool.destroy()))
    for (const name of await readdir(directory)) await rm(join(directory, name))
    // A write still in progress would have finished by now.
    for (let looks = 0; looks < 20; looks++) expect(await readdir(directory)).toEqual([])
  })
})

test('a build that was cut off at any point leaves no package, and the next one starts again', async () => {
  for (const point of ['dsfinvk.built', 'file.opened', 'file.written', 'file.synced', 'dsfinvk.checked']) {
    await inDirectory(async (directory) => {
      const path = `${directory}/package.zip`
      const source = bakery()
      const fault = (reached: string): void => {
        if (reached === point) throw new Error('power cut')
      }
      await expect(writeDsfinvk({ source, path, fault })).rejects.toThrow('power cut')
      expect(await readdir(directory)).not.toContain('package.zip')
      await packageOf(source, directory)
      expect(await verifyDsfinvk(path)).toMatchObject({ valid: true })
      expect(await readdir(directory)).toEqual(['package.zip'])
    })
  }
})

test('an export that is cancelled ends and leaves nothing', async () => {
  await inDirectory(async (directory) => {
    const writing = writeDsfinvk({ source: bakery(), path: `${directory}/package.zip`, signal: AbortSignal.abort() })
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' })
    expect(await readdir(directory)).toEqual([])
  })
})
