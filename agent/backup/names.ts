import { DAY_MS, parseRfc3339, rfc3339 } from '../../base/clock.ts'

/** Backups of this agent alone, by their names; others in the folder are not touched. */
const NAME = /^fiskal-edge-([\w-]{1,8})-(\d{8})T(\d{6})Z\.backup$/
/** 1970-01-01 was a Thursday. */
const THURSDAY = 3

export type Keep = { daily: number; weekly: number; monthly: number }

/** `fiskal-edge-83176e3c-20261120T203000Z.backup` */
export function backupName(agentId: string, ms: number): string {
  return `fiskal-edge-${agentId.slice(0, 8)}-${rfc3339(ms).slice(0, 19).replaceAll(/[-:]/g, '')}Z.backup`
}

/**
 * The names in a folder of those backups of this agent that no rule keeps. The rules keep the newest of each of the
 * last days, weeks and months that have one, and the newest of all. Backups dated later than `nowMs` are left alone
 * until that time, and count for no rule: the clock is wrong, or it was, and the backup that was made just now is not
 * the newest by name.
 */
export function expendable(names: readonly string[], agentId: string, keep: Keep, nowMs: number): string[] {
  const newest = backupName(agentId, nowMs)
  const own = names.filter((name) => NAME.exec(name)?.[1] === agentId.slice(0, 8) && name <= newest).sort()
  const namesToKeep = new Set(own.slice(-1))
  const periods: [number, (name: string) => string][] = [
    [keep.daily, dayOf],
    [
      keep.weekly,
      (name) => String(Math.floor(((parseRfc3339(`${dayOf(name)}T00:00:00Z`) ?? 0) / DAY_MS + THURSDAY) / 7)),
    ],
    [keep.monthly, (name) => dayOf(name).slice(0, 7)],
  ]
  for (const [count, periodOf] of periods) {
    const last = new Map(own.map((name) => [periodOf(name), name]))
    for (const name of [...last.values()].slice(count === 0 ? last.size : -count)) namesToKeep.add(name)
  }
  return own.filter((name) => !namesToKeep.has(name))
}

/** The beginning of the day of the oldest backup of an agent, milliseconds since 1970; 0 if there is no backup. */
export function oldestBackupMs(names: readonly string[], agentId: string): number {
  const own = names.filter((name) => NAME.exec(name)?.[1] === agentId.slice(0, 8)).sort()
  return parseRfc3339(`${dayOf(own[0] ?? '')}T00:00:00Z`) ?? 0
}

function dayOf(name: string): string {
  const day = NAME.exec(name)?.[2] ?? ''
  return `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
}
