import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { matchFiles } from '../../agent/cli/verify/together.ts'
import { describeBooks } from '../../agent/journal/books/findings.ts'
import type { Scope } from '../../agent/regimes/kassensichv/archive-match.ts'
import type { Bench } from '../e2e/bench.ts'

/** The memory of the TSE and the journal of a running agent, exported one after the other and compared. */
export async function matched(bench: Bench, scope: Scope = 'whole') {
  const archive = await bench.exported('tse_tar')
  return matchedWith(bench, [archive], scope)
}

/** The same with archives that were made before. */
export async function matchedWith(bench: Bench, archives: readonly Uint8Array[], scope: Scope = 'whole') {
  const folder = await mkdtemp(join(tmpdir(), 'matched-'))
  try {
    const journal = join(folder, 'journal.ndjson')
    await writeFile(journal, await bench.exported('journal'))
    const files = archives.map((_, index) => join(folder, `tse-${index}.tar`))
    for (const [index, file] of files.entries()) await writeFile(file, archives[index] ?? '')
    const { findings, ...report } = await matchFiles(journal, files, scope)
    return {
      ...report,
      findings,
      codes: findings.map(({ code }) => code),
      sentences: findings.map((finding) => describeBooks(finding, 'de')),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
