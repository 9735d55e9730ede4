// @module-tag heavy
import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { PackageWriter } from '../../../../agent/laws/germany/dsfinvk/package-writer.ts'
import { manyClosings } from './many-closings.ts'
import { inDirectory } from './package.ts'

/** The bons of a till in an afternoon. */
const FEW_BONS = 40

async function bytesIn(directory: string): Promise<number> {
  const sizes = (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

test('rows are synced to the disk on the way, however few bons each closing has', async () => {
  await inDirectory(async (directory) => {
    const writer = new PackageWriter(directory)
    writer.open()
    for (const closing of manyClosings(500, FEW_BONS)) await writer.add(closing, undefined)
    const before = await bytesIn(directory)
    await writer.close()
    expect(before).toBeGreaterThan(0.5 * (await bytesIn(directory)))
  })
})

test('years of closings are written, checked and read within a small heap', async () => {
  await inDirectory(async (directory) => {
    const child = join(import.meta.dirname, 'many-closings-child.ts')
    const flags = ['--max-old-space-size=18', '--max-semi-space-size=1']
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, child, directory, '8000'])
    expect(JSON.parse(stdout)).toEqual({ closings: 8000, read: 8000 })
  })
})
