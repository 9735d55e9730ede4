import promises, { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { BlockFile } from '../../../drivers/links/block-file.ts'
import { fileFault, saysFileRemedy } from '../../../drivers/links/file-faults.ts'
import { SwissbitUnit } from '../../../drivers/tse-swissbit/unit.ts'
import { heavy } from '../../tags.ts'
import { optionsOn } from '../tse-swissbit/bench.ts'

/** The system refuses to open the file of a unit, or to look at it, with that code; until the test ends. */
function refuseWith(code: string): void {
  const { open, access } = promises
  const refuse = () => Promise.reject(Object.assign(new Error(code), { code }))
  Object.assign(promises, { open: refuse, access: refuse })
  syncBuiltinESMExports()
  onTestFinished(() => {
    Object.assign(promises, { open, access })
    syncBuiltinESMExports()
  })
}

const faults = [
  ['EROFS', 'read-only: look at "dmesg" for the reason, then mount it again'],
  ['EACCES', 'this user may not use it'],
  ['ENOSPC', 'its drive is full'],
  ['EIO', 'it does not read or write: look at "dmesg"'],
] as const

async function drive(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ff-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

test.each(faults)(
  'a TSE whose drive refuses its file with %s is unavailable, by name and with what to do',
  async (code, words) => {
    const folder = await drive()
    refuseWith(code)
    const announced = { sent: (block: Buffer) => block, heard: (block: Buffer) => block }
    const file = new BlockFile({ path: join(folder, 'TSE-IO.bin'), blockBytes: 512, announced })
    const refused = { code: 'unavailable', effect: 'none', deviceCode: code, message: expect.stringContaining(words) }
    await expect(file.connect()).rejects.toMatchObject(refused)
  },
)

test(
  'a Swissbit TSE on a drive that came back read-only is reported as that, and a protected file bars nothing',
  heavy(),
  async () => {
    const folder = await drive()
    await writeFile(join(folder, 'TSE_INFO.DAT'), 'a unit')
    refuseWith('EROFS')
    const unit = new SwissbitUnit({ ...optionsOn(folder, '/nowhere/libWormAPI.so'), path: folder })
    onTestFinished(() => unit.close())
    await expect(unit.open()).rejects.toThrow('(EROFS): it is read-only: look at "dmesg"')
    refuseWith('EACCES')
    await expect(unit.open()).rejects.toThrow('libWormAPI.so is not a library')
  },
)

test('a serial port, whose error has words and no code, is named in the same way', () => {
  const message = fileFault('/dev/ttyS0', new Error('Error: Permission denied, cannot open /dev/ttyS0'))
  expect(message).toBe(
    '/dev/ttyS0 (EACCES): this user may not use it: run "fiskal-edge service install", or look at its mount',
  )
  expect([saysFileRemedy(message), saysFileRemedy('the device was not found')]).toEqual([true, false])
})
