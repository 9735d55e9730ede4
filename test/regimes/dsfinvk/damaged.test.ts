import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PackageReport } from '../../../agent/regimes/kassensichv/dsfinvk/check/verify.ts'
import { verifyDsfinvk } from '../../../agent/regimes/kassensichv/dsfinvk/check/verify.ts'
import { bakeryDay } from './bakery.ts'
import { inDirectory, packageOf, readBytes } from './package.ts'
import { closingOf, Signer, sourceOf } from './signer.ts'

const POSITIONS = 60

/** What is told of a package of these bytes. */
async function verdictOf(bytes: Buffer, directory: string): Promise<PackageReport | { code: unknown }> {
  const path = join(directory, 'damaged.zip')
  await writeFile(path, bytes)
  return verifyDsfinvk(path).catch((error: { code?: unknown }) => ({ code: error.code }))
}

/** Also nothing is thrown beside the verification: vitest fails a run in which an error has no listener. */
test('a package that was cut or changed anywhere is told as such, with a code', async () => {
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
      // Some bytes say nothing: a time, a version, a bit behind the end of a stream.
      found += 'code' in verdict || !verdict.valid ? 1 : 0
      expect(await verdictOf(whole.subarray(0, place), directory)).toEqual({ code: 'package_damaged' })
    }
    expect(found).toBeGreaterThan(POSITIONS / 2)
  })
})
