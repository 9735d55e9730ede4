import type { VerifyRules } from '../verify-rules.ts'

/** Offset of `ustar` in a POSIX archive (POSIX.1-1988). */
const TAR_MAGIC_OFFSET = 257
/** First bytes of a ZIP file, also of one without entries (APPNOTE 4.3.7, 4.3.16). */
const ZIP_MAGICS = ['PK\x03\x04', 'PK\x05\x06']

export const VERIFY: VerifyRules = {
  files: [
    {
      kind: 'tse_tar',
      recognizes: (start) => start.toString('latin1', TAR_MAGIC_OFFSET, TAR_MAGIC_OFFSET + 5) === 'ustar',
      check: async (...given) => (await import('./verify-files.ts')).checkArchive(...given),
    },
    {
      kind: 'dsfinvk',
      recognizes: (start) => ZIP_MAGICS.includes(start.toString('latin1', 0, 4)),
      check: async (...given) => (await import('./verify-files.ts')).checkPackage(...given),
    },
  ],
  codes: [
    {
      // DSFinV-K Anhang I.
      start: /^V\d+;/,
      open: () => async (code) => (await import('./verify-code.ts')).checkCode(code),
    },
  ],
  compare: async (...files) => (await import('./verify-together.ts')).compareFiles(...files),
}
