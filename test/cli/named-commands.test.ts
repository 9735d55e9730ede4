import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { alertCommand } from '../../agent/cli/alert.ts'
import { backupCommand } from '../../agent/cli/backup.ts'
import { deviceCommand } from '../../agent/cli/device.ts'
import { doctorCommand } from '../../agent/cli/doctor.ts'
import { dutyCommand } from '../../agent/cli/duty.ts'
import { emergencyCommand } from '../../agent/cli/emergency.ts'
import { exportCommand } from '../../agent/cli/export.ts'
import { journalCommand } from '../../agent/cli/journal.ts'
import { keyCommand } from '../../agent/cli/key.ts'
import { restoreCommand } from '../../agent/cli/restore.ts'
import { serviceCommand } from '../../agent/cli/service.ts'
import { supportCommand } from '../../agent/cli/support.ts'
import { syncCommand } from '../../agent/cli/sync.ts'
import { tlsCommand } from '../../agent/cli/tls.ts'
import { updateCommand } from '../../agent/cli/update.ts'
import { WARNING_TEXTS } from '../../agent/texts/warnings.ts'
import { reportedWarningOf, warningOf } from '../../agent/watch/warnings.ts'

const COMMANDS = [
  ...[backupCommand(), restoreCommand(), deviceCommand(), doctorCommand(), journalCommand(), keyCommand()],
  ...[
    serviceCommand(),
    syncCommand(),
    dutyCommand(),
    emergencyCommand(),
    tlsCommand(),
    updateCommand(),
    exportCommand(),
    alertCommand(),
    supportCommand(),
  ],
]

/** The texts of warnings in every language, of the page and of tasks. */
const TEXTS = [
  'texts/agent-warnings.ts',
  'texts/card-warnings.ts',
  'texts/device-warnings.ts',
  'texts/page.ts',
  'texts/printer-warnings.ts',
  'texts/sync-warnings.ts',
  'texts/tse-warnings.ts',
  'sync/epoch-tasks.ts',
  'devices/tse-health.ts',
].map((file) => readFileSync(new URL(`../../agent/${file}`, import.meta.url), 'utf8'))

/** The untypable part of a command; undefined if the command is complete. */
function missingOf(named: string): string | undefined {
  const words = named.split(/[ .,;:)"'“”»\n`]+/)
  let commands: readonly Command[] = COMMANDS
  let command: Command | undefined
  while (words[0] !== undefined && commands.some((one) => one.name() === words[0])) {
    command = commands.find((one) => one.name() === words[0])
    commands = command?.commands ?? []
    words.shift()
  }
  if (command === undefined || commands.length > 0) return 'the command'
  const argument = command.registeredArguments.find(({ required }, at) => required && !isGiven(words[at]))
  if (argument !== undefined) return argument.name()
  return command.options.find(({ mandatory, long }) => mandatory && !words.includes(String(long)))?.long
}

/** In capitals, or filled in. */
function isGiven(word: string | undefined): boolean {
  return word !== undefined && /^([A-Z]+|\$\{\w+\}?)$/.test(word)
}

test('each command that a warning or a task names can be typed as it is written', () => {
  const named = TEXTS.flatMap((text) => [...text.matchAll(/fiskal-edge ([a-z][^\n]*)/g)]).flatMap(([, rest = '']) =>
    // Not the pattern by which they are completed.
    rest.split('fiskal-edge ').filter((one) => /^[a-z]/.test(one) && !one.includes('[a-z-]+')),
  )
  expect(named.length).toBeGreaterThan(80)
  const broken = named.map((one) => [one, missingOf(one)]).filter(([, missing]) => missing !== undefined)
  expect(broken).toEqual([])
})

test('with the device or target that it is about', () => {
  const of = { device: 'tse-1', target: 'cloud' }
  const remedies = Object.keys(WARNING_TEXTS).map((code) => reportedWarningOf(code, of).remedy)
  expect(remedies.filter((remedy) => /fiskal-edge (device|sync) [a-z-]+ (ID|TARGET)/.test(remedy))).toEqual([])
  expect(warningOf('device_memory_low', of).remedy).toContain('fiskal-edge device archive tse-1 --delete')
  expect(warningOf('sync_stranded', of).remedy).toContain('fiskal-edge sync dismiss cloud --reason TEXT')
})
