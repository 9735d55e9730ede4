import type { TarExpectation, TarReport } from '../drivers/tr03151/verify-tar.ts'
import { verifyTar } from '../drivers/tr03151/verify-tar.ts'

/** Like `verifyTar`, for an archive in memory. */
export const verifyArchive = (archive: Uint8Array, expectation?: TarExpectation): Promise<TarReport> =>
  verifyTar(
    (async function* () {
      yield archive
    })(),
    expectation,
  )
