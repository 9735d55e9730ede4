import { accessSync, constants, lstatSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { CodedError } from '../../../base/thrown.ts'
import type { Config } from '../../agent-config.ts'
import { readConfig } from '../../agent-config.ts'
import type { Outside } from '../../backup/format.ts'
import { pipesIn } from '../checks/state.ts'

/** A group that owns no file, instead of root's. */
const NO_GROUP = 65_534

/**
 * Flags with which root opens a file that another user may have put there: no link is followed, and no pipe is waited
 * for.
 */
export const AS_IT_LIES = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

export type Owner = { uid: number; gid: number }

/** Node has this function, its types do not (initgroups(3)). */
type Initgroups = NodeJS.Process & { initgroups(user: string, extraGroup: number): void }

/** The owner of a state directory in which root is to work; undefined for any other user, and if it belongs to root. */
export function otherOwner(state: string): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined
  // For a link, its own owner counts first, who can change its target.
  for (const look of [lstatSync, statSync]) {
    const stats = look(state, { throwIfNoEntry: false })
    if (stats !== undefined && stats.uid !== 0) return { uid: stats.uid, gid: stats.gid }
  }
  return undefined
}

/**
 * Makes this process permanently that user's, with the user's groups: all new files belong to the user, and no link of
 * the user leads to a place without the user's rights. Throws `state_unreachable`, `state_obstructed`, `program_unreachable`.
 */
export function become(owner: Owner, state: string): void {
  const { uid } = owner
  process.setgid?.(takeGroups(owner))
  process.setuid?.(uid)
  process.umask(0o077)
  if (!mayRead(import.meta.filename))
    throw new CodedError(
      'program_unreachable',
      `User ${uid}, to whom ${state} belongs, cannot read this program (${import.meta.dirname}): move its folder to /opt, or install the Debian package.`,
    )
  if (!mayRead(state))
    throw new CodedError(
      'state_unreachable',
      `${state} belongs to user ${uid}, who cannot get there: look at the owner and mode of each folder above it (namei -l ${state}).`,
    )
  const [pipe] = pipesIn(state)
  if (pipe !== undefined)
    throw new CodedError(
      'state_obstructed',
      `${pipe} is a pipe or a device, and a program that opens it waits forever: rm ${pipe}`,
    )
}

/**
 * Runs `work` with the rights of that user, and the acts that it passes to `outside` as root: no link in the state
 * leads to a place without the user's rights. Rights belong to the whole process, so acts run one after the other.
 */
export async function withRightsOf<Result>(owner: Owner, work: (outside: Outside) => Promise<Result>): Promise<Result> {
  const [groups, group] = [process.getgroups?.() ?? [], takeGroups(owner)]
  const enter = (): void => {
    process.setegid?.(group)
    process.seteuid?.(owner.uid)
  }
  const leave = (): void => {
    process.seteuid?.(0)
    process.setegid?.(0)
  }
  enter()
  try {
    return await work((act) => {
      leave()
      return act().finally(enter)
    })
  } finally {
    leave()
    process.setgroups?.(groups)
  }
}

/** Takes the groups of that user; returns the primary one. */
function takeGroups({ uid, gid }: Owner): number {
  const account = accountOf(uid)
  // The folder may still have root's group.
  const group = account?.gid ?? (gid === 0 ? NO_GROUP : gid)
  if (account === undefined) process.setgroups?.([group])
  else (process as Initgroups).initgroups(account.username, group)
  return group
}

export function mayRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** Undefined if there is no account with that uid. */
function accountOf(uid: number): { username: string; gid: number } | undefined {
  process.seteuid?.(uid)
  try {
    return userInfo()
  } catch {
    return undefined
  } finally {
    process.seteuid?.(0)
  }
}

/** The configuration of a command that works only in the state directory: from now on this process is its owner. */
export function enterState(configFile: string | undefined): Config {
  const { config } = readConfig(configFile)
  becomeOwner(config)
  return config
}

/** Makes this process the owner of the state directory. */
export function becomeOwner({ state }: Config): void {
  const owner = otherOwner(state)
  if (owner !== undefined) become(owner, state)
}
