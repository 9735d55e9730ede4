import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { auditCommand } from '../../agent/cli/audit.ts'
import { journalCommand } from '../../agent/cli/journal.ts'

const { setPriority } = os
const priorities: number[] = []

beforeEach(() => {
  os.setPriority = (priority: number) => void priorities.push(priority)
  syncBuiltinESMExports()
})

afterEach(() => {
  os.setPriority = setPriority
  syncBuiltinESMExports()
  priorities.length = 0
})

test.each([
  { name: 'audit', command: auditCommand(), args: ['--out', '/nowhere/audit'] },
  { name: 'journal verify', command: journalCommand(), args: ['verify'] },
])('the command $name gives the processor to the tills first', async ({ command, args }) => {
  const parsed = command.parseAsync([...args, '--config', '/nowhere/agent.json'], { from: 'user' })
  await expect(parsed).rejects.toThrow('/nowhere')
  expect(priorities).toEqual([19])
})
