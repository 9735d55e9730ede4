import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceError } from '../service/host.ts'
import { run } from './commands.ts'
import type { Package } from './packages.ts'

/** In each package. */
const LAUNCHER = 'opt/fiskal-edge/bin/fiskal-edge'
const LISTED_MAX = 20

/**
 * The reasons why the given package cannot take over here, in its words, before anything stops: it is unpacked into a
 * separate folder and reads agent.json and the journal. Throws `update_no_space`.
 */
export function refusalsOf({ file, version }: Package, configFile: string): readonly string[] {
  // Its commands become the owner of the journal, who must read them too.
  const folder = mkdtempSync(join(tmpdir(), 'fiskal-edge-update-'))
  try {
    chmodSync(folder, 0o755)
    if (!run('dpkg-deb', ['-x', file, folder]).isDone)
      throw new ServiceError(
        'update_no_space',
        `fiskal-edge ${version} could not be unpacked into ${tmpdir()}: free space. Nothing was changed.`,
      )
    const program = join(folder, LAUNCHER)
    return [
      ['config', 'check', configFile],
      ['journal', 'check', '--config', configFile],
    ].flatMap((args) => refusalOf(program, args))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function refusalOf(program: string, args: readonly string[]): readonly string[] {
  const { isDone, text } = run(program, args)
  if (isDone) return []
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.length > 0 ? lines.slice(0, LISTED_MAX) : [`${args.slice(0, 2).join(' ')} did not end well`]
}
