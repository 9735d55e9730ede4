import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../base/durable-file.ts'
import { debianVersion } from '../../base/version.ts'
import type { SchemaState } from './migrations.ts'

const FILE = 'journal.version'

/** True if a journal existed: the version is announced once its first event is on disk. */
export function wasBegun(directory: string): boolean {
  return existsSync(join(directory, FILE))
}

/**
 * The journal's version, for programs that cannot read a database: a package that must not open it is not installed
 * over it. The first line is the bare number of the schema, the others are `name value`, with versions as dpkg compares
 * them. Written before a migration, because the number in the database file waits for a checkpoint; before the event
 * that names another program; in a new journal after its first event.
 */
export function announceVersion(directory: string, { schema, minSafeVersion, writtenBy }: SchemaState): void {
  const path = join(directory, FILE)
  const lines = [schema, `min_safe_version ${debianVersion(minSafeVersion)}`, `written_by ${debianVersion(writtenBy)}`]
  const text = `${lines.join('\n')}\n`
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) replaceFile(path, text)
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
