import { rmSync } from 'node:fs'
import { lockersOf } from '../../journal/disk/holders.ts'
import { openFilesOf, processName } from '../checks/processes.ts'
import { ServiceError } from '../service/host.ts'
import { LOG, run } from './commands.ts'
import type { Package } from './packages.ts'
import { installedPackage } from './packages.ts'

/** dpkg takes both, apt the first one for its whole work. */
const LOCKS = ['/var/lib/dpkg/lock-frontend', '/var/lib/dpkg/lock']

/** Before anything stops: dpkg would fail after the sales have ended. Throws `update_busy` with the holder. */
export function demandFreeDpkg(locks: readonly string[] = LOCKS): void {
  for (const lock of locks) {
    const holder = lockersOf(lock).find((pid) => openFilesOf(pid).includes(lock))
    if (holder !== undefined) throw busy(`process ${holder} (${processName(holder)})`)
  }
}

function busy(holder: string): ServiceError {
  return new ServiceError(
    'update_busy',
    `${holder} installs packages on this machine: wait until it has ended, then repeat. Nothing was changed; the shop sells on.`,
  )
}

/** A running sale is answered before the service stops. Throws in our words; a refused copy is not kept. */
export function install({ file, version }: Package): void {
  const { isDone, text } = run('dpkg', ['-i', file])
  if (isDone) return
  const failure = failureOf(text, version)
  if (failure.code === 'update_failed') rmSync(file, { force: true })
  throw failure
}

function failureOf(text: string, version: string): ServiceError {
  if (/lock/i.test(text) && /another process|is locked/i.test(text)) return busy('Another program')
  const ours = text.split('\n').find((line) => line.startsWith('fiskal-edge: '))
  if (/no space left/i.test(text))
    return new ServiceError(
      'update_no_space',
      `The disk has no room for fiskal-edge ${version}: free space (df -h /opt /var). ${present()}`,
    )
  const why =
    ours === undefined ? `dpkg did not install fiskal-edge ${version}.` : `${ours.replace(/^fiskal-edge: /, '')}`
  return new ServiceError('update_failed', `${why} ${present()} The text of dpkg is in ${LOG}.`)
}

/** The state of the package afterwards. */
function present(): string {
  const { version, isHalf } = installedPackage()
  return isHalf
    ? `The package is half installed: fiskal-edge update FILE finishes it.`
    : `fiskal-edge ${version} is still installed.`
}
