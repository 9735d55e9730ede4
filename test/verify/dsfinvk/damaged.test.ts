// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PackageReport } from '../../../verify/dsfinvk/verify-package.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { bakeryDay } from '../../laws/germany/dsfinvk/bakery.ts'
import { inDirectory, packageOf, readBytes } from '../../laws/germany/dsfinvk/package.ts'
import { closingOf, Signer, sourceOf } from '../../laws/germany/dsfinvk/signer.ts'

const POSITIONS = 60

/** The verdict on a package of these bytes. */
async function verdictOf(bytes: Buffer, directory: string): Promise<PackageReport | { code: unknown }> {
  const path = join(directory, 'damaged.zip')
  await writeFile(path, bytes)
  return verifyDsfinvk(path).catch((error: { code?: unknown }) => ({ code: error.code }))
}

const CHECKSUM = 'the CRC-32 is not that of the file'
const [CENTRAL, LOCAL] = [0x02014b50, 0x04034b50]

/** The start of the header of that kind before a name. */
function headerOf(bytes: Buffer, signature: number, name: string): number {
  const [length, before] = signature === CENTRAL ? [28, 46] : [26, 30]
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) {
    const header = at - before
    const isHeader = header >= 0 && bytes.readUInt32LE(header) === signature
    if (isHeader && bytes.readUInt16LE(header + length) === name.length) return header
  }
  throw new Error(`no header of ${name}`)
}

test.each([
  ['the checksum at the end', [[CENTRAL, 16]], CHECKSUM],
  ['the checksum before the file', [[LOCAL, 14]], CHECKSUM],
  [
    'both checksums',
    [
      [CENTRAL, 16],
      [LOCAL, 14],
    ],
    CHECKSUM,
  ],
  ['the name before the file', [[LOCAL, 30]], 'the local header has another name'],
] as const)('a file of which %s is not right is named', async (_what, places, told) => {
  await inDirectory(async (directory) => {
    const signer = new Signer('EDGE-000123')
    const at = { number: 1, createdAt: '2026-03-02T17:05:02+01:00' }
    const whole = await readBytes(await packageOf(sourceOf(closingOf(at, bakeryDay(signer), [signer])), directory))
    for (const name of ['index.xml', 'slaves.csv', 'lines.csv', 'references.csv', 'transactions_tse.csv']) {
      const changed = Buffer.from(whole)
      for (const [signature, offset] of places) {
        const place = headerOf(whole, signature, name) + offset
        changed.writeUInt8(changed.readUInt8(place) ^ 1, place)
      }
      const findings = [{ file: name, what: told, rule: '§ 1' }]
      expect(await verdictOf(changed, directory)).toMatchObject({ valid: false, bons: 6, findings })
    }
  })
})

/** The verification also throws nothing asynchronously: vitest fails a run in which an error has no listener. */
test('a package that was cut or changed anywhere is reported as such, with a code', async () => {
  await inDirectory(async (directory) => {
    const signer = new Signer('EDGE-000123')
    const at = { number: 1, createdAt: '2026-03-02T17:05:02+01:00' }
    const source = sourceOf(closingOf(at, bakeryDay(signer), [signer]))
    const whole = await readBytes(await packageOf(source, directory))
    let found = 0
    for (let index = 0; index < POSITIONS; index++) {
      const place = Math.floor((index * whole.length) / POSITIONS)
      const changed = Buffer.from(whole)
      changed.writeUInt8(changed.readUInt8(place) ^ 0x55, place)
      const verdict = await verdictOf(changed, directory)
      if ('code' in verdict) expect(verdict.code, `byte ${place}`).toBe('package_damaged')
      // Some bytes carry no information: a time, a version, a bit after the end of a stream.
      found += 'code' in verdict || !verdict.valid ? 1 : 0
      expect(await verdictOf(whole.subarray(0, place), directory)).toEqual({ code: 'package_damaged' })
    }
    expect(found).toBeGreaterThan(POSITIONS / 2)
  })
})
