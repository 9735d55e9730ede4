import { constants, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { rfc3339, systemClock } from '../../../base/clock.ts'
import type { Config } from '../../agent-config.ts'
import { namedPaths } from '../../agent-config.ts'
import { readPlainFile } from '../../tls/plain-file.ts'
import type { System } from '../service/files.ts'
import type { HandedUnits } from '../service/handed-files.ts'
import { COPIES, wayIn } from '../service/handed-files.ts'
import { isLive, show } from '../service/host.ts'
import type { Finding } from './finding.ts'
import { caution } from './finding.ts'

/** A change reaches the agent sooner: at once, or after 5 s if it was made during a copy. */
const ARRIVES_MS = 10_000

/** Files of the configuration that the unit does not pass on, or of which the agent uses older content. */
export function checkHanded(config: Config, system: System, handed: readonly HandedUnits[]): Finding[] {
  // Only root can read folders of root.
  if (process.getuid?.() !== 0) return []
  const others = namedPaths(config).filter((path) => !handed.some(({ file }) => file === path))
  const findings = others.flatMap((path) => notHanded(config, system, path))
  // A stopped service uses no copy.
  if (!isLive(system) || show('ActiveState') !== 'active') return findings
  return [...findings, ...handed.flatMap(compared)]
}

/** Empty for a file that the agent may read itself. */
function notHanded({ state }: Config, system: System, path: string): Finding[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  const owner = statSync(state, { throwIfNoEntry: false })
  if (stats === undefined || owner === undefined || mayRead(stats, owner)) return []
  const { opened } = wayIn(system)(path)
  if (opened === undefined)
    return [caution('secrets', `${path} has too long a name for systemd: the agent has to read it itself`, 'rename it')]
  const message = `${path} is not handed to the agent, because others than root may change ${opened}, and the agent may not read it`
  return [caution('secrets', message, 'move it to /etc/fiskal-edge, correct its key, then fiskal-edge service install')]
}

type Rights = { uid: number; gid: number; mode: number }

function mayRead(file: Rights, { uid, gid }: { uid: number; gid: number }): boolean {
  if (file.uid === uid) return (file.mode & constants.S_IRUSR) !== 0
  return (file.mode & (file.gid === gid ? constants.S_IRGRP : constants.S_IROTH)) !== 0
}

function compared({ file, copy, service }: HandedUnits): Finding[] {
  const handed = join(COPIES, copy)
  const copyStats = statSync(handed, { throwIfNoEntry: false })
  const fileStats = statSync(file, { throwIfNoEntry: false })
  const of = copyStats === undefined ? '' : rfc3339(Math.floor(copyStats.mtimeMs))
  if (fileStats === undefined) {
    // The check of the configuration reports a missing file.
    if (copyStats === undefined) return []
    return [
      caution(
        'secrets',
        `${file} does not exist: the agent uses its copy of ${of}`,
        'put it back; the agent reads it automatically',
      ),
    ]
  }
  if (!fileStats.isFile())
    return [
      caution(
        'secrets',
        copyStats ? `${file} is not a file: the agent uses its copy of ${of}` : `${file} is not a file`,
        'replace it with a file',
      ),
    ]
  if (copyStats !== undefined && isSame(file, handed)) return []
  if (systemClock.now() - fileStats.ctimeMs < ARRIVES_MS) return []
  const message =
    copyStats === undefined ? `${file} does not reach the agent` : `the agent uses a copy of ${file} of ${of}`
  return [caution('secrets', message, `systemctl start '${service}'; journalctl -u '${service}' shows why`)]
}

function isSame(file: string, copy: string): boolean {
  return readPlainFile(file).equals(readFileSync(copy))
}
