import type { TarExpectation, TarReport } from '../verify/tse/verify-tar.ts'
import { verifyTar } from '../verify/tse/verify-tar.ts'

/** Like `verifyTar`, for an archive in memory. */
export function verifyArchive(archive: Uint8Array, expectation?: TarExpectation): Promise<TarReport> {
  return verifyTar(
    (async function* () {
      yield archive
    })(),
    expectation,
  )
}
