import type { Command } from 'commander'
import { codeOf } from '../../base/thrown.ts'
import { readConfig } from '../agent-config.ts'
import { adminSocketPath } from '../config/admin-socket.ts'
import { diagnosisText } from '../watch/diagnosis.ts'
import type { Common } from './arguments/options.ts'
import { commonCommand } from './arguments/options.ts'
import { askDiagnosis } from './daemon/admin-client.ts'
import type { SilentProcess } from './diag/silent-process.ts'
import { lookAtProcess, silentText } from './diag/silent-process.ts'
import { printJson, printLines } from './terminal/output.ts'

export function diagCommand(): Command {
  return commonCommand('diag', 'show what the running agent is doing, and what it waits for').action(
    async (options: Common) => {
      const { state } = readConfig(options.config).config
      const diagnosis = await askDiagnosis(adminSocketPath(state)).catch((error: unknown) => {
        if (codeOf(error) !== 'timeout') throw error
        return 'silent' as const
      })
      if (typeof diagnosis === 'object')
        return options.json ? printJson(diagnosis) : printLines(diagnosisText(diagnosis))
      process.exitCode = 1
      const { lockHolder } = await import('../journal/disk/lock.ts')
      const pid = lockHolder(state)
      const seen = pid === undefined ? undefined : lookAtProcess(pid)
      if (options.json) printJson({ silent: diagnosis === 'silent', process: seen ?? null })
      else printLines(wordsOf(diagnosis === 'silent', seen))
    },
  )
}

function wordsOf(isSilent: boolean, seen: SilentProcess | undefined): string {
  if (seen !== undefined) return silentText(seen, isSilent)
  return isSilent ? 'The agent does not answer, and no process holds its lock.' : 'The agent does not run.'
}
