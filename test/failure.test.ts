import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeBackup } from '../agent/backup/make.ts'
import { describeFailure } from '../agent/failure.ts'
import { openReadOnly } from '../agent/journal/reader.ts'
import { PARTS } from './backup/parts.ts'
import { temporaryDirectory } from './journal/temporary-journal.ts'

test.each([
  ['EADDRNOTAVAIL', 'listen', /^address_unusable: .*correct listen\.host/],
  ['ENOTFOUND', undefined, /^host_unknown: .*correct it \(listen\.host/],
  ['name_server_silent', undefined, /^name_server_silent: .*\/etc\/resolv\.conf.*\/etc\/hosts/],
  ['EACCES', 'listen', /^permission_denied: .*below 1024 .*listen\.port/],
  // The error of a socket on vfat, and on exFAT by FUSE.
  ['EPERM', 'listen', /^path_unusable: .*does not support sockets .*"state"/],
  ['EIO', 'listen', /^path_unusable: .*does not support sockets .*"state"/],
  ['EACCES', 'open', /^permission_denied: .*chown/],
  ['EFBIG', 'write', /^storage_unavailable: .*FAT: 4 GB/],
  ['EMFILE', 'open', /^limit_reached: .*LimitNOFILE/],
  ['EAGAIN', 'spawn node', /^limit_reached: .*TasksMax/],
  ['ELOOP', 'open', /^path_unusable: .*Check the path/],
  ['ESTALE', 'open', /^path_unusable: .*mount it again/],
  ['EAFNOSUPPORT', 'listen', /^address_unusable: .*listen\.host/],
])('%s of %s is reported with its remedy', (code, syscall, words) => {
  expect(describeFailure(Object.assign(new Error('it said'), { code, syscall }))).toMatch(words)
})

test('a folder that another user may not read is not reported as one without a journal', async () => {
  const state = join(await temporaryDirectory(), 'state')
  // An error that every user gets from the system.
  symlinkSync(state, state)
  expect(() => openReadOnly(state)).toThrow(expect.objectContaining({ code: 'ELOOP' }))
  const backup = makeBackup({ ...PARTS, stateDirectory: state, path: join(state, 'b'), passphrase: undefined })
  await expect(backup).rejects.toMatchObject({ code: 'ELOOP' })
})
