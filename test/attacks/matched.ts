import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeBooks } from '../../agent/journal/books/findings.ts'
import { matchFiles } from '../../agent/laws/germany/verify-together.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import type { Bench } from '../e2e/bench.ts'

/** The memory of the TSE and the journal of a running agent, exported one after the other and compared. */
export async function matched(bench: Bench, isWhole = true) {
  const archive = await bench.exported('tse_tar')
  return matchedWith(bench, [archive], isWhole)
}

/** The same with archives that were made before. */
export async function matchedWith(bench: Bench, archives: readonly Uint8Array[], isWhole = true) {
  const folder = await mkdtemp(join(tmpdir(), 'matched-'))
  try {
    const journal = join(folder, 'journal.ndjson')
    await writeFile(journal, await bench.exported('journal'))
    const files = archives.map((_, index) => ({ file: join(folder, `tse-${index}.tar`), isWhole }))
    for (const [index, { file }] of files.entries()) await writeFile(file, archives[index] ?? '')
    const { findings, ...report } = await matchFiles(journal, files)
    return {
      ...report,
      findings,
      codes: findings.map(({ code }) => code),
      sentences: findings.map((finding) => describeBooks(finding, 'de', LAW_BOOKS)),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
