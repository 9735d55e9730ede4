import type { CodeChecker, VerifyRules } from '../verify-rules.ts'

/** How a Datenerfassungsprotokoll begins (RKSV Anlage Z 3). */
const DEP7_START = /^\s*\{\s*"Belege-Gruppe"/

export const VERIFY: VerifyRules = {
  material: 'for a DEP7 or an Austrian code: the file of `export rksv_crypto`, or the certificate of the unit',
  files: [
    {
      kind: 'dep7',
      recognizes: (start) => DEP7_START.test(start.toString('utf8')),
      check: async (...given) => (await import('./verify-files.ts')).checkDep7(...given),
    },
  ],
  codes: [
    {
      // RKSV Anlage Z 12.
      start: /^_R\d/,
      open: (given) => {
        let checker: ReturnType<CodeChecker['open']> | undefined
        return async (code) => {
          checker ??= (await import('./verify-files.ts')).codeChecker(given)
          return checker(code)
        }
      },
    },
  ],
  compare: async (...files) => (await import('./verify-together.ts')).compareFiles(...files),
}
