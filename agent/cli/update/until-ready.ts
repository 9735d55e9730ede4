import { setTimeout as pause } from 'node:timers/promises'
import { debianVersion } from '../../../base/version.ts'
import { adminSocketPath } from '../../config/admin-socket.ts'
import { findDaemon } from '../daemon/admin-client.ts'
import { isLive, show } from '../service/host.ts'

const LOOK_MS = 500
const LOOKS = 120
/** The service ends again and again: more time would not help. */
const RESTARTS_MAX = 5
/** For a journal of many years, read from its first event, on a slow disk. */
const LOOKS_MOST = 3600

/** True if the service starts again after the installation: it runs under systemd and is not disabled. */
export function isWaitedFor(): boolean {
  return isLive({ root: '/' }) && show('UnitFileState') === 'enabled'
}

/**
 * Waits until that version of the agent sells; returns undefined, or the known reasons why it does not. The limit is a
 * minute, without the time of a start that reports its work (a rebuild, a journal that another program holds).
 */
export async function untilReady(state: string, version: string): Promise<string | undefined> {
  const restartsBefore = restarts()
  let counted = 0
  for (let looks = 0; looks < LOOKS_MOST && counted < LOOKS; looks++) {
    if (await sells(state, version)) return undefined
    if (restarts() - restartsBefore >= RESTARTS_MAX) break
    if (!reportsProgress()) counted += 1
    await pause(LOOK_MS)
  }
  return (
    show('StatusText') || `the service is ${show('ActiveState') || 'unknown'}, restarted ${show('NRestarts')} times`
  )
}

/** The count of systemd so far; it begins again if a person starts the service. */
function restarts(): number {
  return Number(show('NRestarts'))
}

function reportsProgress(): boolean {
  return show('SubState') === 'start' && show('StatusText') !== ''
}

async function sells(state: string, version: string): Promise<boolean> {
  const daemon = await findDaemon(adminSocketPath(state), LOOK_MS).catch(() => undefined)
  const status = daemon?.status as { version?: unknown; ready?: unknown } | undefined
  return debianVersion(String(status?.version)) === version && status?.ready === true
}
