import { callDialect } from '../native/call-dialect.ts'

/**
 * Exports are not among the reading calls: each one holds the unit, and a deletion goes by the last one. A login is a
 * log.
 */
export const SWISSBIT_DIALECT = callDialect({
  reading: ['open', 'facts', 'needsReplacement', 'last', 'started', 'certificate'],
  secrets: ['seed', 'puk', 'adminPin', 'timeAdminPin', 'pin'],
  unlike: ['seconds', 'bytesMax'],
})
