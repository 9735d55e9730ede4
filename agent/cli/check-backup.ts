import { lastBackup } from '../backup/last.ts'
import { parseRfc3339, systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Finding } from './checks.ts'
import { caution, ok } from './checks.ts'

const DAY_MS = 86_400_000
const LATE_DAYS = 2

/** How old the newest backup is, and whether another machine could go on from it. */
export function checkBackup({ state, backup }: Config): Finding {
  const last = lastBackup(state)
  const often = backup.keep.daily > 0 ? 'the running agent makes one each day' : 'set "backup" in the configuration'
  if (last === undefined) return caution('backup', 'none yet', `${often}; now: fiskal-edge backup FILE`)
  const days = Math.floor((systemClock.now() - (parseRfc3339(last.made_at) ?? 0)) / DAY_MS)
  const age = days < 1 ? 'of the last 24 hours' : `${days} days old`
  const message = `${age}, ${last.events} events: ${last.file}`
  if (days >= LATE_DAYS)
    return caution('backup', message, `${often}: is its folder there? now: fiskal-edge backup FILE`)
  if (!last.secrets)
    return caution(
      'backup',
      `${message}, without the keys`,
      'name a "passphraseFile" in "backup", else a restore has new keys',
    )
  if (last.file.startsWith(state))
    return caution('backup', `${message}, on the same disk`, 'name a "folder" on another disk or a stick in "backup"')
  return ok('backup', message)
}
