import type { System } from '../service/files.ts'
import { isPackaged } from '../service/files.ts'
import { installedPackage } from '../update/packages.ts'
import type { Finding } from './finding.ts'
import { failure } from './finding.ts'

/** An interrupted installation: the files may be of two versions. Empty for a clone, and for a complete package. */
export function checkPackage(system: System = { root: '/' }): Finding[] {
  if (!isPackaged(system)) return []
  const { version, isHalf } = installedPackage()
  if (!isHalf) return []
  const remedy = 'dpkg --configure fiskal-edge; if that fails: fiskal-edge update FILE finishes it'
  return [failure('package', `fiskal-edge ${version} is half installed`, remedy)]
}
