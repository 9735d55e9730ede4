import type { AuditFile, AuditRules } from '../audit-rules.ts'

/** Both protocols of each register. */
export const AUDIT: AuditRules = {
  files: (registers) =>
    registers.flatMap(({ id }): AuditFile[] => [
      { file: `dep7-${id}.json`, type: 'dep7', registerId: id },
      { file: `dep131-${id}.csv`, type: 'dep131', registerId: id },
    ]),
}
