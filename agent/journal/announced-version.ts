import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../base/durable-file.ts'
import { isAtLeast, packageVersion } from '../../base/version.ts'
import type { SchemaState } from './migrations.ts'
import { minSafeVersion, SCHEMA } from './migrations.ts'

const FILE = 'journal.version'

/** True if a journal existed: the version is announced once its first event is on disk. */
export function wasBegun(directory: string): boolean {
  return existsSync(join(directory, FILE))
}

/**
 * The journal's version, for programs that cannot read a database: a package that must not open it is not installed
 * over it. The first line is the bare number of the schema, the others are `name value`. Written before the migration,
 * because the number in the database file waits for a checkpoint; in a new journal after its first event. The version
 * that a newer program announced stays.
 */
export function announceVersion(directory: string): void {
  const program = packageVersion()
  const { schema, writtenBy } = announcedState(directory)
  if (schema > SCHEMA || (schema === SCHEMA && isAtLeast(writtenBy, program))) return
  const lines = [SCHEMA, `min_safe_version ${minSafeVersion()}`, `written_by ${program}`]
  replaceFile(join(directory, FILE), `${lines.join('\n')}\n`)
}

/** The announced version; schema 0 if no version was announced. */
export function announcedState(directory: string): SchemaState {
  const path = join(directory, FILE)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const value = (name: string): string => new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? ''
  return {
    schema: Number(/^\d+$/m.exec(text)?.[0] ?? 0),
    minSafeVersion: value('min_safe_version'),
    writtenBy: value('written_by'),
  }
}
