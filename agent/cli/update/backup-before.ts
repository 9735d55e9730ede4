import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../agent-config.ts'
import { wasBegun } from '../../journal/announced-version.ts'
import { ServiceError } from '../service/host.ts'
import { print } from '../terminal/output.ts'
import { KEPT, run } from './commands.ts'

/** A backup of the journal before that version migrates it; it replaces the one of the update before. */
export function backUpBefore({ state, backup }: Config, configFile: string | undefined, version: string): void {
  if (!wasBegun(state)) return
  const file = join(KEPT, `before-${version}.backup`)
  rmSync(file, { force: true })
  const secrets = backup.passphraseFile === undefined ? ['--no-secrets'] : ['--passphrase-file', backup.passphraseFile]
  const config = configFile === undefined ? [] : ['--config', configFile]
  const { isDone, text } = run(process.execPath, [process.argv[1] ?? '', 'backup', file, ...secrets, ...config])
  if (!isDone) {
    const own = text.split('\n').findLast((line) => line.startsWith('fiskal-edge: ')) ?? ''
    throw new ServiceError(
      'update_failed',
      `No backup could be made: ${own.replace(/^fiskal-edge: /, '')} Nothing was changed.`,
    )
  }
  const others = readdirSync(KEPT)
    .map((name) => join(KEPT, name))
    .filter((path) => path.endsWith('.backup') && path !== file)
  for (const other of others) rmSync(other)
  print(`  backup: ${file}`)
}
