import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '../../agent/agent-config.ts'
import { ConfigError } from '../../agent/config/config.ts'
import { readReceiverConfig } from '../../agent/config/receiver.ts'

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0

function folderWithConfig(): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'config-'))
  const file = join(folder, 'agent.json')
  writeFileSync(file, JSON.stringify({ version: 1, state: 'state', listen: {}, devices: [] }))
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  onTestFinished(() => {
    vi.restoreAllMocks()
    rmSync(folder, { recursive: true })
  })
  return { folder, file }
}

function refusalOf(read: () => unknown): string {
  try {
    read()
    return ''
  } catch (error) {
    return error instanceof ConfigError ? `${error.code} ${error.message}` : String(error)
  }
}

test.runIf(isRoot)('root refuses an agent.json of another user in the working directory', () => {
  const { folder, file } = folderWithConfig()
  expect(readConfig(undefined).file).toBe(file)
  chownSync(file, NOBODY, NOBODY)
  expect(refusalOf(() => readConfig(undefined))).toBe(
    `config_of_another ${file}: ${file} belongs to user 65534, who decides what root reads there; if you trust it, name it: --config ${file}`,
  )
  expect(readConfig(file).file).toBe(file)
  chownSync(file, 0, 0)
  chownSync(folder, NOBODY, NOBODY)
  expect(refusalOf(() => readConfig(undefined))).toBe(
    `config_of_another ${file}: ${folder} belongs to user 65534, who decides what root reads there; if you trust it, name it: --config ${file}`,
  )
})

test.runIf(isRoot)('another user reads the agent.json of the working directory, whichever user owns it', () => {
  const { folder, file } = folderWithConfig()
  chownSync(file, NOBODY, NOBODY)
  chmodSync(folder, 0o755)
  process.seteuid?.(1000)
  try {
    expect(readConfig(undefined).file).toBe(file)
  } finally {
    process.seteuid?.(0)
  }
})

test.runIf(isRoot)('root refuses a receiver.json of another user in the working directory', () => {
  const { folder, file: agentFile } = folderWithConfig()
  const file = join(folder, 'receiver.json')
  const secret = join(folder, 'secret.db')
  chownSync(agentFile, NOBODY, NOBODY)
  expect(readReceiverConfig(undefined).store).toMatchObject({ kind: 'sqlite' })
  writeFileSync(file, JSON.stringify({ version: 1, store: { kind: 'sqlite', file: secret } }))
  expect(readReceiverConfig(undefined).store).toEqual({ kind: 'sqlite', file: secret })
  chownSync(file, NOBODY, NOBODY)
  const named = `if you trust it, name it: --config ${file}`
  expect(refusalOf(() => readReceiverConfig(undefined))).toBe(
    `config_of_another ${file}: ${file} belongs to user 65534, who decides what root reads there; ${named}`,
  )
  expect(readReceiverConfig(file).store).toEqual({ kind: 'sqlite', file: secret })
  chownSync(file, 0, 0)
  chownSync(folder, NOBODY, NOBODY)
  expect(refusalOf(() => readReceiverConfig(undefined))).toContain(`${folder} belongs to user 65534`)
})
