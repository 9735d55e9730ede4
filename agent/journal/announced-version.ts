import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../durable-file.ts'
import { packageVersion } from '../version.ts'
import { MIGRATIONS, minSafeVersion } from './migrations.ts'
import { isAtLeast } from './program-versions.ts'

const FILE = 'journal.version'

/** True where there was a journal: its version is announced once its first event is on disk. */
export function wasBegun(directory: string): boolean {
  return existsSync(join(directory, FILE))
}

/**
 * What the journal has from now on, for programs that cannot read a database: a package that must not open it is not
 * installed over it. The first line is the bare number of the schema, the others are `name value`. Written before the
 * migration; the number in the database's own head waits for a checkpoint. Of a new journal it is written behind its first
 * event. What a newer program announced stays.
 */
export function announceVersion(directory: string): void {
  const path = join(directory, FILE)
  const program = packageVersion()
  const [schema = 0, writtenBy = ''] = existsSync(path) ? announced(readFileSync(path, 'utf8')) : []
  if (schema > MIGRATIONS.length || (schema === MIGRATIONS.length && isAtLeast(writtenBy, program))) return
  replaceFile(path, `${MIGRATIONS.length}\nmin_safe_version ${minSafeVersion()}\nwritten_by ${program}\n`)
}

function announced(text: string): [schema: number, writtenBy: string] {
  return [Number(/^\d+$/m.exec(text)?.[0] ?? 0), /^written_by (\S+)$/m.exec(text)?.[1] ?? '']
}
