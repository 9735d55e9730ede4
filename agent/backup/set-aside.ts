import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { syncNow } from '../../base/durable-file.ts'
import { mountsWithin } from '../state/mounts.ts'
import { moveWhole } from './move-whole.ts'

/** Files that mean nothing without their journal. */
export const COMPANIONS = [
  'journal.db-wal',
  'journal.db-shm',
  'journal.file',
  'verified.json',
  'proof.json',
  'backup.json',
  'backup.parts',
  'backup.named',
]
const MOVING = /^before-.+\.moving$/
const SUFFIX = '.moving'
/**
 * All that belongs to a journal. The journal first and its version last, by which a start knows that a journal existed:
 * a program that opens the folder in between, and does not finish, refuses it.
 */
const PLACES = [
  'journal.db',
  ...COMPANIONS,
  'seal.key',
  'checkpoint.key',
  'sealed',
  'devices',
  'exports',
  'archives',
  'segments',
  'clock.json',
  'places.json',
  'journal.version',
]

/** True if a person has put a part of the state on another disk, by a link or a mount. */
export function isSpread(stateDirectory: string): boolean {
  const isLink = (name: string): boolean =>
    lstatSync(join(stateDirectory, name), { throwIfNoEntry: false })?.isSymbolicLink() === true
  return PLACES.some(isLink) || mountsWithin(stateDirectory).length > 0
}

/**
 * Moves the state into a folder within its own, so that another one can begin. The making of that folder decides: before
 * it the state is whole where it was, after it any later start completes the move. To be called under the lock. Returns
 * the name of the folder; `time` is RFC 3339.
 */
export function setStateAside(stateDirectory: string, time: string, fault: (point: string) => void): string {
  const name = freeName(stateDirectory, time)
  fault('aside.named')
  mkdirSync(join(stateDirectory, `${name}${SUFFIX}`), { mode: 0o700 })
  syncNow(stateDirectory)
  fault('aside.decided')
  finishSettingAside(stateDirectory, fault)
  return name
}

/** Completes a move that was interrupted. To be called under the lock, before anything of the state is read. */
export function finishSettingAside(stateDirectory: string, fault: (point: string) => void = () => undefined): void {
  const moving = readdirSync(stateDirectory).find((name) => MOVING.test(name))
  if (moving === undefined) return
  const folder = join(stateDirectory, moving)
  for (const name of PLACES) {
    if (!existsSync(join(stateDirectory, name))) continue
    moveWhole(join(stateDirectory, name), join(folder, name), () => fault('aside.moved'))
  }
  renameSync(folder, join(stateDirectory, moving.slice(0, -SUFFIX.length)))
  syncNow(stateDirectory)
  fault('aside.completed')
}

/** `before-2026-11-27T08-15-00Z`. A machine without a battery begins each boot at the same time. */
function freeName(stateDirectory: string, time: string): string {
  const first = `before-${time.slice(0, 19).replaceAll(':', '-')}Z`
  const taken = new Set(readdirSync(stateDirectory))
  let name = first
  for (let number = 2; taken.has(name); number++) name = `${first}-${number}`
  return name
}
