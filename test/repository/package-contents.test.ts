import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compileRooms } from '../../scripts/package/contents.ts'
import { ROOT } from '../cli/command.ts'

test('a package holds every file that the status page loads, as it is in the source', () => {
  const folder = mkdtempSync(join(tmpdir(), 'contents-'))
  try {
    compileRooms(ROOT, folder)
    const page = join('agent', 'http', 'page', 'status')
    const files = globSync('*.{html,css,js,svg}', { cwd: join(ROOT, page) })
    expect(files.length).toBeGreaterThan(8)
    expect(globSync('*', { cwd: join(folder, page) }).sort()).toEqual(files.sort())
    for (const file of files)
      expect(readFileSync(join(folder, page, file))).toEqual(readFileSync(join(ROOT, page, file)))
  } finally {
    rmSync(folder, { recursive: true })
  }
})
