import { readdirSync, readFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { openPty } from '../../../drivers/links/pty.ts'

test('a pseudo-terminal is of no group that a Ctrl-C or a closed terminal signals: its cable is not pulled by them', async () => {
  const own = groupOf('self')
  const before = new Set(processes())
  const line = await openPty(systemClock)
  const holders = processes().filter((pid) => !before.has(pid) && parentOf(pid) === process.pid)
  expect(holders.map(nameOf)).toEqual(['script'])
  expect(holders.map(groupOf)).not.toContain(own)
  await line.end()
})

test('a line that ends during its naming leaves no link: its node number may belong to another line at once', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'pty-'))
  const line = await openPty(systemClock)
  const named = line.nameAs(join(folder.path, 'line'))
  await Promise.all([line.end(), named])
  await line.nameAs(join(folder.path, 'later'))
  expect(readdirSync(folder.path)).toEqual([])
})

function processes(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

/** proc(5): pid (name) state ppid pgrp …; empty if the process has ended. */
function statOf(pid: string): { name: string; rest: string[] } {
  try {
    const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return { name, rest: rest.split(' ') }
  } catch {
    return { name: '', rest: [] }
  }
}

function nameOf(pid: string): string {
  return statOf(pid).name
}

function parentOf(pid: string): number {
  return Number(statOf(pid).rest[1])
}

function groupOf(pid: string): string | undefined {
  return statOf(pid).rest[2]
}
